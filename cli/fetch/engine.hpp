// cli/fetch/engine.hpp: from lines to rows: what runs when, and what happens when it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include <torus/core/async.hpp>
#include <torus/core/task.hpp>
#include <torus/core/task_group.hpp>
#include <torus/sync/event.hpp>

#include "cli/fetch/body_budget.hpp"
#include "cli/fetch/fetcher.hpp"
#include "cli/fetch/retry.hpp"
#include "cli/fetch/schedule.hpp"
#include "cli/fetch/source.hpp"
#include "cli/fetch/store.hpp"
#include "cli/fetch/writer.hpp"

namespace torus::inline v0::cli {

/// Requests that are read ahead, so that hosts can take turns; and how much memory they may take.
inline constexpr std::size_t least_lookahead = 1024;
inline constexpr std::size_t lookahead_bytes = 32 * 1024 * 1024;

/// How long a request waits that found no descriptor free: others will have ended by then.
inline constexpr duration descriptor_patience = std::chrono::milliseconds(100);

/// How long there may be no descriptor while no request has one. Connections and lookups that are just ending give theirs
/// back within five seconds; after that nothing will.
inline constexpr duration longest_shortage = std::chrono::seconds(6);

class engine_options {
public:
    std::size_t concurrency = 256;
    std::size_t per_host = 0;  // 0: any number
    double per_second = 0;  // 0: any number
    int retries = 2;
    unsafe_requests unsafe = unsafe_requests::once;
    enum class duplicates : std::uint8_t { fetched, skipped } equal_requests = duplicates::fetched;
    std::size_t largest_body = 16 * 1024 * 1024;
    std::uint64_t seed = 0;  // of the jitter of retries
    std::string input_sha256;  // what the input must turn out to be; empty if that is unknown
};

/// Carries a run out.
///
/// Lines are read as requests, a few thousand ahead; requests wait in a schedule; as many as may are under way; rows
/// go to the writer. Everything is bounded, so that memory doesn't depend on how many lines there are.
class engine {
public:
    /// @param earlier  what is there already; its lines are passed over
    engine(line_source& input, fetcher& carrier, result_store& output, earlier_rows earlier, engine_options options);

    /// Runs until every line has its row, or until it is stopped and what was under way has ended; then until what
    /// there is, is written.
    ///
    /// @cancel gives up what is under way, writes the rows that are complete, then throws
    async<> run();

    /// Nothing new begins any more.
    void stop();

    /// What went wrong with the output, the input or the program; null if nothing did.
    const std::exception_ptr& failure() const noexcept { return failure_; }
    const tally& counted() const noexcept { return counted_; }
    std::size_t running() const noexcept { return running_; }

    /// Whether `stop`, or a failure, has left lines without a row.
    bool is_incomplete() const noexcept { return stopping_; }

private:
    async<> read_input();
    async<> take_line(line next);
    void schedule_request(request what);
    async<> dispatch(task_group& group);
    bool may_begin() const noexcept;
    bool is_over() const noexcept;
    async<> attempt(job next);
    async<attempt_result> carry_out(job& next, body_budget::lease& room);
    void note_shortage(time_point now);
    void conclude(job next, attempt_result came, wall_time started, std::unique_ptr<body_budget::lease> room);
    void fail(std::exception_ptr why) noexcept;
    async<> wait_for_room();

    line_source& input_;
    fetcher& carrier_;
    earlier_rows earlier_;
    engine_options options_;

    tally counted_;
    event changed_;  // something ended, arrived or was written: look again
    event room_;  // the schedule has taken a request out
    body_budget budget_;
    schedule schedule_;
    retry_policy policy_;
    row_writer writer_;
    std::unordered_set<std::string> seen_;  // keys of requests, where equal ones are skipped
    std::optional<task<>> reading_;
    std::exception_ptr failure_;
    std::size_t running_ = 0;
    // No descriptor was left although nothing ran, and no request has had one since.
    std::optional<time_point> short_since_;
    bool input_ended_ = false;
    bool stopping_ = false;
};

}  // namespace torus::inline v0::cli
