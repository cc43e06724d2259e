// torus/core/outcome.hpp: what something ended with, as a value: a result, an error, or a cancellation.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <torus/core/awaitable.hpp>
#include <torus/core/error.hpp>

namespace torus::inline v0 {

/// The part of an outcome that does not depend on the result's type.
class outcome_base {
public:
    /// Whether there is a result.
    bool has_value() const noexcept { return !error_; }
    explicit operator bool() const noexcept { return !error_; }

    /// Whether it was cancelled: then `exception()` is a `cancelled_error`.
    bool cancelled() const noexcept;

    /// What it threw, unchanged; null if there is a result.
    const std::exception_ptr& exception() const noexcept { return error_; }

    /// The error in words; "cancelled", or the reason, if that is what it was; empty if there is a result.
    std::string what() const;

protected:
    outcome_base() noexcept = default;
    explicit outcome_base(std::exception_ptr error) noexcept : error_(std::move(error)) {}
    void require_value() const {
        if (error_) [[unlikely]]
            std::rethrow_exception(error_);
    }

private:
    std::exception_ptr error_;
};

/// What something ended with: a result, an error, or a cancellation that was not this task's own.
///
///     for (auto& r : co_await gather(return_exceptions, fetch(a), fetch(b)))
///         if (r) print(*r); else print("failed: ", r.what());
///
/// A result that is a reference stays one.
template <class T = void> class [[nodiscard]] outcome : public outcome_base {
    using stored = std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>;

public:
    using value_type = T;

    explicit outcome(std::exception_ptr error) noexcept : outcome_base(std::move(error)) {}
    explicit outcome(T value) {
        if constexpr (std::is_reference_v<T>) value_ = &value;
        else value_.emplace(std::move(value));
    }

    /// @{ The result.
    /// @throws what it ended with, if that is no result
    std::remove_reference_t<T>& value() & {
        require_value();
        if constexpr (std::is_reference_v<T>) return **value_;
        else return *value_;
    }
    const std::remove_reference_t<T>& value() const& { return const_cast<outcome&>(*this).value(); }
    T value() && { return static_cast<T&&>(value()); }
    std::remove_reference_t<T>& operator*() & { return value(); }
    const std::remove_reference_t<T>& operator*() const& { return value(); }
    T operator*() && { return std::move(*this).value(); }
    std::remove_reference_t<T>* operator->() { return &value(); }
    const std::remove_reference_t<T>* operator->() const { return &value(); }
    /// @}

private:
    std::optional<stored> value_;
};

/// The outcome of what gives no result.
template <> class [[nodiscard]] outcome<void> : public outcome_base {
public:
    using value_type = void;

    outcome() noexcept = default;
    explicit outcome(std::exception_ptr error) noexcept : outcome_base(std::move(error)) {}

    /// @{ Nothing.
    /// @throws what it ended with, if that is no result
    void value() const { require_value(); }
    void operator*() const { require_value(); }
    /// @}
};

/// What `what` ends with, whatever that is.
template <class T> async<outcome<T>> captured(async<T> what) {
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(what);
            co_return outcome<T>();
        } else {
            co_return outcome<T>(co_await std::move(what));
        }
    } catch (...) {
        co_return outcome<T>(std::current_exception());
    }
}

/// What a task that is done, and has not succeeded, ended with.
std::exception_ptr error_of_ended(task_record& ended);

/// Passes on what cancels the current task itself.
void rethrow_own_cancellation(const outcome_base& ended);

template <class T> async<outcome<T>> run_trying(async<T> what) {
    auto ended = co_await captured(std::move(what));
    rethrow_own_cancellation(ended);
    co_return ended;
}

/// Awaits `what`, and gives what it ended with instead of throwing: for what must be awaited after an error, where C++
/// allows no `co_await` in a handler.
///
///     auto r = co_await try_(transfer(account));
///     if (!r) co_await apologise(r.what());
///
/// A cancellation of the current task, its deadline's or its group's, is no outcome: it passes.
///
/// @cancel passes through, and is thrown
template <class What>
    requires awaitable<What>
auto try_(What&& what) {
    return run_trying(as_coroutine(std::forward<What>(what)));
}

}  // namespace torus::inline v0
