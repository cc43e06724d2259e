// src/http/query.cpp: names and values in a query.
#include "torus/http/query.hpp"

#include "http/grammar.hpp"
#include "torus/http/percent.hpp"

namespace torus::inline v0::http {
namespace {

// What a form means by `text`: never an error, for it was written by anybody.
std::string form_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            decoded += ' ';
        } else if (text[i] == '%' && text.size() - i > 2 && hex_value(text[i + 1]) >= 0 &&
                   hex_value(text[i + 2]) >= 0) {
            decoded += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

}  // namespace

query::query(std::string_view text) {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(pair.size() < text.size() ? pair.size() + 1 : pair.size());
        if (pair.empty()) continue;
        const std::string_view name = pair.substr(0, pair.find('='));
        const std::string_view value = name.size() < pair.size() ? pair.substr(name.size() + 1) : std::string_view();
        parameters_.emplace_back(form_decoded(name), form_decoded(value));
    }
}

query& query::add(std::string_view name, std::string_view value) {
    parameters_.emplace_back(name, value);
    return *this;
}

std::optional<std::string_view> query::get(std::string_view name) const noexcept {
    for (const auto& [its_name, value] : parameters_)
        if (its_name == name) return value;
    return std::nullopt;
}

std::string query::to_string() const {
    std::string text;
    for (const auto& [name, value] : parameters_) {
        if (!text.empty()) text += '&';
        text.append(percent_encode(name)).append("=").append(percent_encode(value));
    }
    return text;
}

}  // namespace torus::inline v0::http
