// cli/fetch/options.hpp: what the command line of `torus fetch` says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <torus/core/clock.hpp>

#include "cli/terminal.hpp"

namespace CLI {
class App;
}

namespace torus::inline v0::cli {

enum class output_format : std::uint8_t { by_name, sqlite, jsonl };

/// The options, with their defaults.
class fetch_options {
public:
    std::vector<std::string> inputs;      // a file, "-", or URLs; nothing to go on with what the output holds
    std::string output;                   // "pages.db" if empty, or standard output for jsonl
    output_format format = output_format::by_name;
    bool restart = false;
    bool retry_failed = false;
    bool retry_unsafe = false;

    std::size_t concurrency = 256;
    std::size_t per_host = 0;  // 0: any number
    double rate = 0;           // a second; 0: any number

    duration timeout = std::chrono::seconds(30);          // of an attempt, in all
    duration connect_timeout = std::chrono::seconds(10);  // name, connection and TLS
    int retries = 2;

    std::size_t max_body = 16 * 1024 * 1024;
    std::size_t max_redirects = 10;
    bool raw = false;
    bool dedupe = false;
    std::vector<std::string> headers;
    std::string user_agent;
    std::string authorities;  // a file of certificates to trust, instead of the system's
    std::string certificate;  // of the client
    std::string key;
    bool insecure = false;

    bool quiet = false;
    color_choice color = color_choice::automatic;

    /// Where the rows go: the option's value, or the default.
    std::string output_path() const;
    output_format chosen_format() const;

    /// Whether the rows only pass through, so that there is nothing to go on with.
    bool streams() const;

    /// The options that change results, as they are compared when a run goes on.
    std::vector<std::pair<std::string, std::string>> identity() const;
};

/// Adds the subcommand. After parsing, `options` is what was said, by option, else by TORUS_FETCH_…, else by default.
CLI::App& declare_fetch(CLI::App& torus, fetch_options& options);

/// Finds contradictions.
/// @throws std::invalid_argument  what() says which
void check(const fetch_options& options);

/// Whether an argument is a URL, and not the name of a file of URLs.
bool is_url(std::string_view argument);

}  // namespace torus::inline v0::cli
