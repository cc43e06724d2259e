// src/http/headers.cpp: fields in one block of text.
#include "torus/http/headers.hpp"

#include "http/grammar.hpp"
#include "torus/http/token.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace torus::inline v0::http {
namespace {

// Text of removed fields is given back when it is more than half of the block, and the block is worth the trouble.
constexpr std::size_t worth_compacting = 512;

// Room for the first fields that are added: most messages have no more.
constexpr std::size_t usual_fields = 4;
constexpr std::size_t usual_text = 95;  // bytes, and one for the end

void require_valid(std::string_view name, std::string_view value) {
    if (!is_token(name)) throw std::invalid_argument("not the name of an HTTP field: '" + std::string(name) + "'");
    if (!is_field_value(value))
        throw std::invalid_argument("control character in the value of the field " + std::string(name));
}

}  // namespace

headers::headers(std::initializer_list<field> fields) {
    entries_.reserve(fields.size());
    for (const field& f : fields) add(f.name, f.value);
}

bool headers::is_named(const entry& e, std::string_view name) const noexcept {
    return e.name_size == name.size() && equals_ignoring_case({text_.data() + e.name_at, e.name_size}, name);
}

std::optional<std::string_view> headers::get(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (is_named(entries_[i], name)) return (*this)[i].value;
    return std::nullopt;
}

std::string_view headers::get(std::string_view name, std::string_view otherwise) const noexcept {
    return get(name).value_or(otherwise);
}

std::vector<std::string_view> headers::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (is_named(entries_[i], name)) values.push_back((*this)[i].value);
    return values;
}

bool headers::contains(std::string_view name) const noexcept { return get(name).has_value(); }

bool headers::contains_token(std::string_view name, std::string_view token) const noexcept {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (!is_named(entries_[i], name)) continue;
        std::string_view rest = (*this)[i].value;
        for (std::string_view member; take_member(rest, member);)
            if (equals_ignoring_case(member, token)) return true;
    }
    return false;
}

headers::entry headers::append(std::string_view name, std::string_view value) {
    if (name.size() + value.size() > UINT32_MAX - text_.size()) throw std::length_error("fields of 4 GiB");
    const auto at = static_cast<std::uint32_t>(text_.size());
    const auto name_size = static_cast<std::uint32_t>(name.size());
    const std::size_t added = name.size() + value.size();
    if (text_.capacity() - text_.size() >= added) {
        text_.append(name).append(value);
    } else {  // both may lie in the block itself, so it must not go before they are copied
        std::string larger;
        larger.reserve(std::max({usual_text, 2 * text_.size(), text_.size() + added}));
        larger.append(text_).append(name).append(value);
        text_.swap(larger);
    }
    return {at, name_size, at + name_size, static_cast<std::uint32_t>(value.size())};
}

void headers::add(std::string_view name, std::string_view value) {
    value = trimmed(value);
    require_valid(name, value);
    add_valid(name, value);
}

void headers::add_valid(std::string_view name, std::string_view value) {
    if (entries_.empty()) entries_.reserve(usual_fields);
    entries_.push_back(append(name, value));
}

void headers::set(std::string_view name, std::string_view value) {
    value = trimmed(value);
    require_valid(name, value);
    const auto named = [&](const entry& e) { return is_named(e, name); };
    const auto first = std::find_if(entries_.begin(), entries_.end(), named);
    if (first == entries_.end()) return add_valid(name, value);
    const entry fresh = append(name, value);
    name = {text_.data() + fresh.name_at, fresh.name_size};  // what was given may have lain in the block that moved
    entries_.erase(std::remove_if(first + 1, entries_.end(), named), entries_.end());
    *first = fresh;
    compact();
}

std::size_t headers::remove(std::string_view name) noexcept {
    return std::erase_if(entries_, [&](const entry& e) { return is_named(e, name); });
}

void headers::compact() {
    std::size_t used = 0;
    for (const entry& e : entries_) used += e.name_size + e.value_size;
    if (text_.size() < worth_compacting || used > text_.size() / 2) return;
    const std::string old = std::exchange(text_, {});
    text_.reserve(2 * used);
    for (entry& e : entries_) {
        const std::string_view all = old;
        e = append(all.substr(e.name_at, e.name_size), all.substr(e.value_at, e.value_size));
    }
}

void headers::clear() noexcept {
    text_.clear();
    entries_.clear();
}

}  // namespace torus::inline v0::http
