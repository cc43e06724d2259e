// cli/fetch/request.cpp: what a line of the input asks for.
#include "cli/fetch/request.hpp"

#include <array>
#include <optional>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "cli/fetch/digest.hpp"
#include "cli/quantity.hpp"
#include "cli/suggestion.hpp"
#include "cli/terminal.hpp"
#include "cli/utf8.hpp"

namespace torus::inline v0::cli {

namespace {

using nlohmann::json;

/// What is wrong with a line, in words.
class bad_line : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

constexpr std::array<std::string_view, 4> members{"url", "method", "headers", "body"};

/// What the connection's own rules decide, not the message (RFC 9110, section 7.6.1, and RFC 9112, sections 3.2 and 6).
constexpr std::array<std::string_view, 10> connection_headers{
    "connection", "content-length",    "expect", "host", "keep-alive", "proxy-connection", "te",
    "trailer",    "transfer-encoding", "upgrade"};

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    if (a.size() != b.size()) return false;
    for (std::size_t at = 0; at < a.size(); ++at)
        if (low(a[at]) != low(b[at])) return false;
    return true;
}

std::string in_quotes(std::string_view text) { return "'" + printable(text, 60) + "'"; }

http::url parse_target(std::string_view text) {
    http::url_fault why{};
    const std::optional<http::url> target = http::url::parse(text, why);
    if (!target) throw bad_line(std::string(http::to_string(why)));
    if (target->scheme() != "http" && target->scheme() != "https")
        throw bad_line("the scheme " + in_quotes(target->scheme()) + " is neither http nor https");
    if (target->port() == 0) throw bad_line("there is no port 0");
    return target->without_fragment();
}

http::method parse_method(const json& value) {
    if (!value.is_string()) throw bad_line("'method' is not a text");
    const auto& text = value.get_ref<const std::string&>();
    const std::optional<http::method> method = http::method::parse(text);
    if (!method) throw bad_line(in_quotes(text) + " is no method");
    if (equal_ignoring_case(text, "CONNECT")) throw bad_line("CONNECT asks for a tunnel, not for an answer");
    using known = http::method;
    for (const known& m :
         {known::get, known::head, known::post, known::put, known::delete_, known::options, known::trace, known::patch})
        if (equal_ignoring_case(text, m.name())) return m;
    return *method;
}

void add_checked(http::headers& to, std::string_view name, std::string_view value) {
    for (std::string_view forbidden : connection_headers)
        if (equal_ignoring_case(name, forbidden))
            throw bad_line("the header " + in_quotes(name) + " is up to the connection");
    try {
        to.add(name, trimmed(value));
    } catch (const std::invalid_argument&) {
        throw bad_line("the header " + in_quotes(name) + " has a name or a value that none can have");
    }
}

http::headers parse_headers(const json& value) {
    if (!value.is_object()) throw bad_line("'headers' is not an object");
    http::headers headers;
    for (const auto& [name, content] : value.items()) {
        const json list = content.is_array() ? content : json::array({content});
        for (const json& one : list) {
            if (!one.is_string())
                throw bad_line("the header " + in_quotes(name) + " is neither a text nor a list of texts");
            add_checked(headers, name, one.get_ref<const std::string&>());
        }
    }
    return headers;
}

void refuse_mistyped(const json& object) {
    for (const auto& [name, value] : object.items()) {
        bool known = false;
        for (std::string_view member : members) known = known || name == member;
        if (!known && name.size() > 2 && !closest(name, members).empty())
            throw bad_line("unknown member " + in_quotes(name) + did_you_mean(name, members));
    }
}

/// Reads an object; `url` is set as soon as it is known, for the row of a line that fails later.
request parse_object(std::int64_t id, std::string_view text, std::string& url) {
    const json object = json::parse(text, nullptr, false);
    if (object.is_discarded() || !object.is_object()) throw bad_line("begins like JSON, but is no object of it");
    const auto where = object.find("url");
    if (where == object.end()) throw bad_line("has no member 'url'");
    if (!where->is_string()) throw bad_line("'url' is not a text");
    url = where->get<std::string>();
    refuse_mistyped(object);
    request r(id, url, parse_target(url));
    if (const auto body = object.find("body"); body != object.end()) {
        if (!body->is_string()) throw bad_line("'body' is not a text");
        r.body = body->get<std::string>();
        r.method = http::method::post;
    }
    if (const auto method = object.find("method"); method != object.end()) r.method = parse_method(*method);
    if (const auto headers = object.find("headers"); headers != object.end()) r.headers = parse_headers(*headers);
    return r;
}

}  // namespace

std::variant<request, malformed_line> parse_request(const line& from) {
    std::string url = printable(utf8_repaired(trimmed(from.text)), long_line_kept_bytes);
    try {
        if (from.is_too_long())
            throw bad_line("the line is longer than " + format_size(max_line_bytes) + ": " + format_count(from.size) +
                           " bytes");
        const std::size_t valid = utf8_valid_size(from.text);
        if (valid != from.text.size())
            throw bad_line("the line is not UTF-8: byte " + std::to_string(valid + 1) + " belongs to no character");
        const std::string_view text = trimmed(from.text);
        if (text.empty()) throw bad_line("the line is empty");
        if (text.front() == '{') return parse_object(from.id, text, url);
        return request(from.id, std::string(text), parse_target(text));
    } catch (const bad_line& e) {
        return malformed_line(from.id, std::move(url), e.what());
    }
}

std::string dedupe_key(const request& r) {
    digest d;
    const auto add = [&d](std::string_view part) {
        d.update(part);
        d.update(std::string_view("\0", 1));  // no part has one, but for the body, which comes last
    };
    add(r.method.name());
    add(r.target.to_string());
    for (const auto [name, value] : r.headers) {
        add(name);
        add(value);
    }
    add("");
    d.update(r.body);
    const digest::bytes all = d.finish();
    // 128 bits: among ten million requests two different ones have the same with a probability of 10^-25.
    return {reinterpret_cast<const char*>(all.data()), 16};
}

void add_header(http::headers& to, std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        throw std::invalid_argument(in_quotes(text) + " is not a header; 'Name: value' is one");
    try {
        add_checked(to, text.substr(0, colon), text.substr(colon + 1));
    } catch (const bad_line& e) {
        throw std::invalid_argument(e.what());
    }
}

}  // namespace torus::inline v0::cli
