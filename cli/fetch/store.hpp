// cli/fetch/store.hpp: where rows go, and what is there from an earlier start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/async.hpp>

#include "cli/fetch/id_set.hpp"
#include "cli/fetch/identity.hpp"
#include "cli/fetch/progress.hpp"
#include "cli/fetch/row.hpp"
#include "cli/fetch/source.hpp"

namespace torus::inline v0::cli {

/// The output can't be used for what was asked: it holds something else, or somebody else uses it. Nothing has changed.
class output_refused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What is written at once: all of it, or nothing.
class batch {
public:
    bool empty() const noexcept { return rows.empty() && started.empty(); }

    std::vector<result_row> rows;
    std::vector<std::int64_t> started;  // lines whose requests begin now, and must not be sent twice
};

/// What an earlier start has left.
class earlier_rows {
public:
    id_set done;  // lines that have a row, which stays
    id_set lost;  // lines whose requests were on their way when torus died
    tally counted;
};

/// Which rows of an earlier start are to be fetched again.
class again {
public:
    bool failures = false;  // --retry-failed
    bool unsafe_requests = false;  // --retry-unsafe

    /// Whether a row with these columns is.
    bool includes(error_class error, std::optional<int> status, std::string_view method) const noexcept;
};

/// An output: a database, or a file of lines. It belongs to this process from its opening to its closing.
///
/// Functions throw what the output's medium throws; for a medium that is full or broken that is how one learns of it.
class result_store {
public:
    virtual ~result_store() = default;

    /// The run that it holds, or nothing.
    virtual std::optional<run_record> found() const = 0;

    /// Removes everything that was found.
    virtual async<> clear() = 0;

    /// Adds a piece to the input that the output itself keeps. Before `begin`.
    virtual async<> keep_input(std::string piece) = 0;

    /// A run begins, and from now on would be found; or the one that was found goes on with another record.
    virtual async<> begin(run_record record) = 0;

    /// The kept input, from its beginning.
    virtual std::unique_ptr<byte_source> kept_input() = 0;

    /// What is there of the run. Failed rows that are to be fetched again count as not there.
    virtual async<earlier_rows> resume(again which) = 0;

    /// Writes a batch. When it returns, the batch survives a power failure.
    virtual async<> commit(std::shared_ptr<const batch> written) = 0;

    virtual async<> close() = 0;
};

}  // namespace torus::inline v0::cli
