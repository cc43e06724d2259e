// src/http/url.cpp: RFC 3986, with what browsers do for the web's own schemes.
#include "torus/http/url.hpp"

#include "http/authority.hpp"
#include "http/url_parts.hpp"
#include "torus/http/limits.hpp"
#include "torus/http/percent.hpp"
#include "torus/http/token.hpp"

#include <algorithm>

namespace torus::inline v0::http {
namespace {

// A URL in an error message is cut here: a line of a log, not a page.
constexpr std::size_t shown_bytes = 200;

std::string shown(std::string_view text) {
    std::string safe(text.substr(0, shown_bytes));
    std::replace_if(safe.begin(), safe.end(), [](char c) { return is_control(c) || c == '\t'; }, '?');
    return safe + (text.size() > shown_bytes ? "…" : "");
}

// What may stand before the '@' (RFC 3986, section 3.2.1).
bool is_user_info(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_alpha(c) || is_digit(c) ||
               (c != '\0' && std::string_view("-._~!$&'()*+,;=:%").find(c) != std::string_view::npos);
    });
}

// Decoded if it can be; else as it is.
std::string percent_decoded(std::string_view text) {
    auto plain = percent_decode(text);
    return plain ? std::move(*plain) : std::string(text);
}

}  // namespace

std::string_view to_string(url_fault fault) noexcept {
    switch (fault) {
    case url_fault::none: return "nothing is wrong";
    case url_fault::empty: return "it is empty";
    case url_fault::too_long: return "it is longer than 64 KiB";
    case url_fault::control_character: return "it has a control character";
    case url_fault::no_scheme: return "it does not begin with a scheme such as https:";
    case url_fault::bad_scheme: return "what stands before the first colon is no scheme";
    case url_fault::no_host: return "it has no host";
    case url_fault::bad_user_info: return "the user name or password has a character that must be percent-encoded";
    case url_fault::bad_host: return "the host name is too long or has a character that no host name has";
    case url_fault::non_ascii_host: return "the host name isn't ASCII; give its form that begins with xn--";
    case url_fault::bad_ipv4: return "the host looks like an IPv4 address but isn't four numbers from 0 to 255";
    case url_fault::bad_ipv6: return "what stands in brackets is no IPv6 address";
    case url_fault::bad_port: return "the port isn't a number up to 65535";
    }
    return "";
}

url_error::url_error(url_fault fault, std::string_view text)
    : std::invalid_argument("not a URL: '" + shown(text) + "': " + std::string(http::to_string(fault))), fault_(fault) {
}

// Writes the parts of a URL one behind the other, and remembers where they are.
class url_builder {
public:
    static std::optional<url> build(const url_parts& from, url_fault& why) {
        url_builder b;
        if (!b.add_authority(from, why)) return std::nullopt;
        b.add_path(from);
        if (from.query) b.add(b.made_.query_at_, '?', percent_encode(*from.query, url_part::query));
        if (from.fragment) b.add(b.made_.fragment_at_, '#', percent_encode(*from.fragment, url_part::query));
        if (b.made_.text_.size() > max_url_bytes) {
            why = url_fault::too_long;
            return std::nullopt;
        }
        why = url_fault::none;
        return std::move(b.made_);
    }

    static url_parts parts_of(const url& of) {
        url_parts parts;
        parts.scheme = std::string(of.scheme());
        if (of.host_at_ != url::nowhere)
            parts.authority = of.part(of.user_info_at_ != url::nowhere ? of.user_info_at_ : of.host_at_, of.path_at_);
        parts.path = of.path();
        parts.query = of.query();
        parts.fragment = of.fragment();
        return parts;
    }

private:
    std::uint32_t here() const noexcept { return static_cast<std::uint32_t>(made_.text_.size()); }

    void add(std::uint32_t& at, char mark, const std::string& text) {
        made_.text_ += mark;
        at = here();
        made_.text_ += text;
    }

    bool add_authority(const url_parts& from, url_fault& why) {
        const bool web = is_web_scheme(from.scheme);
        made_.text_ = from.scheme + ":";
        made_.scheme_size_ = here() - 1;
        made_.port_ = default_port(from.scheme);
        why = url_fault::no_host;
        if (!from.authority) return !web;
        made_.text_ += "//";

        std::string_view host = *from.authority;
        if (const std::size_t at = host.find_last_of('@'); at != std::string_view::npos) {
            if (!add_user_info(host.substr(0, at), why)) return false;
            host.remove_prefix(at + 1);
        }
        const auto found = parse_authority(host, web ? host_rule::web : host_rule::generic, why);
        if (!found) return false;
        why = url_fault::no_host;
        if (web && found->host.kind == host_kind::none) return false;
        add_host(*found);
        return true;
    }

    bool add_user_info(std::string_view text, url_fault& why) {
        why = url_fault::bad_user_info;
        if (!is_user_info(text)) return false;
        made_.user_info_at_ = here();
        made_.text_.append(text).append("@");
        return true;
    }

