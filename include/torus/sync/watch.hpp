// torus/sync/watch.hpp: the latest value of something, for all who follow it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <torus/sync/waiting_line.hpp>

namespace torus::inline v0 {

/// Thrown where a change is awaited of a `watch` that is gone: there won't be one.
class watch_closed : public std::runtime_error {
public:
    watch_closed() : std::runtime_error("the watch is gone") {}
};

/// What a `watch` shares with those who follow it, but for the value.
class watch_base {
public:
    class changing;

    /// Everything that has been set is a version; the first value is version 0.
    std::uint64_t version() const noexcept { return version_; }

    /// @throws std::runtime_error  tasks of another loop wait
    void require_loop() const { line_.require_loop(); }

    void note_change() noexcept {
        ++version_;
        line_.serve_all();
    }
    void close() noexcept {
        closed_ = true;
        line_.serve_all();
    }

private:
    std::uint64_t version_ = 0;
    bool closed_ = false;
    waiting_line line_;
};

template <class T> class watch_receiver;

/// A value that changes, and that tasks follow: each of them sees the latest one, and may miss those between.
///
///     watch<settings> current{load()};
///
///     auto seen = current.subscribe();                     // in each task that follows it
///     while (auto next = co_await seen.next()) apply(*next);
///
///     current.set(load());                                 // in another one
///
/// When it is destroyed, those who follow it hear of that. It belongs to one loop's thread.
///
/// @source tokio::sync::watch
template <class T> class watch {
public:
    explicit watch(T value) : state_(std::make_shared<state>(std::move(value))) {}
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;
    ~watch() { state_->close(); }

    const T& value() const noexcept { return state_->value; }

    /// Replaces the value. Those who wait for a change are resumed, in order of arrival.
    /// @throws std::runtime_error  tasks of another loop wait; nothing has changed
    /// @throws what assigning a T throws; then nobody is told
    void set(T value) {
        state_->require_loop();
        state_->value = std::move(value);
        state_->note_change();
    }

    /// Calls `change` with the value, and then tells those who wait.
    /// @throws std::runtime_error  tasks of another loop wait; nothing has changed
    /// @throws what `change` throws; then nobody is told
    template <class Change> void modify(Change&& change) {
        state_->require_loop();
        std::forward<Change>(change)(state_->value);
        state_->note_change();
    }

    /// Someone who follows the value, and has seen the one of now.
    watch_receiver<T> subscribe() const noexcept { return watch_receiver<T>(state_); }

private:
    friend class watch_receiver<T>;
    struct state : watch_base {
        explicit state(T first) : value(std::move(first)) {}
        T value;
    };

    std::shared_ptr<state> state_;
};

/// Waits for a version other than the one that was seen.
class [[nodiscard("co_await it")]] watch_base::changing : public line_waiter {
public:
    changing(watch_base& watched, std::uint64_t& seen) noexcept
        : line_waiter(wait_kind::watch), watched_(&watched), seen_(&seen) {}
    bool await_ready() noexcept {
        known_ = *seen_;
        changed_ = watched_->version_ != known_;
        return changed_ ? spend_completion() : watched_->closed_;
    }
    bool await_suspend(std::coroutine_handle<> h) { return changed_ ? pause(h) : line_up(watched_->line_, h); }

    /// @throws watch_closed  it is gone, and its last value has been seen
    void await_resume() {
        if (!see()) throw watch_closed();
    }

protected:
    /// Whether there is a value that had not been seen; it has now.
    bool see() {
        end_wait();
        *seen_ = watched_->version_;
        return watched_->version_ != known_;
    }

private:
    watch_base* watched_;
    std::uint64_t* seen_;
    std::uint64_t known_ = 0;  // what had been seen when this began
    bool changed_ = false;
};

/// Follows a `watch`. It may outlive it; a copy follows on its own.
template <class T> class watch_receiver {
    using state = typename watch<T>::state;

public:
    class next_awaiter;

    /// The latest value. It has been seen then.
    const T& value() noexcept {
        seen_ = state_->version();
        return state_->value;
    }

    /// Whether there is a value that this has not seen.
    bool has_changed() const noexcept { return seen_ != state_->version(); }

    /// Waits until there is a value that this has not seen; it has been seen then. This must stay alive.
    /// @throws watch_closed        the watch is gone, and its last value has been seen
    /// @throws std::runtime_error  tasks of another loop wait
    /// @cancel takes effect at once; once the value has changed, it stays pending
    /// @cost   no allocation
    watch_base::changing changed() noexcept { return {*state_, seen_}; }

    /// The same, and gives a copy of the latest value; empty instead of `watch_closed`: for loops.
    /// @cancel as changed()
    next_awaiter next() noexcept { return next_awaiter(*state_, seen_); }

private:
    friend class watch<T>;
    explicit watch_receiver(std::shared_ptr<state> followed) noexcept
        : state_(std::move(followed)), seen_(state_->version()) {}

    std::shared_ptr<state> state_;
    std::uint64_t seen_;
};

/// What `watch_receiver::next` returns.
template <class T> class [[nodiscard("co_await it")]] watch_receiver<T>::next_awaiter final
    : public watch_base::changing {
public:
    next_awaiter(state& watched, std::uint64_t& seen) noexcept : changing(watched, seen), state_(&watched) {}
    std::optional<T> await_resume() {
        if (!this->see()) return std::nullopt;
        return state_->value;
    }

private:
    state* state_;
};

}  // namespace torus::inline v0
