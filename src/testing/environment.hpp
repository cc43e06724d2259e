// src/testing/environment.hpp: what the environment says about chance.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

namespace torus::inline v0::testing {

inline std::optional<std::uint64_t> number_in_environment(const char* name) {
    const char* const value = std::getenv(name);
    if (!value || !*value) return std::nullopt;
    char* end = nullptr;
    const std::uint64_t number = std::strtoull(value, &end, 0);
    if (*end) throw std::invalid_argument("torus: " + std::string(name) + " is no number: " + value);
    return number;
}

}  // namespace torus::inline v0::testing
