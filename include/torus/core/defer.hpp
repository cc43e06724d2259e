// torus/core/defer.hpp: something that is done at the end of a block, however the block ends.
#pragma once

#include <exception>
#include <type_traits>
#include <utility>

namespace torus::inline v0 {

/// Tells the error handler what a deferred function has thrown.
void report_deferred(std::exception_ptr error) noexcept;

/// Calls a function at the end of the block that it stands in: on return, on an exception, on a cancellation.
///
///     room.insert(&socket);
///     defer leave{[&] { room.erase(&socket); }};
///
/// The function should not throw: what it throws goes to the error handler. It cannot await; see `finally` and
/// `exit_stack` for that.
template <class Function> class [[nodiscard("give it a name: it acts at the end of its block")]] defer {
    static_assert(std::is_void_v<std::invoke_result_t<Function&>>, "nobody receives what a deferred function returns");

public:
    explicit defer(Function function) noexcept(std::is_nothrow_move_constructible_v<Function>)
        : function_(std::move(function)) {}
    defer(defer&&) = delete;
    ~defer() {
        if (!active_) return;
        if constexpr (std::is_nothrow_invocable_v<Function&>) {
            function_();
        } else {
            try {
                function_();
            } catch (...) {
                report_deferred(std::current_exception());
            }
        }
    }

    /// From now on nothing is done at the end of the block.
    void dismiss() noexcept { active_ = false; }

private:
    Function function_;
    bool active_ = true;
};

}  // namespace torus::inline v0
