// src/http/url_parts.hpp: a reference cut at its delimiters, and what becomes of the pieces (RFC 3986, section 5).
#pragma once

#include "torus/http/url.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace torus::inline v0::http {

/// The five parts of a reference, not looked into any further.
class url_parts {
public:
    std::string scheme;  // in lower case; empty if there is none
    std::optional<std::string> authority;
    std::string path;
    std::optional<std::string> query;
    std::optional<std::string> fragment;
};

/// Cuts a URL or a relative reference. Nothing if it has a control character, is too long, or its scheme is none.
std::optional<url_parts> split_reference(std::string_view text, url_fault& why);

/// The parts of what `reference` means in a document found at `base` (section 5.2.2).
url_parts resolved_parts(const url_parts& base, url_parts reference);

/// Whether "%2e" is a dot as well.
enum class dots : std::uint8_t { only_plain, also_encoded };

/// Removes "." and ".." with what they refer to (section 5.2.4).
std::string without_dot_segments(std::string_view path, dots which);

/// Whether it is one of the schemes that need a host and have a path, whatever is written: http, https, ws, wss.
bool is_web_scheme(std::string_view scheme) noexcept;

/// 0 if the scheme has none that is known here.
std::uint16_t default_port(std::string_view scheme) noexcept;

}  // namespace torus::inline v0::http
