// torus/core/future.hpp: promise<T> and future<T>, a result that is given by hand.
#pragma once

#include <concepts>
#include <exception>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

#include <torus/core/callback.hpp>
#include <torus/core/future_state.hpp>

namespace torus::inline v0 {

/// A handle of any future, whatever its result. It and its copies belong to one loop's thread.
class any_future {
public:
    bool done() const noexcept { return state_->done(); }
    bool cancelled() const noexcept { return state_->is_cancelled(); }

    /// What it ended with; null if it has a value. Counts as having been looked at.
    /// @throws cancelled_error      it was cancelled
    /// @throws invalid_state_error  it is not done
    std::exception_ptr exception() const { return state_->error(); }

    /// Ends it without a result: who awaits it gets `cancelled_error`, and the promise has nothing more to give.
    /// @return false if it is done already
    /// @throws std::runtime_error  from another thread than its loop's
    bool cancel(std::string_view reason = {}) const { return state_->cancel(reason); }

    /// Takes back what `add_done_callback` gave. False if the future doesn't have it any more.
    bool remove_done_callback(const callback_id& id) const noexcept { return state_->remove_callback(id); }

    bool operator==(const any_future& other) const noexcept { return &*state_ == &*other.state_; }

protected:
    explicit any_future(future_state_handle state) noexcept : state_(std::move(state)) {}
    future_state& state() const noexcept { return *state_; }

private:
    future_state_handle state_;
};

/// The reading end of a promise: awaitable by many, many times. Copies refer to the same result.
///
///     int& n = co_await f;              // the result stays in the future
///     int m = co_await p.future();      // a copy of it, or what can only be moved: taken out, by one
///
/// @throws what was given to set_exception; broken_promise_error if the promise went without giving anything
/// @cancel takes effect at once, in who awaits it; the future goes on, and so do the others that await it
/// @source asyncio.Future
template <class T = void> class future : public any_future {
public:
    using value_type = T;

    /// It is not begun by who awaits it: see `timeout`.
    static constexpr bool has_begun = true;

    /// The result of a future that is done.
    /// @throws invalid_state_error  it is not done; otherwise what it ended with
    std::add_lvalue_reference_t<T> result() const { return value().look(); }

    /// Calls `function(future)`, or `function()`, when it is done. See `task::add_done_callback`.
    template <class Function>
    callback_id add_done_callback(Function function,
                                  std::source_location where = std::source_location::current()) const {
        auto call = [self = *this, function = std::move(function)]() mutable {
            if constexpr (std::invocable<Function&, const future&>) function(std::as_const(self));
            else function();
        };
        state().require_here();
        return state().call_when_done(calling::hold(event_loop::current(), std::move(call), where));
    }

    class awaiter final : public future_waiting {
    public:
        explicit awaiter(const future& f) noexcept : future_waiting(f.state()), future_(f) {}
        std::add_lvalue_reference_t<T> await_resume() {
            end_wait();
            return future_.result();
        }

    private:
        future future_;  // keeps the result alive
    };
    class taking_awaiter final : public future_waiting {
    public:
        explicit taking_awaiter(future f) noexcept : future_waiting(f.state()), future_(std::move(f)) {}
        T await_resume() {
            end_wait();
            return future_.value().take();
        }

    private:
        future future_;
    };
    awaiter operator co_await() const& { return awaiter(*this); }
    taking_awaiter operator co_await() && { return taking_awaiter(std::move(*this)); }

private:
    template <class> friend class promise_of;
    explicit future(future_state_handle state) noexcept : any_future(std::move(state)) {}
    future_value<T>& value() const noexcept { return static_cast<future_value<T>&>(state()); }
};

/// What promises have in common: a future, given its result once.
template <class T> class promise_of {
public:
    promise_of() : state_(*new future_value<T>) {}
    promise_of(promise_of&&) noexcept = default;
    promise_of& operator=(promise_of&& other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~promise_of() {
        if (state_) state_->break_promise();
    }

    /// The future that this is the promise of; any number of times.
    torus::future<T> future() const { return torus::future<T>(require_state()); }

    /// Whether there is nothing more to give: it was given, or the future was cancelled.
    bool done() const { return require_state()->done(); }
    bool cancelled() const { return require_state()->is_cancelled(); }

    /// Ends the future with an error: a `std::exception_ptr`, or anything that can be thrown.
    /// @throws invalid_state_error    the future is done
    /// @throws std::invalid_argument  there is no error in it
    /// @throws std::runtime_error     from another thread than the future's loop's
    template <class Error> void set_exception(Error&& error) {
        if constexpr (std::same_as<std::decay_t<Error>, std::exception_ptr>) require_state()->fail(error);
        else require_state()->fail(std::make_exception_ptr(std::forward<Error>(error)));
    }

protected:
    future_value<T>& settable() {
        require_state()->require_pending();
        return static_cast<future_value<T>&>(*state_);
    }

private:
    const future_state_handle& require_state() const {
        if (!state_) throw_moved_promise();
        return state_;
    }
    future_state_handle state_;
};

/// A result to be given by hand, once; `future()` is what others wait for.
///
///     promise<int> p;
///     device.on_reading([&](int n) { p.set_value(n); });
///     int n = co_await p.future();
///
/// It may be made anywhere; it belongs to the loop that runs there, or else to that of the first who awaits it. From
/// other threads, give the result through `call_soon_threadsafe`. Who awaits is resumed in a later pass, in order with
/// the done callbacks. A promise that goes without a result breaks: its future ends with `broken_promise_error`. An
/// error that nobody looks at is reported when the last handle goes.
///
/// @source asyncio.Future.set_result
template <class T = void> class promise : public promise_of<T> {
public:
    /// Ends the future with a value.
    /// @throws invalid_state_error  the future is done
    /// @throws std::runtime_error   from another thread than the future's loop's
    template <class U = T>
        requires std::convertible_to<U&&, T>
    void set_value(U&& value) {
        this->settable().set(std::forward<U>(value));
    }
};
template <> class promise<void> : public promise_of<void> {
public:
    void set_value() { settable().set(); }
};

}  // namespace torus::inline v0
