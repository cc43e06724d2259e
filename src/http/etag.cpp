// src/http/etag.cpp: entity tags and conditional requests.
#include "torus/http/etag.hpp"

#include "http/grammar.hpp"
#include "torus/http/date.hpp"

#include <algorithm>
#include <stdexcept>

namespace torus::inline v0::http {
namespace {

bool is_opaque(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > 0x20 && c != '"' && byte != 0x7f;
    });
}

enum class comparison { strong, weak };

// Whether a list of tags, or "*", has the current one. What is malformed in it matches nothing.
bool has_match(const headers& request, std::string_view name, const validators& current, comparison how) {
    for (std::string_view list : request.all(name)) {
        if (list == "*") return true;
        for (std::string_view member; take_member(list, member);) {
            const auto tag = etag::parse(member);
            if (!tag || !current.etag) continue;
            if (how == comparison::strong ? tag->matches_strongly(*current.etag) : tag->matches_weakly(*current.etag))
                return true;
        }
    }
    return false;
}

// The date in that field, if there is one and it is one; a condition with another value is ignored.
std::optional<std::chrono::sys_seconds> date_in(const headers& request, std::string_view name) {
    const auto value = request.get(name);
    return value ? parse_date(*value) : std::nullopt;
}

}  // namespace

etag::etag(std::string_view opaque, etag_strength strength) : opaque_(opaque), strength_(strength) {
    if (!is_opaque(opaque)) throw std::invalid_argument("not an entity tag: '" + opaque_ + "'");
}

std::optional<etag> etag::parse(std::string_view text) {
    const bool weak = text.starts_with("W/");
    if (weak) text.remove_prefix(2);
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    if (!is_opaque(text)) return std::nullopt;
    return etag(text, weak ? etag_strength::weak : etag_strength::strong);
}

std::string etag::to_string() const {
    std::string text = is_weak() ? "W/\"" : "\"";
    return text.append(opaque_).append("\"");
}

bool etag::matches_strongly(const etag& other) const noexcept {
    return !is_weak() && !other.is_weak() && opaque_ == other.opaque_;
}

condition evaluate_conditions(const method& verb, const headers& request, const validators& current) {
    const bool reads = verb == method::get || verb == method::head;
    if (request.contains("if-match")) {
        if (!has_match(request, "if-match", current, comparison::strong)) return condition::precondition_failed;
    } else if (const auto date = date_in(request, "if-unmodified-since"); date && current.last_modified) {
        if (*current.last_modified > *date) return condition::precondition_failed;
    }
    if (request.contains("if-none-match")) {
        if (has_match(request, "if-none-match", current, comparison::weak))
            return reads ? condition::not_modified : condition::precondition_failed;
    } else if (const auto date = date_in(request, "if-modified-since"); date && current.last_modified && reads) {
        if (*current.last_modified <= *date) return condition::not_modified;
    }
    return condition::met;
}

bool range_is_current(const headers& request, const validators& current) {
    const auto value = request.get("if-range");
    if (!value) return true;
    if (const auto tag = etag::parse(*value)) return current.etag && tag->matches_strongly(*current.etag);
    const auto date = parse_date(*value);
    return date && current.last_modified && *date == *current.last_modified;
}

}  // namespace torus::inline v0::http
