// cli/fetch/writer.hpp: rows on their way into the output, many at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

#include <torus/core/async.hpp>
#include <torus/core/clock.hpp>
#include <torus/sync/event.hpp>

#include "cli/fetch/body_budget.hpp"
#include "cli/fetch/store.hpp"

namespace torus::inline v0::cli {

/// How long a row waits for company. A commit waits for the disk; ten of them a second cost it nothing.
inline constexpr duration batch_patience = std::chrono::milliseconds(100);

/// Rows, and bytes of bodies, that don't wait for more company.
inline constexpr std::size_t batch_rows = 512;
inline constexpr std::size_t batch_bytes = 4 * 1024 * 1024;

/// Rows that may wait for a slow disk before no new request begins.
inline constexpr std::size_t most_waiting_rows = 8 * batch_rows;

/// Writes rows in batches, one batch at a time.
///
/// When the output fails, what waits is dropped, and so is all that comes later: `failure` says why.
class row_writer {
public:
    /// @param changed  is set after each batch, for whoever waits for room
    row_writer(result_store& store, tally& counted, event& changed) noexcept
        : store_(store), counted_(counted), changed_(changed) {}

    /// Hands over a row, with the memory that its body takes.
    void add(result_row row, std::unique_ptr<body_budget::lease> held);

    /// Whether as many rows wait as may.
    bool is_full() const noexcept { return waiting_.rows.size() >= most_waiting_rows; }

    /// Records that the request of a line begins which must not be sent twice.
    /// @throws what the output throws
    /// @cancel takes effect at once; the record may be written all the same
    async<> record_start(std::int64_t line);

    /// Writes until it is closed, and nothing is left.
    async<> run();

    /// Nothing will be added any more.
    void close();

    /// Why the output failed; null if it didn't.
    const std::exception_ptr& failure() const noexcept { return failure_; }

private:
    async<> wait_for_company();
    async<> write();
    bool is_urgent() const noexcept;

    result_store& store_;
    tally& counted_;
    event& changed_;
    event arrived_;  // something waits, or it is closed
    event urgent_;   // what waits shouldn't wait longer
    batch waiting_;
    std::size_t waiting_bytes_ = 0;
    std::vector<std::unique_ptr<body_budget::lease>> waiting_memory_;
    std::shared_ptr<event> next_written_ = std::make_shared<event>();  // what waits is in the output, or has failed
    std::exception_ptr failure_;
    bool closed_ = false;
};

}  // namespace torus::inline v0::cli
