// src/http/authority.cpp: hosts and ports.
#include "http/authority.hpp"

#include "http/grammar.hpp"
#include "torus/http/token.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace torus::inline v0::http {
namespace {

// What RFC 3986, section 3.2.2 allows in a name besides escapes.
constexpr std::array<bool, 256> name_characters = [] {
    std::array<bool, 256> may{};
    for (std::size_t i = 0; i < may.size(); ++i)
        may[i] = is_alpha(static_cast<char>(i)) || is_digit(static_cast<char>(i));
    for (char c : std::string_view("-._~!$&'()*+,;=")) may[static_cast<unsigned char>(c)] = true;
    return may;
}();

bool is_name_character(char c) noexcept { return name_characters[static_cast<unsigned char>(c)]; }

url_fault fault_of_character(char c, host_rule rule) noexcept {
    if (is_name_character(c) || (c == '%' && rule == host_rule::generic)) return url_fault::none;
    return static_cast<unsigned char>(c) > 0x7f ? url_fault::non_ascii_host : url_fault::bad_host;
}

// Whether resolvers would take it for an IPv4 address in one of the old notations: its last label is a number.
bool ends_in_number(std::string_view name) noexcept {
    if (name.ends_with('.')) name.remove_suffix(1);
    const std::string_view last = name.substr(name.find_last_of('.') + 1);
    if (last.starts_with("0x") || last.starts_with("0X"))
        return std::all_of(last.begin() + 2, last.end(), [](char c) { return hex_value(c) >= 0; });
    return !last.empty() && std::all_of(last.begin(), last.end(), is_digit);
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
    return lower;
}

// Both notations are of the C library; its text for an IPv6 address is that of RFC 5952.
std::optional<host_text> parse_ipv6(std::string_view text, url_fault& why) {
    in6_addr address{};
    std::array<char, INET6_ADDRSTRLEN> shortest{};
    if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1 ||
        inet_ntop(AF_INET6, &address, shortest.data(), shortest.size()) == nullptr) {
        why = url_fault::bad_ipv6;
        return std::nullopt;
    }
    return host_text{std::string("[").append(shortest.data()).append("]"), host_kind::ipv6};
}

// DNS has no longer names, with or without the dot at the end.
constexpr std::size_t max_name_bytes = 254;

bool is_ipv4(std::string_view text) noexcept {
    std::array<char, INET_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size()) return false;
    text.copy(terminated.data(), text.size());
    in_addr address{};
    return inet_pton(AF_INET, terminated.data(), &address) == 1;
}

bool is_port(std::string_view digits) noexcept {
    const auto port = parse_decimal(digits);
    return port && *port <= UINT16_MAX;
}

}  // namespace

std::optional<host_text> parse_host(std::string_view text, host_rule rule, url_fault& why) {
    if (text.starts_with('[')) {
        if (text.ends_with(']')) return parse_ipv6(text.substr(1, text.size() - 2), why);
        why = url_fault::bad_ipv6;
        return std::nullopt;
    }
    for (char c : text) {
        why = fault_of_character(c, rule);
        if (why != url_fault::none) return std::nullopt;
    }
    host_text host{lower_case(text), text.empty() ? host_kind::none : host_kind::name};
    if (host.text.size() > max_name_bytes) {
        why = url_fault::bad_host;
        return std::nullopt;
    }
    if (is_ipv4(host.text)) {
        host.kind = host_kind::ipv4;
    } else if (rule == host_rule::web && ends_in_number(host.text)) {
        why = url_fault::bad_ipv4;
        return std::nullopt;
    }
    return host;
}

std::optional<authority> parse_authority(std::string_view text, host_rule rule, url_fault& why) {
    const std::size_t behind_host = text.starts_with('[') ? text.find(']') : 0;
    const std::size_t colon = behind_host == std::string_view::npos ? behind_host : text.find(':', behind_host);
    auto host = parse_host(text.substr(0, colon), rule, why);
    if (!host) return std::nullopt;
    authority found{std::move(*host), std::nullopt};
    if (colon == std::string_view::npos || colon + 1 == text.size()) return found;

    const std::string_view port = text.substr(colon + 1);
    if (!is_port(port)) {
        why = url_fault::bad_port;
        return std::nullopt;
    }
    found.port = static_cast<std::uint16_t>(*parse_decimal(port));
    return found;
}

bool is_host_field(std::string_view value) {
    // Nearly all of them are plain names or IPv4 addresses with a port: no need to build anything for those.
    const std::size_t colon = value.find(':');
    const std::string_view name = value.substr(0, colon);
    const std::string_view port = colon == std::string_view::npos ? std::string_view() : value.substr(colon + 1);
    if (name.size() <= max_name_bytes && std::all_of(name.begin(), name.end(), is_name_character) &&
        (port.empty() || is_port(port)) && (!ends_in_number(name) || is_ipv4(name)))
        return true;
    url_fault why{};
    return parse_authority(value, host_rule::web, why).has_value();
}

bool is_connect_target(std::string_view target) {
    url_fault why{};
    const auto found = parse_authority(target, host_rule::web, why);
    return found && found->port && found->host.kind != host_kind::none;
}

}  // namespace torus::inline v0::http
