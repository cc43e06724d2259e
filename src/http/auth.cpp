// src/http/auth.cpp: basic authentication.
#include "torus/http/auth.hpp"

#include "http/grammar.hpp"
#include "torus/http/base64.hpp"
#include "torus/http/token.hpp"

#include <stdexcept>

namespace torus::inline v0::http {
namespace {

constexpr std::string_view scheme = "Basic";

bool has_control(std::string_view text) noexcept {
    return !is_field_value(text) || text.find('\t') != std::string_view::npos;
}

}  // namespace

std::string basic_credentials::to_string() const {
    if (user.find(':') != std::string::npos) throw std::invalid_argument("a colon in the user's name");
    if (has_control(user) || has_control(password)) throw std::invalid_argument("a control character in credentials");
    return std::string(scheme) + " " + base64_encode(user + ":" + password);
}

std::optional<basic_credentials> basic_credentials::parse(std::string_view value) {
    if (!equals_ignoring_case(value.substr(0, scheme.size()), scheme)) return std::nullopt;
    value.remove_prefix(scheme.size());
    if (value.empty() || value.front() != ' ') return std::nullopt;
    const auto pair = base64_decode(trimmed(value));
    if (!pair || has_control(*pair)) return std::nullopt;
    const std::size_t colon = pair->find(':');
    if (colon == std::string::npos) return std::nullopt;
    const std::string_view both = *pair;
    return basic_credentials(both.substr(0, colon), both.substr(colon + 1));
}

}  // namespace torus::inline v0::http
