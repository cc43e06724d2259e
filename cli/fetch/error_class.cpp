// cli/fetch/error_class.cpp: why a line has no result, as the column `error` says it.
#include "cli/fetch/error_class.hpp"

#include <array>
#include <cstddef>

namespace torus::inline v0::cli {

namespace {
constexpr std::array<std::string_view, error_classes> words{
    "", "dns", "refused", "reset", "timeout", "tls", "protocol", "too_large", "redirects", "input", "unknown"};
}  // namespace

std::string_view to_string(error_class what) noexcept { return words[static_cast<std::size_t>(what)]; }

std::optional<error_class> parse_error_class(std::string_view word) noexcept {
    for (std::size_t at = 0; at < words.size(); ++at)
        if (words[at] == word) return static_cast<error_class>(at);
    return std::nullopt;
}

}  // namespace torus::inline v0::cli
