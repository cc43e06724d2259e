// cli/fetch/identity.hpp: which run an output belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torus::inline v0::cli {

/// What an output says about the run that it holds: enough to go on with it, or to say why another command can't.
class run_record {
public:
    /// Where the input is when the run goes on.
    enum class origin : std::uint8_t {
        file,    // where it was: `path`
        stored,  // in the output
    };

    run_record() = default;

    /// The hash of the input and of the options that change results: runs with equal ones are the same run.
    std::string identity() const;

    std::string input_hash;  // SHA-256 of the input's bytes, in hex
    std::int64_t lines = 0;  // that the input has: as many rows there will be
    origin input = origin::file;
    std::string path;        // absolute; empty if the input is stored
    std::vector<std::pair<std::string, std::string>> options;  // in a fixed order; see fetch_options::identity
};

/// The record as JSON, and back.
std::string to_json(const run_record& record);
/// @throws std::invalid_argument  it is none
run_record parse_run_record(std::string_view json);

/// What a new command may change about a run that it goes on with.
enum class allowance : std::uint8_t {
    nothing,
    effort,  // how hard it tries (timeouts, retries): the failed ones are to be tried anew
};

/// The options that say how hard to try, not what to ask for.
bool is_effort(std::string_view option) noexcept;

/// Why `wanted` isn't the run that `found` describes; empty if it is.
std::string difference(const run_record& found, const run_record& wanted, allowance may_change);

}  // namespace torus::inline v0::cli
