// torus/core/task.hpp: task<T>, a coroutine that runs on its own, and create_task.
#pragma once

#include <concepts>
#include <source_location>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <torus/core/any_task.hpp>
#include <torus/core/async.hpp>

namespace torus::inline v0 {

/// The context that a task is to run in, as an option: it refers to it.
class chosen_context {
public:
    constexpr chosen_context() noexcept = default;
    chosen_context(const context& chosen) noexcept;
    context_cell* cell() const noexcept { return cell_; }

private:
    context_cell* cell_ = nullptr;
};

struct task_options {
    std::string_view name = {};  // shown in reports; "Task-N" if empty
    bool eager = false;          // runs up to the first real suspension within create_task
    chosen_context context = {};  // runs in this one, and shares it; else in a copy of its creator's
};

/// A running coroutine: awaitable many times, cancellable, named. Copies refer to the same task.
///
/// The loop keeps the task alive: dropping every handle neither stops nor destroys it. An error that nobody looks at
/// is reported.
///
///     task<int> t = create_task(answer());
///     int& n = co_await t;                  // the result stays in the task
///     int m = co_await std::move(t);        // takes it out
///
/// @cancel awaiting passes a cancellation on to the task, waits for its end, then throws. If the task succeeds all the
///         same, its result is delivered and the cancellation stays pending. See `shield`.
template <class T = void> class task : public any_task {
public:
    using value_type = T;
    using any_task::any_task;

    /// The result of a task that is done.
    /// @throws invalid_state_error  it is not done; otherwise what the task ended with
    std::add_lvalue_reference_t<T> result() const {
        require_done();
        record().mark_observed();
        return promise().result();
    }

    /// As `any_task::add_done_callback`; the function may take a `const task<T>&`.
    template <class Function>
    callback_handle add_done_callback(Function function,
                                      std::source_location where = std::source_location::current()) const;

    class awaiter final : public joining {
    public:
        explicit awaiter(const task& t) noexcept : joining(t.record()), task_(t) {}
        std::add_lvalue_reference_t<T> await_resume() {
            finish_join();
            return task_.promise().result();
        }

    private:
        task task_;  // keeps the result alive
    };
    class taking_awaiter final : public joining {
    public:
        explicit taking_awaiter(task t) noexcept : joining(t.record()), task_(std::move(t)) {}
        T await_resume() {
            finish_join();
            if constexpr (std::is_void_v<T>) return task_.promise().result();
            else return std::forward<T>(task_.promise().result());
        }

    private:
        task task_;
    };
    awaiter operator co_await() const& { return awaiter(*this); }
    taking_awaiter operator co_await() && { return taking_awaiter(std::move(*this)); }

private:
    using promise_type = typename async<T>::promise_type;
    promise_type& promise() const noexcept { return static_cast<promise_type&>(record().root()); }
};

template <class T> inline constexpr bool is_async = false;
template <class T> inline constexpr bool is_async<async<T>> = true;

/// A function that returns a coroutine when it is called with copies of these arguments.
template <class Function, class... Arguments>
concept coroutine_function = is_async<std::invoke_result_t<std::decay_t<Function>&, std::decay_t<Arguments>...>>;

/// Starts a coroutine as a task of its own. Its first step runs in a later pass, in order of creation.
///
/// @throws std::runtime_error  no loop runs on this thread; the coroutine is destroyed
template <class T>
task<T> create_task(async<T> coroutine, task_options options = {},
                    std::source_location created = std::source_location::current());

/// Starts `function(arguments...)` as a task, which keeps the function object and copies of the arguments alive.
/// This is the way to start a lambda that captures something.
template <class Function, class... Arguments>
    requires coroutine_function<Function, Arguments...>
auto create_task(Function&& function, Arguments&&... arguments);

/// The same with options, for a function without arguments: `create_task(work, {.name = "worker"})`.
template <class Function>
    requires coroutine_function<Function>
auto create_task(Function&& function, task_options options,
                 std::source_location created = std::source_location::current());

/// Starts a task that nobody waits for. Its errors go to the error handler; `run` cancels it at its end.
template <class T>
void spawn(async<T> coroutine, task_options options = {},
           std::source_location created = std::source_location::current());
template <class Function, class... Arguments>
    requires coroutine_function<Function, Arguments...>
void spawn(Function&& function, Arguments&&... arguments);

/// Takes or schedules the first step of a task that has been prepared.
void begin_task(task_record& prepared, task_options options);

// ------------------------------------------------------------------------------------------------------------------

template <class T> task<T> create_task(async<T> coroutine, task_options options, std::source_location created) {
    if (!running.loop) {
        coroutine.discard();
        throw_no_loop();
    }
    promise_base& root = coroutine.release().promise();
    if (!options.eager && !running.eager_tasks && !options.context.cell()) [[likely]]
        return task<T>(task_record::start(root, options.name, nullptr, created));
    const task<T> begun(task_record::prepare(root, options.name, nullptr, created));
    begin_task(begun.record(), options);
    return begun;
}

/// Calls a function object, or a member of its first argument, that it owns, with arguments that it owns.
template <class Function, class... Arguments>
std::invoke_result_t<Function&, Arguments...> call_owned(Function function, Arguments... arguments) {
    co_return co_await std::apply(function, std::forward_as_tuple(std::move(arguments)...));
}

template <class Function, class... Arguments>
    requires coroutine_function<Function, Arguments...>
auto create_task(Function&& function, Arguments&&... arguments) {
    return create_task(call_owned<std::decay_t<Function>, std::decay_t<Arguments>...>(
        std::forward<Function>(function), std::forward<Arguments>(arguments)...));
}

template <class Function>
    requires coroutine_function<Function>
auto create_task(Function&& function, task_options options, std::source_location created) {
    return create_task(call_owned<std::decay_t<Function>>(std::forward<Function>(function)), options, created);
}

template <class T> void spawn(async<T> coroutine, task_options options, std::source_location created) {
    static_cast<void>(create_task(std::move(coroutine), options, created));
}

template <class Function, class... Arguments>
    requires coroutine_function<Function, Arguments...>
void spawn(Function&& function, Arguments&&... arguments) {
    static_cast<void>(create_task(std::forward<Function>(function), std::forward<Arguments>(arguments)...));
}

}  // namespace torus::inline v0
