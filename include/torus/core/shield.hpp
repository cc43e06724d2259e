// torus/core/shield.hpp: keeping a cancellation away from what must not be interrupted.
#pragma once

#include <coroutine>
#include <type_traits>
#include <utility>

#include <torus/core/awaitable.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

/// What `shield(task)` returns.
class shielding_base : public waiter {
public:
    bool await_ready() const noexcept { return target_->done(); }
    bool await_suspend(std::coroutine_handle<> h);

protected:
    explicit shielding_base(task_record& target) noexcept : waiter(wait_kind::shield), target_(&target) {}
    shielding_base(shielding_base&& idle) noexcept = default;
    ~shielding_base() = default;
    void finish_shield();

private:
    void cancel() noexcept override;
    task_record* target_;
};

template <class T> class [[nodiscard("co_await it")]] shielding final : public shielding_base {
public:
    explicit shielding(task<T> inner) noexcept : shielding_base(inner.record()), inner_(std::move(inner)) {}
    T await_resume() {
        finish_shield();
        return inner_.result();
    }

private:
    task<T> inner_;
};

/// What `shield(coroutine)` returns: it owns the coroutine, and so never leaves it running.
class shielding_coroutine_base : public waiter, private task_owner {
public:
    bool await_ready() const noexcept { return false; }

protected:
    shielding_coroutine_base() noexcept : waiter(wait_kind::shield) {}
    shielding_coroutine_base(shielding_coroutine_base&& idle) noexcept
        : waiter(static_cast<waiter&&>(idle)), task_owner() {}
    ~shielding_coroutine_base() = default;
    void suspend_for(std::coroutine_handle<> h);
    task_record& start(promise_base& root);
    void finish_shield(task_record& inner);

private:
    void cancel() noexcept override {}  // held until the inner one has ended
    void child_done(task_record& child) noexcept override;
    task_record* awaiting_task() const noexcept override { return waiting_task(); }
};

template <class T> class [[nodiscard("co_await it")]] shielding_coroutine final : public shielding_coroutine_base {
public:
    explicit shielding_coroutine(async<T> inner) noexcept : coroutine_(std::move(inner)) {}
    void await_suspend(std::coroutine_handle<> h) {
        running_ = task<T>(start(coroutine_.release().promise()));
        suspend_for(h);
    }
    T await_resume() {
        finish_shield(running_.record());
        if constexpr (std::is_void_v<T>) return running_.result();
        else return std::forward<T>(running_.result());
    }

private:
    async<T> coroutine_;
    task<T> running_;
};

/// Waits for a task without passing a cancellation on to it: it goes on, and reports to whoever else waits for it.
///
/// @throws what the task threw
/// @cancel thrown at once; the task goes on
/// @source asyncio.shield
template <class T> shielding<T> shield(task<T> inner) noexcept { return shielding<T>(std::move(inner)); }

/// Runs something that must not be interrupted, a rollback say: it runs as a task of its own.
///
///     co_await shield(connection.rollback());
///
/// @throws what it threw
/// @cancel held until it has ended, then thrown; if it ended with an error, that is thrown, and the cancellation stays
///         pending. It runs even if a cancellation is pending already
template <class A>
    requires awaitable<A> && (!std::derived_from<std::decay_t<A>, any_task>)
auto shield(A&& inner) {
    auto coroutine = as_coroutine(std::forward<A>(inner));
    return shielding_coroutine<typename decltype(coroutine)::value_type>(std::move(coroutine));
}

/// The same for a block: `shielded([&]() -> async<> { … })`.
/// @cancel as shield() of a coroutine
template <class Closure>
    requires coroutine_closure<Closure>
auto shielded(Closure&& body) {
    static_assert(safe_temporary<Closure>, "g++ 12 destroys this closure twice: name it first");
    return shield(call_owned<std::decay_t<Closure>>(std::forward<Closure>(body)));
}

}  // namespace torus::inline v0
