// src/http/authority.hpp: "host:port", wherever it stands: in a URL, in the field Host, in a CONNECT request.
#pragma once

#include "torus/http/url.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace torus::inline v0::http {

/// What a host may look like.
enum class host_rule : std::uint8_t {
    web,      // http and its kin: no escapes, and what looks like an IPv4 address must be one
    generic,  // as RFC 3986 has it
};

/// A host, as it is to be written: lower case, IPv6 in brackets and its shortest form.
class host_text {
public:
    std::string text;
    host_kind kind = host_kind::none;
};

/// A host and what follows it.
class authority {
public:
    host_text host;
    std::optional<std::uint16_t> port;  // nothing if there is none, or nothing behind the colon
};

/// Reads a host without its port.
std::optional<host_text> parse_host(std::string_view text, host_rule rule, url_fault& why);

/// Reads "host", "host:", "host:port", where host is a name, an IPv4 address, or an IPv6 address in brackets.
std::optional<authority> parse_authority(std::string_view text, host_rule rule, url_fault& why);

/// Whether a field Host of that value may be followed (RFC 9112, section 3.2); it may be empty.
bool is_host_field(std::string_view value);

/// The same as CONNECT wants it, with a port.
bool is_connect_target(std::string_view target);

}  // namespace torus::inline v0::http
