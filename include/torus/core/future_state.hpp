// torus/core/future_state.hpp: what a promise and its futures share.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <torus/core/callback.hpp>
#include <torus/core/frame.hpp>
#include <torus/core/waiter.hpp>

namespace torus::inline v0 {

/// The promise was destroyed, and nobody can give the result any more.
class broken_promise_error : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// The part of what a promise and its futures share that does not depend on the result's type. Counted; belongs to one
/// loop's thread.
class future_state {
public:
    future_state() noexcept = default;
    future_state(const future_state&) = delete;
    future_state& operator=(const future_state&) = delete;

    void retain() noexcept { ++references_; }
    void release() noexcept {
        if (--references_ == 0) delete this;
    }

    bool done() const noexcept { return progress_ != progress::pending; }
    bool is_cancelled() const noexcept { return progress_ == progress::cancelled; }

    /// @throws invalid_state_error  it is done
    /// @throws std::runtime_error   it is another loop's
    void require_pending() const;
    void fail(std::exception_ptr error);
    bool cancel(std::string_view reason);
    void break_promise() noexcept;

    /// What it ended with, null for a value; throws if there is nothing to tell.
    std::exception_ptr error();

    /// @throws std::runtime_error  it is another loop's
    void require_here();
    callback_id call_when_done(scheduled_call& call);
    bool remove_callback(const callback_id& id) const noexcept { return id.cancel_in(waiting_); }

protected:
    virtual ~future_state();

    /// It has a value from now on: whoever waits is told.
    void succeed() noexcept;
    /// Returns if there is a value.
    void require_value();

private:
    friend class future_waiting;
    enum class progress : std::uint8_t { pending, value, error, cancelled };

    bool is_elsewhere() const noexcept { return loop_ && loop_ != running.loop; }
    void end(progress how) noexcept;

    const event_loop* loop_ = running.loop;  // where it was made; else the first one that waits for it
    wait_list waiting_;
    std::exception_ptr error_;
    std::shared_ptr<const std::string> reason_;
    std::uint32_t references_ = 1;
    progress progress_ = progress::pending;
    bool observed_ = false;
};

[[noreturn]] void throw_result_taken();
[[noreturn]] void throw_moved_promise();

/// A counted reference.
class future_state_handle {
public:
    explicit future_state_handle(future_state& owned) noexcept : state_(&owned) {}
    future_state_handle(const future_state_handle& other) noexcept : state_(other.state_) {
        if (state_) state_->retain();
    }
    future_state_handle(future_state_handle&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    future_state_handle& operator=(future_state_handle other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~future_state_handle() {
        if (state_) state_->release();
    }

    explicit operator bool() const noexcept { return state_; }
    future_state& operator*() const noexcept { return *state_; }
    future_state* operator->() const noexcept { return state_; }

private:
    future_state* state_;
};

/// Waits for the result, whatever its type.
class future_waiting : public waiter {
public:
    bool await_ready() const noexcept { return state_->done(); }
    bool await_suspend(std::coroutine_handle<> h);

protected:
    explicit future_waiting(future_state& state) noexcept : waiter(wait_kind::future), state_(&state) {}
    ~future_waiting() = default;

private:
    void cancel() noexcept override;
    future_state* state_;
};

/// A state with its result.
template <class T> class future_value final : public future_state {
public:
    static void* operator new(std::size_t size) { return frame_memory::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_memory::deallocate(memory, size); }

    template <class... Value> void set(Value&&... value) {
        if constexpr (std::is_reference_v<T>) value_ = std::addressof(value...);
        else value_.emplace(std::forward<Value>(value)...);
        succeed();
    }

    std::add_lvalue_reference_t<T> look() {
        require_value();
        if constexpr (std::is_reference_v<T>) return **value_;
        else if constexpr (!std::is_void_v<T>) return *value_;
    }

    /// A copy, or what cannot be copied itself: once.
    T take() {
        if constexpr (std::is_void_v<T> || std::is_reference_v<T> || std::is_copy_constructible_v<T>) {
            return look();
        } else {
            T& value = look();
            if (std::exchange(taken_, true)) throw_result_taken();
            return std::move(value);
        }
    }

private:
    using stored = std::conditional_t<std::is_void_v<T>, char, T>;
    std::optional<std::conditional_t<std::is_reference_v<T>, std::add_pointer_t<T>, stored>> value_;
    bool taken_ = false;
};

}  // namespace torus::inline v0
