// cli/fetch.cpp: the subcommand fetch: a run from its preparation to its exit status.
#include "cli/fetch.hpp"

#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>

#include <torus/core/run.hpp>
#include <torus/core/shield.hpp>
#include <torus/core/time.hpp>
#include <torus/tls/error.hpp>

#include "cli/backend_choice.hpp"
#include "cli/exit_status.hpp"
#include "cli/fetch/descriptor_limit.hpp"
#include "cli/fetch/engine.hpp"
#include "cli/fetch/http_fetcher.hpp"
#include "cli/fetch/prepare.hpp"
#include "cli/fetch/reporter.hpp"
#include "cli/quantity.hpp"
#include "cli/terminal.hpp"

namespace torus::inline v0::cli {

namespace {

/// How long requests that are under way may take after an interruption.
constexpr duration interrupted_grace = std::chrono::seconds(5);

/// How long a thread that reads a pipe may keep the process after its end; there is nothing to wait for.
constexpr duration thread_grace = std::chrono::milliseconds(200);

engine_options options_of(const fetch_options& options, const prepared_run& run, std::size_t concurrency) {
    engine_options how;
    how.concurrency = concurrency;
    how.per_host = options.per_host;
    how.per_second = options.rate;
    how.retries = options.retries;
    how.unsafe = options.retry_unsafe ? unsafe_requests::repeated : unsafe_requests::once;
    how.equal_requests = options.dedupe ? engine_options::duplicates::skipped : engine_options::duplicates::fetched;
    how.largest_body = options.max_body;
    how.seed = std::random_device()();
    how.input_sha256 = run.input_sha256;
    return how;
}

std::string what_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    }
}

/// The command that goes on with a run: the same one, but for an input that the output has kept.
std::string command_to_go_on(const std::vector<std::string>& words) {
    std::string command;
    for (const std::string& word : words)
        if (word != "-" && word != "--restart") command += (command.empty() ? "" : " ") + shell_quoted(word);
    return command;
}

/// One start of `torus fetch`.
class session {
public:
    session(const fetch_options& options, const std::vector<std::string>& words)
        : options_(options), words_(words), reporter_(options) {}

    async<int> run() {
        const std::size_t connections = limit_concurrency();
        http_fetcher carrier(options_, connections);
        prepared_run run = co_await prepared();
        const engine_options how = options_of(options_, run, connections);
        line_source input(std::move(run.input));
        engine work(input, carrier, *run.store, std::move(run.earlier), how);
        announce(run, work.counted());
        const time_point start = clock::now();
        const std::uint64_t before = work.counted().done;
        const std::exception_ptr interruption = co_await carry_out(work, run.lines);
        co_await shield(run.store->close());
        if (interruption) {
            say_how_to_go_on(work, run);
            std::rethrow_exception(interruption);
        }
        summarize(work, run, clock::now() - start, before);
        if (work.failure()) co_return exit_status::broken;
        co_return work.counted().failed > 0 ? exit_status::some_failed : exit_status::done;
    }

private:
    std::size_t limit_concurrency() {
        const std::size_t possible = raise_descriptor_limit(options_.concurrency);
        if (possible < options_.concurrency)
            reporter_.say("Only " + format_count(possible, "request", "requests") +
                          " at a time: the process may not open more files (ulimit -Hn).");
        return possible;
    }

    async<prepared_run> prepared() {
        try {
            co_return co_await prepare(options_);
        } catch (const cancelled_error&) {
            reporter_.say("Interrupted before the input had ended; nothing was fetched.");
            throw;
        }
    }

    void announce(const prepared_run& run, const tally& counted) {
        if (!run.goes_on || !run.lines) return;
        reporter_.say("Going on: " + rows_are(counted.done, run.lines) + " in " + options_.output_path() + " already.");
    }

