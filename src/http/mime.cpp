// src/http/mime.cpp: file extensions and their media types.
#include "torus/http/mime.hpp"

#include "torus/http/token.hpp"

#include <algorithm>
#include <array>

namespace torus::inline v0::http {
namespace {

struct known {
    std::string_view extension;
    std::string_view type;
};

// In alphabetical order, for it is searched by halves. The registered types of what a web server really serves.
constexpr std::array<known, 62> table = {{
    {"7z", "application/x-7z-compressed"},
    {"aac", "audio/aac"},
    {"apng", "image/apng"},
    {"atom", "application/atom+xml"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"br", "application/octet-stream"},
    {"bz2", "application/x-bzip2"},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"epub", "application/epub+zip"},
    {"flac", "audio/flac"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/vnd.microsoft.icon"},
    {"ics", "text/calendar; charset=utf-8"},
    {"jar", "application/java-archive"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"jsonl", "application/jsonl"},
    {"jsonld", "application/ld+json"},
    {"jxl", "image/jxl"},
    {"m4a", "audio/mp4"},
    {"map", "application/json"},
    {"md", "text/markdown; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpeg", "video/mpeg"},
    {"oga", "audio/ogg"},
    {"ogg", "audio/ogg"},
    {"ogv", "video/ogg"},
    {"opus", "audio/ogg"},
    {"otf", "font/otf"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"rss", "application/rss+xml"},
    {"rtf", "application/rtf"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"ttf", "font/ttf"},
    {"txt", "text/plain; charset=utf-8"},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"weba", "audio/webm"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xhtml", "application/xhtml+xml"},
    {"xml", "application/xml"},
    {"yaml", "application/yaml"},
    {"zip", "application/zip"},
    {"zst", "application/zstd"},
}};

constexpr bool by_extension(const known& a, const known& b) noexcept { return a.extension < b.extension; }
static_assert(std::is_sorted(table.begin(), table.end(), by_extension));

constexpr std::string_view unknown_type = "application/octet-stream";
constexpr std::size_t longest_extension = 11;

}  // namespace

std::string_view mime_type(std::string_view file_name) noexcept {
    const std::string_view name = file_name.substr(file_name.find_last_of('/') + 1);
    const std::size_t dot = name.find_last_of('.');
    // A dot in front makes a file hidden, it does not begin an extension.
    if (dot == std::string_view::npos || dot == 0 || name.size() - dot - 1 > longest_extension) return unknown_type;

    std::array<char, longest_extension> lower{};
    const std::string_view given = name.substr(dot + 1);
    std::transform(given.begin(), given.end(), lower.begin(), to_lower);
    const std::string_view extension(lower.data(), given.size());
    const auto found = std::lower_bound(table.begin(), table.end(), known{extension, {}}, by_extension);
    return found != table.end() && found->extension == extension ? found->type : unknown_type;
}

}  // namespace torus::inline v0::http
