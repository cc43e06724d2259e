// cli/fetch/prepare.hpp: from a command line to a run that can begin, or go on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <torus/core/async.hpp>

#include "cli/fetch/options.hpp"
#include "cli/fetch/source.hpp"
#include "cli/fetch/store.hpp"

namespace torus::inline v0::cli {

/// The command line asks for something that can't be done, whatever files there are.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A run, ready to be carried out.
class prepared_run {
public:
    std::unique_ptr<result_store> store;
    std::unique_ptr<byte_source> input;
    std::optional<std::int64_t> lines;  // that the input has, if it could be read before
    std::string input_sha256;           // likewise
    earlier_rows earlier;
    bool goes_on = false;               // there was a run in the output already
};

/// Opens the input and the output, reads the input once for its hash, compares it with what the output holds, and begins
/// a run there or goes on with it. Without an input no output is created.
///
/// @throws output_refused     the output holds another run, or something else, or is in use
/// @throws usage_error        there is no input
/// @throws std::system_error  the input can't be read, or the output can't be written; sql::error likewise
async<prepared_run> prepare(fetch_options options);

}  // namespace torus::inline v0::cli
