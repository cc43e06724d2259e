// torus/fs/error.hpp: what went wrong with a file, with its name and what was tried.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace torus::inline v0::fs {

/// What the kernel says of a file: the errno is in `code()`, and what() names what was tried and on which file.
///
///     try {
///         text = co_await fs::read_text("settings.json");
///     } catch (const fs::error& e) {
///         if (e.code() != std::errc::no_such_file_or_directory) throw;
///     }
///
/// With the bare backend `sim`, which has no disk, everything throws ENOSYS (`std::errc::function_not_supported`).
class error : public std::system_error {
public:
    /// @param tried  a verb: "open", "rename"
    /// @param other  the second name, where there is one
    error(int code, std::string_view tried, std::string_view path, std::string_view other = {});

    const std::string& tried() const noexcept { return words_->tried; }
    const std::string& path() const noexcept { return words_->path; }
    const std::string& other_path() const noexcept { return words_->other; }

private:
    struct words {
        std::string tried, path, other;
    };
    std::shared_ptr<const words> words_;  // so that copying throws nothing
};

}  // namespace torus::inline v0::fs
