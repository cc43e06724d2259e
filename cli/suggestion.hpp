// cli/suggestion.hpp: what somebody may have meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace torus::inline v0::cli {

/// The word of `known` that `typed` most likely stands for; empty if none is close.
///
/// Close is a typing mistake (a letter too many, missing, wrong, or two exchanged) for every three letters, or the
/// beginning of exactly one word.
std::string_view closest(std::string_view typed, std::span<const std::string_view> known);

/// "; did you mean 'fetch'?", or nothing.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known);

}  // namespace torus::inline v0::cli
