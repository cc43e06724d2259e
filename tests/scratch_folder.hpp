// tests/scratch_folder.hpp: a folder for one test.
#pragma once

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include <stdlib.h>

namespace torus::inline v0::testing {

/// A new folder, which goes with everything in it.
class scratch_folder {
public:
    scratch_folder() {
        if (!::mkdtemp(path_.data())) throw std::system_error(errno, std::system_category(), "mkdtemp");
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::string& path() const noexcept { return path_; }

    /// The path of what is there by this name, or may be.
    std::string operator/(std::string_view name) const { return path_ + '/' + std::string(name); }

    /// Writes a file, in place of what it was.
    /// @return its path
    std::string write(std::string_view name, std::string_view content) const {
        const std::string path = *this / name;
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        if (!(file << content).flush()) throw std::system_error(errno, std::system_category(), "write");
        return path;
    }

private:
    std::string path_ = (std::filesystem::temp_directory_path() / "torus-test-XXXXXX").string();
};

}  // namespace torus::inline v0::testing
