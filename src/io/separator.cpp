// src/io/separator.cpp: finding the end of a line, or of whatever else has one.
#include "io/separator.hpp"

#include <algorithm>
#include <stdexcept>

namespace torus::inline v0 {

separator_search::separator_search(std::span<const std::string_view> separators)
    : separators_(separators), shortest_(separators.empty() ? 0 : separators.front().size()), longest_(shortest_) {
    for (const std::string_view each : separators) {
        shortest_ = std::min(shortest_, each.size());
        longest_ = std::max(longest_, each.size());
    }
    if (shortest_ == 0) throw std::invalid_argument("torus: a separator must be at least one byte");
}

separator_search::found separator_search::in(std::string_view text) noexcept {
    found earliest;
    for (const std::string_view each : separators_) {
        // The last bytes searched before may be its beginning.
        const std::size_t from = searched_ > each.size() - 1 ? searched_ - (each.size() - 1) : 0;
        const std::string_view where = earliest.size > 0 ? text.substr(0, earliest.size) : text;
        const std::size_t at = where.find(each, from);
        if (at == where.npos) continue;
        const std::size_t end = at + each.size();
        // Of two that end together the longer one leaves less content.
        if (earliest.size == 0 || end < earliest.size || at < earliest.content) earliest = {end, at};
    }
    if (earliest.size > 0) return earliest;
    searched_ = text.size();
    return {0, text.size() - std::min(text.size(), longest_ - 1)};
}

}  // namespace torus::inline v0
