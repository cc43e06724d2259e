// torus/core/signal.hpp: waiting for signals.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include <torus/core/async.hpp>
#include <torus/core/loop.hpp>

namespace torus::inline v0 {

class loop_signals;

/// Waits until one of the signals has come, and tells which. While it waits, they do nothing else to the process.
///
///     int signal = co_await torus::signal(SIGINT, SIGTERM);
///
/// Before it is awaited and after it has returned, a signal does what it did before: between two awaits in a row it may
/// end the process. `signals` is for those who want every one.
///
/// @throws std::invalid_argument  see `signals`
/// @throws std::system_error      see `signals`
/// @cancel takes effect at once; a signal that has come is returned, and the cancellation stays pending
/// @source asyncio's loop.add_signal_handler; tokio::signal
template <std::same_as<int>... More> async<int> signal(int which, More... more);

/// Somebody whom a loop tells of signals.
class signal_listener {
public:
    signal_listener() noexcept = default;
    signal_listener(const signal_listener&) = delete;
    signal_listener& operator=(const signal_listener&) = delete;

protected:
    ~signal_listener() = default;

    /// @throws as `signals` does
    void subscribe(event_loop& loop, std::uint64_t which);
    void unsubscribe() noexcept;

private:
    friend class loop_signals;

    /// Called on the loop's thread, outside of any task.
    virtual void told(int signal) noexcept = 0;
    /// The loop has gone.
    virtual void left_alone() noexcept = 0;

    loop_signals* from_ = nullptr;  // null while not subscribed
    std::uint64_t which_ = 0;
    std::uint64_t number_ = 0;  // in order of subscription
    signal_listener* next_ = nullptr;
    signal_listener* previous_ = nullptr;
};

/// A subscription to signals. While it lives, they do nothing else to the process: neither what `run` does on them
/// (SIGINT, `stop_on`) nor their default action.
///
///     torus::signals reload{SIGHUP, SIGUSR1};
///     while (auto signal = co_await reload.next()) print("got signal ", *signal, "\n");
///
/// None is lost: what comes while nobody waits is kept, once for each number. Every subscription gets its own, on
/// whatever loop it lives; of several tasks that wait at one subscription, the first gets it.
///
/// It belongs to the loop that runs on this thread.
class signals final : private signal_listener {
public:
    /// @throws std::invalid_argument  a number that is no signal's, or one that tells of a fault of the program itself,
    ///                                which would come again for ever: SIGSEGV, SIGBUS, SIGFPE, SIGILL
    /// @throws std::system_error      a signal that nobody can handle: SIGKILL, SIGSTOP, what the C library keeps
    /// @throws std::runtime_error     no loop runs on this thread
    explicit signals(std::initializer_list<int> which);
    /// Ends the subscription, as close() does.
    ~signals() { close(); }

    class waiting;

    /// The next signal; nothing once the subscription has been closed. Of several that have come, the lowest number.
    /// @cancel takes effect at once; no signal is lost
    waiting next() noexcept;

    /// Ends the subscription: signals do what they did before, and whoever waits in next() gets nothing. Harmless when
    /// repeated.
    void close() noexcept;

private:
    template <std::same_as<int>... More> friend async<int> signal(int which, More... more);
    friend async<int> wait_for_signal(std::uint64_t which);
    friend class event_loop;

    explicit signals(std::uint64_t which) { subscribe(event_loop::current(), which); }
    void told(int signal) noexcept override;
    void left_alone() noexcept override { end(); }
    void end() noexcept;
    int take() noexcept;

    /// @throws std::invalid_argument
    static std::uint64_t bit_of(int signal);

    std::uint64_t kept_ = 0;  // signals that have come and that nobody has taken, as bits
    wait_list waiters_;
    bool closed_ = false;
};

/// What `signals::next` returns.
class [[nodiscard("co_await it")]] signals::waiting final : public waiter {
public:
    explicit waiting(signals& of) noexcept : waiter(wait_kind::signal), of_(of) {}
    bool await_ready() noexcept {
        signal_ = of_.take();
        return signal_ != 0 || of_.closed_;
    }
    bool await_suspend(std::coroutine_handle<> h) {
        if (!begin_wait(h)) return false;
        of_.waiters_.push_back(*this);
        return true;
    }
    std::optional<int> await_resume() {
        end_wait();
        if (signal_ == 0) return std::nullopt;
        return signal_;
    }

private:
    friend class signals;
    void cancel() noexcept override {
        of_.waiters_.erase(*this);
        make_cancelled();
    }

    signals& of_;
    int signal_ = 0;
};

inline signals::waiting signals::next() noexcept { return waiting(*this); }

/// What add_signal_handler is given.
class signal_callback {
public:
    virtual ~signal_callback() = default;
    virtual void called() = 0;
};

// ------------------------------------------------------------------------------------------------------------------

async<int> wait_for_signal(std::uint64_t which);

template <std::same_as<int>... More> async<int> signal(int which, More... more) {
    return wait_for_signal((signals::bit_of(which) | ... | signals::bit_of(more)));
}

template <class Function> class signal_function final : public signal_callback {
public:
    explicit signal_function(Function f) : function_(std::move(f)) {}
    void called() override { function_(); }

private:
    Function function_;
};

template <class Function> void event_loop::add_signal_handler(int signal, Function function) {
    set_signal_handler(signal, std::make_shared<signal_function<Function>>(std::move(function)));
}

}  // namespace torus::inline v0
