// src/core/outcome.cpp: errors as values, in words.
#include <torus/core/outcome.hpp>

#include <torus/core/task_record.hpp>

#include "core/describe.hpp"

namespace torus::inline v0 {

bool outcome_base::cancelled() const noexcept { return is_cancellation(error_); }

std::string outcome_base::what() const {
    if (!error_) return {};
    try {
        std::rethrow_exception(error_);
    } catch (const std::exception& e) {
        return e.what();
    } catch (const cancelled_error& e) {
        return e.what();
    } catch (...) {
        return describe(error_);
    }
}

void rethrow_own_cancellation(const outcome_base& ended) {
    if (is_own_cancellation(ended.exception())) std::rethrow_exception(ended.exception());
}

std::exception_ptr error_of_ended(task_record& ended) {
    if (ended.state() != task_state::cancelled) return ended.error();
    return std::make_exception_ptr(cancelled_error(ended.cancel_reason(), false));
}

}  // namespace torus::inline v0
