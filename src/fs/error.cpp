// src/fs/error.cpp: the sentence of an error.
#include <torus/fs/error.hpp>

namespace torus::inline v0::fs {

namespace {

std::string describe(std::string_view tried, std::string_view path, std::string_view other) {
    std::string sentence = "torus: " + std::string(tried) + " \"" + std::string(path) + '"';
    if (!other.empty()) sentence += " to \"" + std::string(other) + '"';
    return sentence;
}

}  // namespace

error::error(int code, std::string_view tried, std::string_view path, std::string_view other)
    : std::system_error(code, std::system_category(), describe(tried, path, other)),
      words_(std::make_shared<const words>(std::string(tried), std::string(path), std::string(other))) {}

}  // namespace torus::inline v0::fs