    /// @return the interruption, if there was one
    async<std::exception_ptr> carry_out(engine& work, std::optional<std::int64_t> lines) {
        task<> working = create_task(work.run(), {.name = "engine"});
        task<> watching = create_task(reporter_.watch(work, lines), {.name = "progress"});
        std::exception_ptr interruption;
        try {
            co_await shield(working);
        } catch (const cancelled_error&) {
            interruption = std::current_exception();
        }
        if (interruption) {
            work.stop();
            if (work.running() > 0)
                reporter_.say("Interrupted; " + format_count(work.running(), "request", "requests") +
                              " under way may take " + format_duration(interrupted_grace) +
                              ". Once more ends at once.");
            else reporter_.say("Interrupted.");
            const bool in_time = co_await move_on_after(interrupted_grace, working);
            static_cast<void>(in_time);
        }
        watching.cancel();
        try {
            co_await watching;
        } catch (const cancelled_error& e) {
            if (e.is_own() && !interruption) interruption = std::current_exception();
        }
        co_return interruption;
    }

    void summarize(const engine& work, const prepared_run& run, duration took, std::uint64_t before) {
        const tally& counted = work.counted();
        if (work.failure()) {
            reporter_.complain(what_of(work.failure()));
            say_how_to_go_on(work, run);
            return;
        }
        const std::uint64_t fresh = counted.done - before;
        const double seconds = std::chrono::duration<double>(took).count();
        std::string text = rows(counted.done) + ": " + describe(counted);
        if (fresh > 0 && seconds > 0)
            text += ", in " + format_duration(took) + ", " +
                    format_count(static_cast<std::uint64_t>(std::llround(static_cast<double>(fresh) / seconds))) + "/s";
        reporter_.say(text);
        if (!options_.streams()) say_how_to_try_again(counted);
    }

    /// Which options are missing to fetch what failed; nothing where none would help.
    void say_how_to_try_again(const tally& counted) {
        const bool unsafe_left = counted.unsafe_to_repeat > 0 && !options_.retry_unsafe;
        const bool only_unsafe = unsafe_left && counted.harmless_to_repeat == 0;
        std::string missing;
        if (!options_.retry_failed && counted.harmless_to_repeat + counted.unsafe_to_repeat > 0)
            missing += " --retry-failed";
        if (only_unsafe) missing += " --retry-unsafe";
        if (missing.empty()) return;
        reporter_.say("To try again what failed: " + command_to_go_on(words_) + missing);
        if (unsafe_left && !only_unsafe)
            reporter_.say("POST and PATCH that may have arrived are sent again only with --retry-unsafe as well.");
    }

    void say_how_to_go_on(const engine& work, const prepared_run& run) {
        const std::string text = rows_are(work.counted().done, run.lines);
        if (options_.streams()) return reporter_.say(text + " written.");
        reporter_.say(text + " in " + options_.output_path() + ". To go on:\n  " + command_to_go_on(words_));
    }

    static std::string rows(std::uint64_t number) { return format_count(number, "row", "rows"); }

    /// "9 of 10 rows are", "0 of 1 row is"; "9 rows are" where nobody knows yet of how many.
    static std::string rows_are(std::uint64_t done, const std::optional<std::int64_t>& lines) {
        std::string text = rows(done);
        if (lines) text = format_count(done) + " of " + rows(static_cast<std::uint64_t>(*lines));
        return text + (done == 1 || lines == 1 ? " is" : " are");
    }

    const fetch_options& options_;
    const std::vector<std::string>& words_;
    reporter reporter_;
};

}  // namespace

int fetch(const fetch_options& options, const std::vector<std::string>& words) {
    reporter said(options);
    try {
        check_backend_choice();
        check(options);
        session whole(options, words);
        return torus::run(whole.run(), {.stop_on = {SIGTERM}, .thread_grace = thread_grace});
    } catch (const keyboard_interrupt& e) {
        return exit_status::by_signal + e.signal();
    } catch (const std::invalid_argument& e) {
        said.complain(e.what());
    } catch (const usage_error& e) {
        said.complain(e.what());
    } catch (const output_refused& e) {
        said.complain(e.what());
    } catch (const tls::error& e) {
        said.complain(e.what());
    } catch (const std::exception& e) {
        said.complain(e.what());
        return exit_status::broken;
    }
    return exit_status::usage;
}

}  // namespace torus::inline v0::cli
