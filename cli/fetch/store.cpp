// cli/fetch/store.cpp: where rows go, and what is there from an earlier start.
#include "cli/fetch/store.hpp"

#include <torus/http/method.hpp>

namespace torus::inline v0::cli {

bool again::includes(error_class error, std::optional<int> status, std::string_view method) const noexcept {
    if (!failures || error == error_class::input) return false;  // the line is what it was
    const bool later = error == error_class::none && status && is_retryable_status(*status);
    if (error == error_class::none && !later) return false;
    const auto parsed = http::method::parse(method);
    const bool harmless = (parsed && parsed->is_idempotent()) || unsafe_requests;
    const bool never_arrived = error == error_class::dns || error == error_class::refused || error == error_class::tls;
    return harmless || never_arrived || status == 429;
}

}  // namespace torus::inline v0::cli
