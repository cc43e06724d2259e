// src/http/coding.cpp: content codings and Accept-Encoding.
#include "torus/http/coding.hpp"

#include "http/grammar.hpp"
#include "torus/http/token.hpp"

namespace torus::inline v0::http {
namespace {

// A weight in thousandths: 500 for "0.5"; -1 if it is malformed.
int weight_of(std::string_view text) noexcept {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return -1;
    int weight = text[0] == '1' ? 1000 : 0;
    if (text.size() > 1 && text[1] != '.') return -1;
    int digit = 100;
    for (std::size_t i = 2; i < text.size(); ++i, digit /= 10) {
        if (!is_digit(text[i])) return -1;
        weight += digit * (text[i] - '0');
    }
    return weight <= 1000 ? weight : -1;
}

constexpr int unlisted = -1;

// The weight a list gives to a name; "*" stands for all that it does not name.
int weight_in(std::string_view list, content_coding coding) noexcept {
    int any = unlisted;
    for (std::string_view member; take_member(list, member);) {
        std::string_view name;
        take_member(member, name, ';');
        int weight = 1000;
        for (std::string_view parameter; take_member(member, parameter, ';');)
            if (parameter.starts_with("q=") || parameter.starts_with("Q=")) weight = weight_of(parameter.substr(2));
        if (weight < 0) continue;
        if (name == "*") any = weight;
        if (content_coding_of(name) == coding) return weight;
    }
    return any;
}

}  // namespace

std::string_view to_string(content_coding coding) noexcept {
    switch (coding) {
    case content_coding::identity: return "identity";
    case content_coding::gzip: return "gzip";
    case content_coding::deflate: return "deflate";
    case content_coding::br: return "br";
    case content_coding::zstd: return "zstd";
    }
    return "";
}

std::optional<content_coding> content_coding_of(std::string_view name) noexcept {
    if (equals_ignoring_case(name, "x-gzip")) return content_coding::gzip;
    for (auto coding : {content_coding::identity, content_coding::gzip, content_coding::deflate, content_coding::br,
                        content_coding::zstd})
        if (equals_ignoring_case(name, to_string(coding))) return coding;
    return std::nullopt;
}

std::optional<content_coding> negotiate_coding(std::string_view accept_encoding,
                                               std::span<const content_coding> offered) noexcept {
    const int identity = weight_in(accept_encoding, content_coding::identity);
    std::optional<content_coding> best;
    int best_weight = 0;
    for (content_coding coding : offered) {
        const int weight = weight_in(accept_encoding, coding);
        if (weight > best_weight) best = coding, best_weight = weight;
    }
    // Not named, identity is the last resort; named, it takes part in the contest.
    if (best && best_weight >= identity) return best;
    if (identity != 0) return content_coding::identity;
    return best;
}

}  // namespace torus::inline v0::http
