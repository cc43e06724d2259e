// cli/serve/folder_page.cpp: what is in a folder, as a page.
#include "cli/serve/folder_page.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <tuple>

#include <torus/http/percent.hpp>

#include "cli/fetch/row.hpp"
#include "cli/quantity.hpp"
#include "cli/utf8.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

struct closing {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

/// What a name in a folder stands for; a symbolic link only if it leads to where it may.
std::optional<struct stat> status_of(int folder, const char* name, const opened& root, const std::string& path,
                                     confinement how) {
    struct stat status{};
    if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
    if (!S_ISLNK(status.st_mode)) return status;
    const opened target = open_beneath(root, path, how);
    if (!target || ::fstat(target.number(), &status) != 0) return std::nullopt;
    return status;
}

std::string minute_of(std::chrono::sys_seconds when) {
    std::string text = iso_time(std::chrono::floor<std::chrono::milliseconds>(when)).substr(0, 16);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
}

}  // namespace

std::string html_escaped(std::string_view text) {
    std::string escaped;
    for (char c : text) {
        switch (c) {
        case '&': escaped += "&amp;"; break;
        case '<': escaped += "&lt;"; break;
        case '>': escaped += "&gt;"; break;
        case '"': escaped += "&quot;"; break;
        default: escaped += c;
        }
    }
    return escaped;
}

std::vector<folder_entry> read_folder(const opened& root, const std::string& path, confinement how) {
    opened folder = open_beneath(root, path, how);
    const std::unique_ptr<DIR, closing> reading(folder ? ::fdopendir(folder.number()) : nullptr);
    if (!reading) throw std::system_error(errno, std::system_category(), "cannot read a folder");
    const int number = folder.release();  // closedir closes it
    std::vector<folder_entry> entries;
    while (const struct dirent* found = ::readdir(reading.get())) {
        if (found->d_name[0] == '.') continue;
        const std::optional<struct stat> status =
            status_of(number, found->d_name, root, path + "/" + found->d_name, how);
        if (!status || (!S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode))) continue;
        folder_entry entry;
        entry.name = found->d_name;
        entry.is_folder = S_ISDIR(status->st_mode);
        entry.size = static_cast<std::uint64_t>(status->st_size);
        entry.modified = std::chrono::sys_seconds(std::chrono::seconds(status->st_mtim.tv_sec));
        entries.push_back(std::move(entry));
        if (entries.size() == listed_names) break;
    }
    std::sort(entries.begin(), entries.end(), [](const folder_entry& a, const folder_entry& b) {
        return std::tuple(!a.is_folder, std::string_view(a.name)) < std::tuple(!b.is_folder, std::string_view(b.name));
    });
    return entries;
}

std::string folder_page(std::string_view path, const std::vector<folder_entry>& entries) {
    const std::string title = html_escaped(utf8_repaired(path));
    std::string page = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
                       title +
                       "</title>\n"
                       "<style>body { font-family: sans-serif; margin: 2em } td { padding: .1em 2em .1em 0 } "
                       "td + td { text-align: right; color: #777; font-variant-numeric: tabular-nums }</style>\n"
                       "</head>\n<body>\n<h1>" +
                       title + "</h1>\n<table>\n";
    if (path != "/") page += "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n";
    for (const folder_entry& entry : entries) {
        const std::string end = entry.is_folder ? "/" : "";
        page += "<tr><td><a href=\"" + http::percent_encode(entry.name) + end + "\">" +
                html_escaped(utf8_repaired(entry.name)) + end + "</a></td><td>" +
                (entry.is_folder ? "" : format_size(entry.size)) + "</td><td>" + minute_of(entry.modified) +
                "</td></tr>\n";
    }
    page += "</table>\n";
    if (entries.size() == listed_names) page += "<p>… and more</p>\n";
    return page + "</body>\n</html>\n";
}

}  // namespace torus::inline v0::cli