    void add_host(const authority& from) {
        made_.host_at_ = here();
        made_.text_ += from.host.text;
        made_.host_end_ = here();
        made_.kind_ = from.host.kind;
        if (from.port && *from.port != made_.port_) made_.text_.append(":").append(std::to_string(*from.port));
        made_.port_ = from.port.value_or(made_.port_);
    }

    void add_path(const url_parts& from) {
        const bool web = is_web_scheme(from.scheme);
        made_.path_at_ = here();
        std::string path =
            percent_encode(web ? without_dot_segments(from.path, dots::also_encoded) : from.path, url_part::path);
        if (web && path.empty()) path = "/";
        // "scheme://x" would be read as a host: RFC 3986, section 3.3 forbids it, WHATWG's way out is "/.".
        if (!from.authority && path.starts_with("//")) path = std::string("/.").append(path);
        made_.text_ += path;
    }

    url made_;
};

url::url(std::string_view text) {
    url_fault why{};
    auto parsed = parse(text, why);
    if (!parsed) throw url_error(why, text);
    *this = std::move(*parsed);
}

std::optional<url> url::parse(std::string_view text) {
    url_fault why{};
    return parse(text, why);
}

std::optional<url> url::parse(std::string_view text, url_fault& why) {
    const auto parts = split_reference(text, why);
    if (!parts) return std::nullopt;
    if (parts->scheme.empty()) {
        why = text.empty() ? url_fault::empty : url_fault::no_scheme;
        return std::nullopt;
    }
    return url_builder::build(*parts, why);
}

url url::resolve(std::string_view reference) const {
    url_fault why{};
    auto resolved = resolve(reference, why);
    if (!resolved) throw url_error(why, reference);
    return std::move(*resolved);
}

std::optional<url> url::resolve(std::string_view reference, url_fault& why) const {
    auto parts = split_reference(reference, why);
    if (!parts) return std::nullopt;
    return url_builder::build(resolved_parts(url_builder::parts_of(*this), std::move(*parts)), why);
}

std::string_view url::host() const noexcept {
    if (host_at_ == nowhere) return {};
    return kind_ == host_kind::ipv6 ? part(host_at_ + 1, host_end_ - 1) : part(host_at_, host_end_);
}

std::optional<std::string_view> url::user_info() const noexcept {
    if (user_info_at_ == nowhere) return std::nullopt;
    return part(user_info_at_, host_at_ - 1);
}

std::string url::user() const {
    const std::string_view both = user_info().value_or("");
    return percent_decoded(both.substr(0, both.find(':')));
}

std::string url::password() const {
    const std::string_view both = user_info().value_or("");
    const std::size_t colon = both.find(':');
    return colon == std::string_view::npos ? std::string() : percent_decoded(both.substr(colon + 1));
}

std::uint32_t url::path_end() const noexcept {
    if (query_at_ != nowhere) return query_at_ - 1;
    return fragment_at_ != nowhere ? fragment_at_ - 1 : static_cast<std::uint32_t>(text_.size());
}

std::optional<std::string_view> url::query() const noexcept {
    if (query_at_ == nowhere) return std::nullopt;
    return part(query_at_, fragment_at_ != nowhere ? fragment_at_ - 1 : static_cast<std::uint32_t>(text_.size()));
}

std::optional<std::string_view> url::fragment() const noexcept {
    if (fragment_at_ == nowhere) return std::nullopt;
    return std::string_view(text_).substr(fragment_at_);
}

std::string url::authority() const { return host_at_ == nowhere ? "" : std::string(part(host_at_, path_at_)); }

std::string url::target() const {
    return std::string(
        part(path_at_, fragment_at_ != nowhere ? fragment_at_ - 1 : static_cast<std::uint32_t>(text_.size())));
}

std::string url::origin() const {
    const std::string_view host = host_at_ == nowhere ? std::string_view() : part(host_at_, host_end_);
    return std::string(scheme()).append("://").append(host).append(":").append(std::to_string(port_));
}

bool url::has_same_origin(const url& other) const noexcept {
    return scheme() == other.scheme() && host() == other.host() && port_ == other.port_;
}

url url::with_query(std::string_view query) const {
    url_fault why{};
    auto parts = url_builder::parts_of(*this);
    parts.query = query;
    auto changed = url_builder::build(parts, why);
    if (!changed) throw url_error(why, text_);
    return std::move(*changed);
}

url url::without_fragment() const {
    url copy = *this;
    if (fragment_at_ == nowhere) return copy;
    copy.text_.resize(fragment_at_ - 1);
    copy.fragment_at_ = nowhere;
    return copy;
}

url url::without_user_info() const {
    if (user_info_at_ == nowhere) return *this;
    url_fault why{};
    auto parts = url_builder::parts_of(*this);
    parts.authority = part(host_at_, path_at_);
    return std::move(*url_builder::build(parts, why));
}

}  // namespace torus::inline v0::http
