// cli/fetch/options.cpp: what the command line of `torus fetch` says.
#include "cli/fetch/options.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string_view>

#include <torus/http/headers.hpp>

#include "cli/declare.hpp"
#include "cli/fetch/digest.hpp"
#include "cli/fetch/request.hpp"
#include "cli/help.hpp"
#include "cli/quantity.hpp"

#include <sys/stat.h>

namespace torus::inline v0::cli {

namespace {

/// More connections than this have no port to come from (a client has about 28,000 for one server).
constexpr std::uint64_t most_connections = 20000;

/// More would take hours with the longest pauses between them.
constexpr std::uint64_t most_retries = 100;

/// A body has to fit into memory, and into SQLite, which takes a billion bytes.
constexpr std::uint64_t largest_max_body = 1000000000;

constexpr std::uint64_t most_redirects = 100;

bool ends_in(std::string_view path, std::string_view end) { return path.size() > end.size() && path.ends_with(end); }

bool is_device(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 &&
           (S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

std::string exactly(duration span) {
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.12g s", std::chrono::duration<double>(span).count());
    return {text.data(), static_cast<std::size_t>(size)};
}

void declare_output(CLI::App& fetch, fetch_options& o) {
    declare_positional(fetch, "INPUT", o.inputs);
    declare(fetch, "-o,--output", o.output);
    declare_choice(fetch, "--format", o.format, {{"sqlite", output_format::sqlite}, {"jsonl", output_format::jsonl}});
    declare_flag(fetch, "--restart", o.restart);
    declare_flag(fetch, "--retry-failed", o.retry_failed);
    declare_flag(fetch, "--retry-unsafe", o.retry_unsafe);
    declare_flag(fetch, "-q,--quiet", o.quiet);
    declare_color(fetch, o.color);
}

void declare_pace(CLI::App& fetch, fetch_options& o) {
    declare_count(fetch, "-c,--concurrency", o.concurrency, 1, most_connections);
    declare_count(fetch, "--per-host", o.per_host, 0, most_connections);
    declare_rate(fetch, "--rate", o.rate);
    declare_duration(fetch, "--timeout", o.timeout);
    declare_duration(fetch, "--connect-timeout", o.connect_timeout);
    declare_count(fetch, "--retries", o.retries, 0, most_retries);
}

void declare_requests(CLI::App& fetch, fetch_options& o) {
    declare_size(fetch, "--max-body", o.max_body, largest_max_body);
    declare_count(fetch, "--max-redirects", o.max_redirects, 0, most_redirects);
    declare_flag(fetch, "--raw", o.raw);
    declare_flag(fetch, "--dedupe", o.dedupe);
    declare(fetch, "-H,--header", o.headers);
    declare(fetch, "--user-agent", o.user_agent);
    declare(fetch, "--ca", o.authorities);
    declare(fetch, "--cert", o.certificate);
    declare(fetch, "--key", o.key);
    declare_flag(fetch, "--insecure", o.insecure);
}

}  // namespace

bool is_url(std::string_view argument) { return argument.find("://") != std::string_view::npos; }

std::string fetch_options::output_path() const {
    if (!output.empty()) return output;
    return format == output_format::jsonl ? "-" : "pages.db";
}

output_format fetch_options::chosen_format() const {
    if (format != output_format::by_name) return format;
    const std::string path = output_path();
    const bool lines = path == "-" || ends_in(path, ".jsonl") || ends_in(path, ".ndjson");
    return lines ? output_format::jsonl : output_format::sqlite;
}

bool fetch_options::streams() const {
    return chosen_format() == output_format::jsonl && (output_path() == "-" || is_device(output_path()));
}

std::vector<std::pair<std::string, std::string>> fetch_options::identity() const {
    const auto yes = [](bool set) { return std::string(set ? "yes" : ""); };
    std::string all_headers;
    for (const std::string& header : headers) all_headers += (all_headers.empty() ? "" : "; ") + header;
    // Headers may hold a password: the output only remembers which they were.
    if (!all_headers.empty()) all_headers = "with SHA-256 " + sha256_hex(all_headers).substr(0, 16);
    return {{"--timeout", exactly(timeout)},
            {"--connect-timeout", exactly(connect_timeout)},
            {"--retries", std::to_string(retries)},
            {"--max-body", format_count(max_body, "byte", "bytes")},
            {"--max-redirects", std::to_string(max_redirects)},
            {"--raw", yes(raw)},
            {"--dedupe", yes(dedupe)},
            {"--header", all_headers},
            {"--user-agent", user_agent},
            {"--ca", authorities},
            {"--cert", certificate},
            {"--insecure", yes(insecure)}};
}

CLI::App& declare_fetch(CLI::App& torus, fetch_options& options) {
    CLI::App& fetch = declare_command(torus, "fetch", fetch_help);
    declare_output(fetch, options);
    declare_pace(fetch, options);
    declare_requests(fetch, options);
    return fetch;
}

void check(const fetch_options& o) {
    const auto urls = std::count_if(o.inputs.begin(), o.inputs.end(), is_url);
    if (o.inputs.size() > 1 && static_cast<std::size_t>(urls) != o.inputs.size())
        throw std::invalid_argument("one file, '-', or any number of URLs; '" + o.inputs[0] + "' and '" + o.inputs[1] +
                                    "' are neither");
    if (o.inputs.empty() && o.streams())
        throw std::invalid_argument("nothing to fetch: name a file, URLs, or '-' for standard input");
    if (o.chosen_format() == output_format::sqlite && (o.output_path() == "-" || is_device(o.output_path())))
        throw std::invalid_argument("a database cannot be written to " + o.output_path() + "; --format jsonl can");
    if (o.restart && o.retry_failed)
        throw std::invalid_argument("--restart forgets what --retry-failed would try again");
    if (o.certificate.empty() != o.key.empty()) throw std::invalid_argument("--cert and --key go together");
    if (o.timeout <= duration::zero()) throw std::invalid_argument("--timeout must be longer than nothing");
    if (o.connect_timeout <= duration::zero())
        throw std::invalid_argument("--connect-timeout must be longer than nothing");
    http::headers checked;
    for (const std::string& header : o.headers) add_header(checked, header);
}

}  // namespace torus::inline v0::cli
