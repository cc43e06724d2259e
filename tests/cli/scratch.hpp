// tests/cli/scratch.hpp: a folder for one test, and files as texts.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "scratch_folder.hpp"

namespace torus::inline v0::cli {

using testing::scratch_folder;

inline std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

inline void append_to_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::app) << content;
}

}  // namespace torus::inline v0::cli
