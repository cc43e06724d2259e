// torus/core/cancel_scope.hpp: a cancellation that lasts until what it is about has been left.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <torus/core/awaitable.hpp>
#include <torus/core/clock.hpp>
#include <torus/core/coroutine_of.hpp>
#include <torus/core/scope_part.hpp>
#include <torus/core/timer.hpp>

namespace torus::inline v0 {

struct cancel_scope_options {
    duration timeout = duration::max();       // counted from the scope's construction
    time_point deadline = time_point::max();  // the earlier of both counts
    bool shield = false;                      // no cancellation from outside reaches the body
};

/// Runs a body that can be cancelled as a whole, and for good: once it is, every suspension in it throws
/// `cancelled_error`, until the body has ended.
///
///     co_await cancel_scope({.timeout = 5s}, [&](cancel_scope& scope) -> async<> {
///         while (auto line = co_await connection.read_line())
///             if (*line == "quit") scope.cancel();
///     });
///
/// `task.cancel()` and `timeout` throw once, as in asyncio, and whoever swallows that goes on. Here that only leads to
/// the next suspension. What completes without suspending gives its result all the same. The children of a `task_group`,
/// and what `gather`, `race`, `map` and `as_completed` run, are in the scopes around them, and are cancelled with them.
/// Tasks of `create_task`, which may outlive a scope, are in none; awaiting one passes the cancellation on to it. Those of
/// `finally`, `exit_stack` and `shield`, which clean up, are in none either.
///
/// With `.shield = true` nothing from outside reaches the body: neither enclosing scopes nor `task.cancel()`, a `timeout`
/// or a group around it. That is how to await in a place that has been cancelled:
///
///     co_await cancel_scope({.timeout = 2s, .shield = true}, connection.say_goodbye());
///
/// The body is then a task of its own, begun at once, as with `shield`: it has a copy of the context variables.
///
/// A body is a closure that takes the scope, or nothing, or an awaitable. Awaiting the scope gives true if the body ended
/// by itself; false if it was left because the scope is cancelled: then `cancelled_caught()`, too, is true.
///
/// @throws what the body threw; invalid_state_error if it was awaited before
/// @cancel passes through. One that a shield holds is thrown at the first suspension after it
/// @source Trio's CancelScope, move_on_after, "Cancellation semantics"
class [[nodiscard("co_await it")]] cancel_scope final : private scope_part {
public:
    template <class Body>
        requires(!std::same_as<std::remove_cvref_t<Body>, cancel_scope>)
    explicit cancel_scope(Body&& body) : cancel_scope(cancel_scope_options(), std::forward<Body>(body)) {}

    template <class Body> cancel_scope(const cancel_scope_options& options, Body&& body)
        : scope_part(nullptr), alarm_(*this, deadline_of(options)),
          body_(coroutine_with(*this, std::forward<Body>(body))), shield_(options.shield) {}

    cancel_scope(cancel_scope&&) = delete;
    ~cancel_scope() { leave(); }

    /// Cancels all that is in the scope; one that has not been entered is cancelled from its beginning. Harmless when
    /// repeated, or when it has ended.
    /// @throws std::runtime_error  from a foreign thread, in debug mode
    void cancel(std::string_view reason = {});

    /// Whether `cancel()` was called in time, or the deadline has passed.
    bool cancel_called() const noexcept { return cancel_called_; }

    /// Whether the scope has ended because of that.
    bool cancelled_caught() const noexcept { return cancelled_caught_; }

    /// When it is cancelled by itself; `time_point::max()` for never. Enclosing ones may be earlier.
    time_point deadline() const noexcept { return alarm_.deadline(); }

    /// Moves the deadline.
    /// @throws invalid_state_error  the scope was cancelled, or has ended
    void reschedule_at(time_point when);
    template <class Rep, class Period> void reschedule(std::chrono::duration<Rep, Period> from_now) {
        reschedule_at(later(clock::now(), to_duration(from_now)));
    }
    /// From now on there is no deadline.
    void reschedule(std::nullopt_t) { reschedule_at(time_point::max()); }

    async<bool> operator co_await() && { return shield_ ? run_shielded() : run(); }

private:
    friend class scope_part;
    friend class task_record;
    friend time_point current_effective_deadline() noexcept;
    class shielded;
    class entry;

    class alarm final : public timer {
    public:
        alarm(cancel_scope& scope, time_point when) noexcept : timer(wait_kind::timeout, when), scope_(scope) {}
        void set(time_point when) noexcept { deadline_ = when; }

    private:
        void expired() noexcept override { scope_.expire(); }
        void cancel() noexcept override {}
        cancel_scope& scope_;
    };

    static time_point deadline_of(const cancel_scope_options& options);

    template <class Body> static async<> coroutine_with(cancel_scope& self, Body&& body) {
        if constexpr (std::invocable<std::decay_t<Body>&, cancel_scope&>) {
            static_assert(safe_temporary<Body>, "g++ 12 destroys this closure twice: name it first");
            return call_with<std::decay_t<Body>>(std::forward<Body>(body), self);
        } else {
            return without_result(coroutine_of(std::forward<Body>(body)));
        }
    }
    template <class Body> static async<> call_with(Body body, cancel_scope& self) {
        if constexpr (coroutine_closure<Body, cancel_scope&>) static_cast<void>(co_await body(self));
        else body(self);
        co_return;
    }
    template <class T> static async<> without_result(async<T> body) { static_cast<void>(co_await std::move(body)); }

    async<bool> run();
    async<bool> run_shielded();
    void enter();
    void leave() noexcept;
    void arm() noexcept;
    void disarm() noexcept;
    void expire() noexcept;
    void begin_cancel(std::shared_ptr<const std::string> reason) noexcept;
    void spread() noexcept;
    scope_part* after(scope_part* part) const noexcept;
    bool is_within_cancelled() const noexcept { return enclosing() && enclosing()->lasts_; }

    task_record* task_ = nullptr;  // whose body it is, as long as that runs
    scope_part* first_ = nullptr;  // of what is in it
    scope_part* last_ = nullptr;
    alarm alarm_;
    async<> body_;
    std::shared_ptr<const std::string> reason_;  // of the cancellation that lasts, its own or an enclosing one's
    bool shield_;
    bool armed_ = false;
    bool entered_ = false;
    bool ended_ = false;
    bool cancel_called_ = false;
    bool cancelled_caught_ = false;
    bool lasts_ = false;  // it is cancelled, or one around it
};

/// When the running task is cancelled by a scope that it is in: the earliest of their deadlines, up to a shield.
/// `time_point::min()` if one is cancelled already, `time_point::max()` if none has a deadline.
/// @source Trio's current_effective_deadline
time_point current_effective_deadline() noexcept;

}  // namespace torus::inline v0
