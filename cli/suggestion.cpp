// cli/suggestion.cpp: what somebody may have meant.
#include "cli/suggestion.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace torus::inline v0::cli {

namespace {

/// Words longer than this are no mistyped ones, and cost too much to compare.
constexpr std::size_t longest_word = 64;  // bytes

/// How many single typing mistakes lie between two words (the restricted Damerau-Levenshtein distance).
std::size_t mistakes_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

std::string_view only_completion(std::string_view typed, std::span<const std::string_view> known) {
    std::string_view found;
    for (std::string_view word : known) {
        if (!word.starts_with(typed)) continue;
        if (!found.empty()) return {};
        found = word;
    }
    return found;
}

}  // namespace

std::string_view closest(std::string_view typed, std::span<const std::string_view> known) {
    if (typed.empty() || typed.size() > longest_word) return {};
    std::string_view best = only_completion(typed, known);
    if (!best.empty()) return best;
    std::size_t fewest = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (std::string_view word : known) {
        if (word.size() > longest_word) continue;
        const std::size_t mistakes = mistakes_between(typed, word);
        if (mistakes >= fewest || mistakes >= word.size()) continue;
        fewest = mistakes;
        best = word;
    }
    return best;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known) {
    const std::string_view word = closest(typed, known);
    return word.empty() ? std::string() : "; did you mean '" + std::string(word) + "'?";
}

}  // namespace torus::inline v0::cli
