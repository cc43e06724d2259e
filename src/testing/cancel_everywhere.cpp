// src/testing/cancel_everywhere.cpp: one run per moment, and what it leaves behind.
#include <torus/testing/cancel_everywhere.hpp>

#include <filesystem>
#include <iterator>
#include <memory>
#include <stdexcept>

#include <torus/core/core.hpp>

#include "testing/in_words.hpp"
#include "testing/world.hpp"

namespace torus::inline v0::testing {

namespace {

using namespace std::chrono_literals;

// A coroutine that has not ended by then is taken for one that does not end by itself.
constexpr std::size_t most_moments = 10'000;

std::ptrdiff_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
}

/// When in a run the cancellation comes.
enum class moment { while_it_waits, before_it_is_resumed };

/// The token is held by the frame that owns all others of the chain.
async<> hold(std::shared_ptr<int> token, async<> body) {
    static_cast<void>(token);
    co_await std::move(body);
}

class cancelling_runs {
public:
    cancelling_runs(subject& what, cancel_everywhere_options options) : subject_(what), options_(options) {}

    cancellations try_all() {
        run_once(most_moments, moment::while_it_waits);  // uncancelled, opens what a process opens once
        for (std::size_t run = 0; found_.problems.empty(); ++run)
            if (!run_once(run / 2, run % 2 == 0 ? moment::while_it_waits : moment::before_it_is_resumed)) break;
        return std::move(found_);
    }

private:
    /// False if the coroutine has ended before it could be cancelled.
    bool run_once(std::size_t passes, moment when) {
        const std::ptrdiff_t descriptors = open_descriptors();
        const auto token = std::make_shared<int>();
        const bool is_first = passes == most_moments;
        where_ = "cancelled in pass " + std::to_string(passes);
        if (is_first) where_ = "not cancelled";
        else if (when == moment::before_it_is_resumed) where_ += ", before it is resumed";
        const bool was_cancelled = run_in_loop(passes, when, token);
        if (token.use_count() > 1) note("a frame is left");
        if (!is_first && !are_closed(descriptors)) note("descriptors are left");
        return was_cancelled;
    }

    bool run_in_loop(std::size_t passes, moment when, const std::shared_ptr<int>& token) {
        main_loop world({.world = world_of_environment(), .clock = options_.clock});
        event_loop& loop = world.loop();
        any_task main(main_loop::begin(hold(token, subject_.begin()).release().promise()));
        for (std::size_t pass = 0; pass < passes && !main.done() && !loop.nothing_will_happen(); ++pass)
            loop.run_once();
        if (!main.done() && passes == most_moments) note("it does not end by itself");
        const bool reached = !main.done();
        if (reached && when == moment::before_it_is_resumed) loop.world().wait(duration::zero());
        if (reached) end_cancelled(main, loop);
        note_end(main, reached);
        main = any_task();
        settle(loop);
        check();
        return reached;
    }

    /// Threads that end or begin have some for a moment, too.
    bool are_closed(std::ptrdiff_t all_but) const {
        const auto deadline = std::chrono::steady_clock::now() + options_.settling_time;
        while (open_descriptors() > all_but)
            if (std::chrono::steady_clock::now() >= deadline) return false;
        return true;
    }

    void end_cancelled(any_task& main, event_loop& loop) {
        ++found_.moments;
        main.cancel("cancel_everywhere");
        const bool is_real = options_.clock == clock_kind::steady;
        const auto deadline = std::chrono::steady_clock::now() + options_.settling_time;
        while (!main.done() && !loop.nothing_will_happen() && std::chrono::steady_clock::now() < deadline)
            loop.run_once(is_real ? duration(1ms) : duration::max());
    }

    void note_end(const any_task& main, bool reached) {
        if (!main.done()) return note("it does not end");
        if (main.cancelled()) {
            if (reached) ++found_.cancelled;
            else note("it was cancelled by itself");
        } else if (const std::exception_ptr error = main.exception()) {
            note("it failed: " + in_words(error));
        }
    }

    void settle(event_loop& loop) {
        const auto deadline = std::chrono::steady_clock::now() + options_.settling_time;
        const auto is_left = [&] {
            return !all_tasks().empty() || loop.world().in_flight() > 0 || loop.jobs_away() > 0;
        };
        while (is_left() && std::chrono::steady_clock::now() < deadline) loop.run_once(1ms);
        for (const any_task& each : all_tasks()) note("a task is left: " + each.name());
        if (loop.world().in_flight() > 0) note("an operation is left");
        if (loop.jobs_away() > 0) note("a thread is still at work for it");
    }

    void check() {
        try {
            subject_.check();
        } catch (...) {
            note(in_words(std::current_exception()));
        }
    }

    void note(const std::string& problem) { found_.problems.push_back(where_ + ": " + problem); }

    subject& subject_;
    cancel_everywhere_options options_;
    cancellations found_;
    std::string where_;
};

}  // namespace

std::string cancellations::text() const {
    std::string lines;
    for (const std::string& each : problems) lines += each + "\n";
    return lines;
}

cancellations cancel_everywhere(subject& what, cancel_everywhere_options options) {
    require_no_loop();
    return cancelling_runs(what, options).try_all();
}

}  // namespace torus::inline v0::testing
