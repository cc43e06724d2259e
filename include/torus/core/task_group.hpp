// torus/core/task_group.hpp: children that end before the block does.
#pragma once

#include <concepts>
#include <exception>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/awaitable.hpp>
#include <torus/core/interruption.hpp>
#include <torus/core/task.hpp>
#include <torus/core/task_status.hpp>

namespace torus::inline v0 {

/// @{ How a task group takes the errors of its children; see `task_group`.
struct supervise_policy {};
struct strict_groups_policy {};
inline constexpr supervise_policy supervise;
inline constexpr strict_groups_policy strict_groups;
/// @}

/// Runs a closure that may start children, and ends when it and all of them are done.
///
///     co_await task_group([&](task_group& tg) -> async<> {
///         auto ann = tg.create_task(fetch_user(1));
///         auto bob = tg.create_task(fetch_user(2));
///         print((co_await ann).name, " and ", (co_await bob).name);
///     });
///
/// The first error, of a child or of the closure, cancels everything else in the group, the closure included; when all
/// of it has ended, that error is thrown unchanged. Further errors go to the error handler, named as siblings of the
/// first. A child that is cancelled alone is no error. Children may start children. The group exists only within its
/// `co_await`, so none can outlive it: children may refer to the caller's locals.
///
/// `task_group(strict_groups, closure)` throws an `exception_group` of all errors, even of one. With
/// `task_group(supervise, closure)` an error of a child is not the group's: it is whoever's awaits the child, or else
/// reported, and the others go on; an error of the closure ends the group as ever. A `keyboard_interrupt` is always
/// thrown alone, and the errors beside it are reported.
///
/// @throws the first error; invalid_state_error if it was awaited before
/// @cancel cancels the closure and the children, waits for them, then throws; an error of theirs goes first, and the
///         cancellation then stays pending
/// @source asyncio.TaskGroup, Trio's nurseries
class [[nodiscard("co_await it")]] task_group final : private task_owner {
public:
    template <class Closure>
        requires std::invocable<std::decay_t<Closure>&, task_group&>
    explicit task_group(Closure&& body, std::source_location where = std::source_location::current())
        : body_(call_body<std::decay_t<Closure>>(std::forward<Closure>(body), *this)), where_(where) {
        static_assert(safe_temporary<Closure>, "g++ 12 destroys this closure twice: name it first");
    }
    template <class Closure>
    task_group(supervise_policy, Closure&& body, std::source_location where = std::source_location::current())
        : task_group(std::forward<Closure>(body), where) {
        policy_ = policy::supervising;
    }
    template <class Closure>
    task_group(strict_groups_policy, Closure&& body, std::source_location where = std::source_location::current())
        : task_group(std::forward<Closure>(body), where) {
        policy_ = policy::strict;
    }
    task_group(task_group&&) = delete;
    ~task_group() {
        if (!entered_) [[unlikely]]
            report_unawaited();
    }

    /// Starts a child. From the closure, and from other children, until all have ended. Where the group is being
    /// cancelled, and the caller hasn't been told yet, the child never begins.
    /// @throws invalid_state_error  the group has ended or is being cancelled; the coroutine is destroyed
    template <class T>
    task<T> create_task(async<T> coroutine, task_options options = {},
                        std::source_location created = std::source_location::current()) {
        if (!accepts_children()) {
            coroutine.discard();
            refuse_child();
        }
        const task<T> child(add_child(coroutine.release().promise(), options.name, created));
        begin_task(child.record(), options);
        return child;
    }

    /// Starts a child that owns its function object and arguments.
    template <class Function, class... Arguments>
        requires coroutine_function<Function, Arguments...>
    auto create_task(Function&& function, Arguments&&... arguments) {
        return create_task(call_owned<std::decay_t<Function>, std::decay_t<Arguments>...>(
            std::forward<Function>(function), std::forward<Arguments>(arguments)...));
    }

    /// The same with options, for a function without arguments.
    template <class Function>
        requires coroutine_function<Function>
    auto create_task(Function&& function, task_options options,
                     std::source_location created = std::source_location::current()) {
        return create_task(call_owned<std::decay_t<Function>>(std::forward<Function>(function)), options, created);
    }

