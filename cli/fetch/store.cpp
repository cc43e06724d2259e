// cli/fetch/store.cpp: where rows go, and what is there from an earlier start.
#include "cli/fetch/store.hpp"

namespace torus::inline v0::cli {

bool again::includes(error_class error, std::optional<int> status, std::string_view method) const noexcept {
    const second_try what = second_try_of(error, status, method);
    return failures && (what == second_try::harmless || (what == second_try::unsafe && unsafe_requests));
}

}  // namespace torus::inline v0::cli
