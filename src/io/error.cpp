// src/io/error.cpp: the sentences of incomplete reads.
#include <torus/io/error.hpp>

namespace torus::inline v0 {

namespace {

std::string describe(std::size_t had, std::optional<std::size_t> expected) {
    const std::string before = "the stream has ended after " + std::to_string(had) + " bytes";
    if (expected) return before + " where " + std::to_string(*expected) + " were expected";
    return before + ", before the separator";
}

}  // namespace

incomplete_read_error::incomplete_read_error(std::string partial, std::optional<std::size_t> expected)
    : std::runtime_error(describe(partial.size(), expected)),
      partial_(std::make_shared<const std::string>(std::move(partial))), expected_(expected) {}

}  // namespace torus::inline v0
