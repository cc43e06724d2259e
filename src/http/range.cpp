// src/http/range.cpp: the field Range.
#include "torus/http/range.hpp"

#include "http/grammar.hpp"
#include "torus/http/limits.hpp"
#include "torus/http/token.hpp"

#include <algorithm>
#include <optional>

namespace torus::inline v0::http {
namespace {

// A position beyond all numbers is as good as the greatest one.
std::optional<std::uint64_t> position(std::string_view digits) noexcept {
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
    return parse_decimal(digits).value_or(UINT64_MAX);
}

enum class verdict { malformed, outside, inside, whole };

// "5-9", "5-" or "-5", for a representation of `size` bytes.
verdict read(std::string_view text, std::uint64_t size, byte_range& range) noexcept {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return verdict::malformed;
    const auto first = position(text.substr(0, dash));
    const auto last = position(text.substr(dash + 1));
    const bool is_suffix = dash == 0;
    const bool is_open = dash + 1 == text.size();
    if ((!first && !is_suffix) || (!last && !is_open) || (is_suffix && is_open)) return verdict::malformed;
    if (is_suffix) {
        if (*last == 0) return verdict::outside;
        if (size == 0) return verdict::whole;  // the last bytes of nothing are nothing, which no part can be
        range = {size - std::min(*last, size), size - 1};
        return verdict::inside;
    }
    if (last && *last < *first) return verdict::malformed;
    if (*first >= size) return verdict::outside;
    range = {*first, last ? std::min(*last, size - 1) : size - 1};
    return verdict::inside;
}

}  // namespace

range_selection select_ranges(std::string_view range_field, std::uint64_t size) {
    std::string_view rest = trimmed(range_field);
    constexpr std::string_view unit = "bytes=";
    if (!equals_ignoring_case(rest.substr(0, unit.size()), unit)) return {};
    rest.remove_prefix(unit.size());

    std::vector<byte_range> ranges;
    std::size_t asked = 0;
    std::uint64_t total = 0;
    for (std::string_view member; take_member(rest, member);) {
        byte_range range{};
        const verdict v = read(member, size, range);
        if (v == verdict::malformed || v == verdict::whole || ++asked > max_ranges) return {};
        if (v == verdict::outside) continue;
        if (range.size() > size - total) return {};
        total += range.size();
        ranges.push_back(range);
    }
    if (ranges.empty()) return {range_answer::unsatisfiable, {}};
    return {range_answer::parts, std::move(ranges)};
}

std::string content_range(byte_range range, std::uint64_t size) {
    return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.last) + "/" + std::to_string(size);
}

std::string unsatisfied_range(std::uint64_t size) { return "bytes */" + std::to_string(size); }

}  // namespace torus::inline v0::http
