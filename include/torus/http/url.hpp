// torus/http/url.hpp: where something is, taken apart and put together again.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace torus::inline v0::http {

/// Why a text is no URL.
enum class url_fault : std::uint8_t {
    none,
    empty,
    too_long,           // longer than max_url_bytes
    control_character,  // a line end, a tabulator, NUL, …
    no_scheme,          // nothing like "https:" in front, where an absolute URL is needed
    bad_scheme,         // what stands before the first colon is no scheme
    no_host,            // http and https need one
    bad_user_info,      // a character that must be percent-encoded before the '@', or two '@'
    bad_host,           // a character that no host name has
    non_ascii_host,     // an international name must be given in its ASCII form, "xn--…"
    bad_ipv4,           // ends in a number but isn't four numbers from 0 to 255
    bad_ipv6,           // what stands in the brackets is no IPv6 address
    bad_port,           // not a number up to 65535
};

/// The fault in words: "the host name has a character that no host name has".
std::string_view to_string(url_fault fault) noexcept;

/// A text was meant to be a URL and is none. what() has the text and the reason.
class url_error : public std::invalid_argument {
public:
    url_error(url_fault fault, std::string_view text);
    url_fault fault() const noexcept { return fault_; }

private:
    url_fault fault_;
};

enum class host_kind : std::uint8_t { none, name, ipv4, ipv6 };

/// An absolute URL: `https://user:pw@host:8080/path?query#fragment`.
///
///     url page("HTTP://Example.com:80/a/../b c?x=1");
///     page.to_string();                     // http://example.com/b%20c?x=1
///     page.resolve("../img/1.png");         // http://example.com/img/1.png
///
/// It follows RFC 3986, and for http, https, ws and wss does what browsers do where that is safe: scheme and host in
/// lower case, the default port and dot segments removed, an empty path is "/", and what may not stand in a path or
/// query (spaces, non-ASCII) is percent-encoded. Escapes that are there stay as they are.
/// Refused rather than guessed: control characters, a host that looks like an IPv4 address but isn't four decimal
/// numbers (`127.1`, `0x7f.1`), two '@', a percent sign or non-ASCII in a host name.
///
/// A value in one string: copying it costs that string, asking it costs nothing.
class url {
public:
    /// @throws url_error  if it is no absolute URL
    explicit url(std::string_view text);

    /// The same without an exception, for text of unknown origin.
    static std::optional<url> parse(std::string_view text);

    /// @param why  says what is wrong if nothing is returned, `url_fault::none` otherwise
    static std::optional<url> parse(std::string_view text, url_fault& why);

    /// What `reference` means in a document found here (RFC 3986, section 5): `../x`, `?q`, `//host/`, a whole URL.
    ///
    /// `http:x` without a host is taken as relative to an http URL, as browsers do.
    ///
    /// @throws url_error  if the result is no URL
    url resolve(std::string_view reference) const;
    std::optional<url> resolve(std::string_view reference, url_fault& why) const;

    /// Lower case, without the colon: "https".
    std::string_view scheme() const noexcept { return part(0, scheme_size_); }

    /// The host in lower case, an IPv6 address without its brackets and in its shortest form; empty if there is none.
    std::string_view host() const noexcept;
    host_kind kind() const noexcept { return kind_; }

    /// The port, or the scheme's default; 0 if neither says.
    std::uint16_t port() const noexcept { return port_; }

    /// What stands before the '@', encoded as it is; nothing if there is no '@'.
    std::optional<std::string_view> user_info() const noexcept;
    /// Its two halves, decoded.
    std::string user() const;
    std::string password() const;

    /// As it would be sent: "/a%20b". Never empty for http.
    std::string_view path() const noexcept { return part(path_at_, path_end()); }

    /// Without the '?'. There is a difference between an empty query and none.
    std::optional<std::string_view> query() const noexcept;

    /// Without the '#'.
    std::optional<std::string_view> fragment() const noexcept;

    /// The whole URL.
    const std::string& to_string() const noexcept { return text_; }

    /// Host and port as the field Host wants them: the port only if it isn't the default, IPv6 in brackets.
    std::string authority() const;

    /// Path and query, as a request line wants them.
    std::string target() const;

    /// Scheme, host and port: what two URLs share that trust each other. "https://example.com:443".
    std::string origin() const;
    bool has_same_origin(const url& other) const noexcept;

    /// Whether it must go over TLS: https, wss.
    bool is_secure() const noexcept { return scheme() == "https" || scheme() == "wss"; }

    /// Copies with one part changed.
    url with_query(std::string_view query) const;
    url without_fragment() const;
    url without_user_info() const;

    friend bool operator==(const url& a, const url& b) noexcept { return a.text_ == b.text_; }
    friend auto operator<=>(const url& a, const url& b) noexcept { return a.text_ <=> b.text_; }

private:
    friend class url_builder;  // src/http/url.cpp
    url() = default;

    static constexpr std::uint32_t nowhere = UINT32_MAX;

    std::string_view part(std::uint32_t from, std::uint32_t to) const noexcept {
        return std::string_view(text_).substr(from, to - from);
    }
    std::uint32_t path_end() const noexcept;

    std::string text_;
    std::uint32_t scheme_size_ = 0;
    std::uint32_t user_info_at_ = nowhere;
    std::uint32_t host_at_ = nowhere;  // with the bracket, if it has one
    std::uint32_t host_end_ = nowhere;
    std::uint32_t path_at_ = 0;
    std::uint32_t query_at_ = nowhere;  // behind the '?'
    std::uint32_t fragment_at_ = nowhere;  // behind the '#'
    std::uint16_t port_ = 0;
    host_kind kind_ = host_kind::none;
};

}  // namespace torus::inline v0::http
