// torus/core/task_group.hpp: children that end before the block does.
#pragma once

#include <concepts>
#include <exception>
#include <source_location>

#include <torus/core/awaitable.hpp>
#include <torus/core/interruption.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

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
/// @throws the first error; invalid_state_error if it was awaited before
/// @cancel cancels the closure and the children, waits for them, then throws; an error of theirs goes first, and the
///         cancellation then stays pending
/// @source asyncio.TaskGroup, Trio's nurseries
class [[nodiscard("co_await it")]] task_group final : private task_owner {
public:
    template <class Closure>
        requires std::invocable<std::decay_t<Closure>&, task_group&>
    explicit task_group(Closure&& body) : body_(call_body<std::decay_t<Closure>>(std::forward<Closure>(body), *this)) {
        static_assert(safe_temporary<Closure>, "g++ 12 destroys this closure twice: name it first");
    }
    task_group(task_group&&) = delete;
    ~task_group() = default;

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

    /// Ends the group early without an error: cancels the closure and the children. Harmless when repeated.
    void cancel() noexcept;

    async<> operator co_await() && { return run(); }

private:
    class children_done;

    template <class Closure> static async<> call_body(Closure body, task_group& self) {
        if constexpr (coroutine_closure<Closure, task_group&>) co_await body(self);
        else body(self);
        co_return;
    }

    async<> run();
    bool accepts_children() const noexcept;
    [[noreturn]] void refuse_child() const;
    task_record& add_child(promise_base& root, std::string_view name, std::source_location created);
    void child_done(task_record& child) noexcept override;
    void note_error(std::exception_ptr error, const task_record* culprit) noexcept;
    void report_sibling(std::exception_ptr error, const task_record* culprit) const noexcept;
    void abort() noexcept;

    enum class state : std::uint8_t { unentered, open, aborting, ended };

    async<> body_;
    task_record* children_ = nullptr;  // those that are not done, linked by their sibling pointers, youngest first
    children_done* joiner_ = nullptr;  // the parent, once it waits for the children
    interruption* interrupting_ = nullptr;  // how to end the closure early, while it runs
    std::exception_ptr error_;  // the first one
    state state_ = state::unentered;
    bool child_cancelled_ = false;  // by the group
    bool entered_ = false;
};

}  // namespace torus::inline v0