    /// Starts `function(status, arguments...)` as a child, and waits until it calls `status.started(value)`: gives that
    /// value. Until then what the child throws is thrown here, and is no error of the group.
    ///
    ///     async<> serve(task_status<address>& status, int port);
    ///     auto at = co_await tg.start(serve, 8080);
    ///
    /// @throws what the child threw; invalid_state_error if it ended without having been ready, or if the group has
    ///         ended or is being cancelled
    /// @cancel cancels the child and waits for its end, then throws; if it is ready all the same, the value is given,
    ///         and the cancellation stays pending
    template <class Function, class... Arguments> auto start(Function&& function, Arguments&&... arguments) {
        return start<status_value_t<Function>>(std::forward<Function>(function), std::forward<Arguments>(arguments)...);
    }

    /// The same where the function's parameters don't tell the value's type: `tg.start<int>(generic_lambda)`.
    template <class T, class Function, class... Arguments>
        requires is_async<std::invoke_result_t<std::decay_t<Function>&, task_status<T>&, std::decay_t<Arguments>...>>
    async<T> start(Function&& function, Arguments&&... arguments) {
        static_assert(safe_temporary<Function>, "g++ 12 destroys this closure twice: name it first");
        return start_owned<T, std::decay_t<Function>, std::decay_t<Arguments>...>(
            *this, std::forward<Function>(function), std::forward<Arguments>(arguments)...);
    }

    /// Ends the group early without an error: cancels the closure and the children. Harmless when repeated.
    void cancel() noexcept;

    async<> operator co_await() && { return run(); }

private:
    class children_done;
    friend class child_start;

    template <class Closure> static async<> call_body(Closure body, task_group& self) {
        if constexpr (coroutine_closure<Closure, task_group&>) co_await body(self);
        else body(self);
        co_return;
    }

    template <class T, class Function, class... Arguments>
    static async<T> start_owned(task_group& self, Function function, Arguments... arguments) {
        typename task_status<T>::place place;
        self.require_open();
        promise_base& root = run_started<T>(place, std::move(function), std::move(arguments)...).release().promise();
        task_record& child = self.add_child(root, std::string_view(), root.location());
        co_await child_start(self, child, place);
        if constexpr (!std::is_void_v<T>) co_return std::move(*place.value);
    }
    template <class T, class Function, class... Arguments>
    static async<> run_started(typename task_status<T>::place& place, Function function, Arguments... arguments) {
        task_status<T> status(place);
        co_await function(status, std::move(arguments)...);
    }

    void report_unawaited() noexcept;
    async<> run();
    bool accepts_children() const noexcept;
    void require_open() const {
        if (!accepts_children()) refuse_child();
    }
    [[noreturn]] void refuse_child() const;
    task_record& add_child(promise_base& root, std::string_view name, std::source_location created);
    void child_done(task_record& child) noexcept override;
    cancel_scope* scope_of_children() const noexcept override { return scope_; }
    task_record* awaiting_task() const noexcept override { return parent_; }
    void remove_child(task_record& child) noexcept;
    void end_with_errors() const;
    void note_error(std::exception_ptr error, const task_record* culprit) noexcept;
    void report_sibling(std::exception_ptr error, const task_record* culprit) const noexcept;
    void abort() noexcept;

    enum class state : std::uint8_t { unentered, open, aborting, ended };
    enum class policy : std::uint8_t { first_error, supervising, strict };

    async<> body_;
    std::source_location where_;
    task_record* children_ = nullptr;  // those that are not done, linked by their sibling pointers, youngest first
    task_record* parent_ = nullptr;  // once it has been entered
    children_done* joiner_ = nullptr;  // the parent, once it waits for the children
    cancel_scope* scope_ = nullptr;  // that it was entered in
    interruption* interrupting_ = nullptr;  // how to end the closure early, while it runs
    std::exception_ptr error_;  // the first one
    std::vector<std::exception_ptr> further_;  // the others, where the policy is strict
    state state_ = state::unentered;
    policy policy_ = policy::first_error;
    bool child_cancelled_ = false;  // by the group
    bool entered_ = false;
};

}  // namespace torus::inline v0
