// cli/serve/folder_page.hpp: what is in a folder, as a page.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/serve/beneath.hpp"

namespace torus::inline v0::cli {

/// Names on a page; a folder of a million files is nothing to look at.
inline constexpr std::size_t listed_names = 10000;

/// One thing in a folder.
class folder_entry {
public:
    std::string name;
    bool is_folder = false;
    std::uint64_t size = 0;
    std::chrono::sys_seconds modified{};
};

/// What is in a folder below `root`: folders first, then files, by name. Nothing is listed that would not be served: what
/// begins with a dot, what is neither file nor folder, links that lead outside.
/// @throws std::system_error  it can't be read
std::vector<folder_entry> read_folder(const opened& root, const std::string& path, confinement how);

/// The page.
/// @param path  of the URL, decoded, for the heading
std::string folder_page(std::string_view path, const std::vector<folder_entry>& entries);

/// Text within HTML.
std::string html_escaped(std::string_view text);

}  // namespace torus::inline v0::cli
