// src/http/url_parts.cpp: cutting references, joining them to a base.
#include "http/url_parts.hpp"

#include "torus/http/limits.hpp"
#include "torus/http/token.hpp"

#include <algorithm>
#include <utility>

namespace torus::inline v0::http {
namespace {

bool is_scheme(std::string_view text) noexcept {
    return !text.empty() && is_alpha(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    });
}

// Takes everything before the first of `delimiters` off the front.
std::string_view take_until(std::string_view& rest, std::string_view delimiters) noexcept {
    const std::string_view taken = rest.substr(0, rest.find_first_of(delimiters));
    rest.remove_prefix(taken.size());
    return taken;
}

// How many dots a segment consists of, 1 or 2; 0 for any other segment.
int dots_in(std::string_view segment, dots which) noexcept {
    int found = 0;
    while (!segment.empty()) {
        const bool encoded = which == dots::also_encoded && equals_ignoring_case(segment.substr(0, 3), "%2e");
        if (!encoded && segment.front() != '.') return 0;
        segment.remove_prefix(encoded ? 3 : 1);
        if (++found > 2) return 0;
    }
    return found;
}

// Section 5.2.3: the base's path up to its last slash, with the reference's behind it.
std::string merged(const url_parts& base, const std::string& path) {
    if (base.authority && base.path.empty()) return "/" + path;
    return base.path.substr(0, base.path.find_last_of('/') + 1) + path;
}

}  // namespace

std::optional<url_parts> split_reference(std::string_view text, url_fault& why) {
    why = url_fault::too_long;
    if (text.size() > max_url_bytes) return std::nullopt;
    why = url_fault::control_character;
    if (std::any_of(text.begin(), text.end(), [](char c) { return is_control(c) || c == '\t'; })) return std::nullopt;

    url_parts parts;
    const std::size_t delimiter = text.find_first_of(":/?#");
    if (delimiter != std::string_view::npos && text[delimiter] == ':') {
        why = url_fault::bad_scheme;
        if (!is_scheme(text.substr(0, delimiter))) return std::nullopt;
        parts.scheme = text.substr(0, delimiter);
        std::transform(parts.scheme.begin(), parts.scheme.end(), parts.scheme.begin(), to_lower);
        text.remove_prefix(delimiter + 1);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        parts.authority = take_until(text, "/?#");
    }
    parts.path = take_until(text, "?#");
    if (text.starts_with('?')) parts.query = take_until(text, "#").substr(1);
    if (text.starts_with('#')) parts.fragment = text.substr(1);
    why = url_fault::none;
    return parts;
}

url_parts resolved_parts(const url_parts& base, url_parts reference) {
    // Section 5.4.2 lets "http:x" be relative to an http URL; without a host it could mean nothing else.
    if (reference.scheme == base.scheme && is_web_scheme(base.scheme) && !reference.authority) reference.scheme.clear();
    const bool whole = !reference.scheme.empty();
    if (!whole) reference.scheme = base.scheme;
    const dots which = is_web_scheme(reference.scheme) ? dots::also_encoded : dots::only_plain;
    if (whole || reference.authority) {
        reference.path = without_dot_segments(reference.path, which);
        return reference;
    }
    reference.authority = base.authority;
    if (reference.path.empty()) {
        reference.path = base.path;
        if (!reference.query) reference.query = base.query;
        return reference;
    }
    if (!reference.path.starts_with('/')) reference.path = merged(base, reference.path);
    reference.path = without_dot_segments(reference.path, which);
    return reference;
}

std::string without_dot_segments(std::string_view path, dots which) {
    std::string result;
    result.reserve(path.size());
    while (!path.empty()) {
        const bool slash = path.front() == '/';
        if (slash) path.remove_prefix(1);
        const std::string_view segment = take_until(path, "/");
        const int found = dots_in(segment, which);
        if (found == 0) {
            if (slash) result += '/';
            result += segment;
        } else if (slash) {
            if (found == 2) result.resize(result.find_last_of('/') != std::string::npos ? result.find_last_of('/') : 0);
            if (path.empty()) result += '/';
        } else if (!path.empty()) {
            path.remove_prefix(1);  // "./" and "../" in front of a relative path mean nothing
        }
    }
    return result;
}

bool is_web_scheme(std::string_view scheme) noexcept {
    return scheme == "http" || scheme == "https" || scheme == "ws" || scheme == "wss";
}

std::uint16_t default_port(std::string_view scheme) noexcept {
    if (scheme == "http" || scheme == "ws") return 80;
    if (scheme == "https" || scheme == "wss") return 443;
    return 0;
}

}  // namespace torus::inline v0::http
