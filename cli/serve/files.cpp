// cli/serve/files.cpp: answers out of a folder.
#include "cli/serve/files.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <torus/core/thread.hpp>
#include <torus/http/date.hpp>
#include <torus/http/etag.hpp>
#include <torus/http/mime.hpp>
#include <torus/http/percent.hpp>
#include <torus/http/range.hpp>
#include <torus/http/status.hpp>

#include "cli/serve/file_body.hpp"
#include "cli/serve/folder_page.hpp"

#include <sys/stat.h>

namespace torus::inline v0::cli {

namespace {

namespace status = http::status;

/// What a path turned out to be.
class found {
public:
    enum class kind : unsigned char { nothing, forbidden, file, folder } what = kind::nothing;
    opened descriptor;
    std::string name;  // whose extension says what it is
    struct stat status{};
    std::vector<folder_entry> entries;  // of a folder without an index
};

/// Opens something, and looks at it. May block: for a thread.
found look_at(const opened& folder, std::string path, confinement how) {
    found result;
    result.descriptor = open_beneath(folder, path, how);
    result.name = std::move(path);
    if (!result.descriptor) {
        if (errno == EACCES) result.what = found::kind::forbidden;
        return result;
    }
    if (::fstat(result.descriptor.number(), &result.status) != 0) return result;
    if (S_ISREG(result.status.st_mode)) result.what = found::kind::file;
    else if (S_ISDIR(result.status.st_mode)) result.what = found::kind::folder;
    return result;
}

/// The same, with a folder's index in its place if the URL ends as a folder's does.
found look_up(std::shared_ptr<const opened> folder, const std::string& path, confinement how, bool as_folder) {
    found result = look_at(*folder, path, how);
    if (result.what != found::kind::folder || !as_folder) return result;
    found index = look_at(*folder, path + "/index.html", how);
    if (index.what == found::kind::file) return index;
    result.entries = read_folder(*folder, path, how);
    return result;
}

http::reply short_reply(int code) {
    return http::reply(code, http::body(std::string(http::reason_phrase(code)) + "\n"));
}

http::reply moved_to(std::string where) {
    http::reply r = short_reply(status::moved_permanently);
    r.headers.set("location", where);
    return r;
}

/// A name for this version of the file: it changes with every write that the file system tells us about.
http::validators validators_of(const struct stat& file) {
    std::array<char, 64> text{};
    const int size = std::snprintf(
        text.data(), text.size(), "%llx-%llx-%lx", static_cast<unsigned long long>(file.st_size),
        static_cast<unsigned long long>(file.st_mtim.tv_sec), static_cast<unsigned long>(file.st_mtim.tv_nsec));
    return {http::etag({text.data(), static_cast<std::size_t>(size)}),
            std::chrono::sys_seconds(std::chrono::seconds(file.st_mtim.tv_sec))};
}

std::string new_boundary() {
    static std::mt19937_64 random(std::random_device{}());
    return "torus-" + std::to_string(random());
}

/// Several ranges, each with a head of its own (RFC 9110, section 14.6).
http::reply multipart(found file, const http::range_selection& selected, std::uint64_t size) {
    const std::string boundary = new_boundary();
    const std::string type(http::mime_type(file.name));
    std::vector<file_part> parts;
    parts.reserve(selected.ranges.size());
    for (http::byte_range range : selected.ranges)
        parts.emplace_back("\r\n--" + boundary + "\r\ncontent-type: " + type +
                               "\r\ncontent-range: " + http::content_range(range, size) + "\r\n\r\n",
                           range);
    parts.emplace_back("\r\n--" + boundary + "--\r\n");
    return http::reply(status::partial_content,
                       http::body(std::make_unique<file_body>(std::move(file.descriptor), std::move(parts))),
                       "multipart/byteranges; boundary=" + boundary);
}

http::reply content_of(found file, const http::headers& request, const http::validators& current) {
    const auto size = static_cast<std::uint64_t>(file.status.st_size);
    http::range_selection selected;
    if (const auto field = request.get("range"); field && http::range_is_current(request, current))
        selected = http::select_ranges(*field, size);
    if (selected.answer == http::range_answer::unsatisfiable) {
        http::reply r = short_reply(status::range_not_satisfiable);
        r.headers.set("content-range", http::unsatisfied_range(size));
        return r;
    }
    const bool in_parts = selected.answer == http::range_answer::parts;
    if (in_parts && selected.ranges.size() > 1) return multipart(std::move(file), selected, size);
    const std::string_view type = http::mime_type(file.name);
    if (size == 0) return http::reply(status::ok, http::body(std::string()), type);
    const http::byte_range range = in_parts ? selected.ranges.front() : http::byte_range{0, size - 1};
    std::vector<file_part> parts;
    parts.emplace_back(std::string(), range);
    http::reply r(in_parts ? status::partial_content : status::ok,
                  http::body(std::make_unique<file_body>(std::move(file.descriptor), std::move(parts))), type);
    if (in_parts) r.headers.set("content-range", http::content_range(range, size));
    return r;
}

http::reply file_reply(found file, const http::incoming& request) {
    const http::validators current = validators_of(file.status);
    http::reply r;
    switch (http::evaluate_conditions(request.method(), request.headers(), current)) {
    case http::condition::not_modified: r = http::reply(status::not_modified); break;
    case http::condition::precondition_failed: return short_reply(status::precondition_failed);
    case http::condition::met: r = content_of(std::move(file), request.headers(), current); break;
    }
    r.headers.set("etag", current.etag->to_string());
    r.headers.set("last-modified", http::format_date(*current.last_modified));
    r.headers.set("accept-ranges", "bytes");
    r.headers.set("x-content-type-options", "nosniff");
    return r;
}

std::string with_query(std::string path, const std::optional<std::string_view>& query) {
    return query ? path + "?" + std::string(*query) : path;
}

}  // namespace

files::files(const std::string& path)
    : folder_(std::make_shared<const opened>(open_folder(path))), how_(best_confinement(*folder_)) {}

async<http::reply> files::answer(const http::incoming& request) const {
    if (request.method() != http::method::get && request.method() != http::method::head) {
        http::reply r = short_reply(status::method_not_allowed);
        r.headers.set("allow", "GET, HEAD");
        co_return r;
    }
    const std::string url_path(request.path());
    const std::optional<std::string> path = path_beneath(url_path);
    if (!path) co_return short_reply(status::not_found);
    const bool as_folder = url_path.ends_with('/');
    found what = co_await to_thread(look_up, folder_, *path, how_, as_folder);
    switch (what.what) {
    case found::kind::nothing: co_return short_reply(status::not_found);
    case found::kind::forbidden: co_return short_reply(status::forbidden);
    case found::kind::file:
        if (as_folder && what.name == *path) co_return short_reply(status::not_found);
        co_return file_reply(std::move(what), request);
    case found::kind::folder: break;
    }
    // A path that begins with two slashes would be taken for a host.
    if (!as_folder)
        co_return moved_to(with_query("/" + url_path.substr(url_path.find_first_not_of('/')) + "/", request.query()));
    const std::string shown = *path == "." ? "/" : "/" + *path + "/";
    co_return http::reply(status::ok, http::body(folder_page(shown, what.entries)), "text/html; charset=utf-8");
}

}  // namespace torus::inline v0::cli
