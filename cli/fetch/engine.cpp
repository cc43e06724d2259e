// cli/fetch/engine.cpp: from lines to rows: what runs when, and what happens when it ends.
#include "cli/fetch/engine.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <torus/core/shield.hpp>
#include <torus/core/time.hpp>

namespace torus::inline v0::cli {

namespace {

async<> join(task<> running) { co_await running; }

wall_time wall_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// A request's row before anything has come of it.
result_row row_for(const request& what) {
    result_row row(what.id, what.url);
    row.method = what.method.name();
    return row;
}

}  // namespace

engine::engine(line_source& input, fetcher& carrier, result_store& output, earlier_rows earlier, engine_options options)
    : input_(input), carrier_(carrier), earlier_(std::move(earlier)), options_(std::move(options)),
      counted_(earlier_.counted), budget_(options_.largest_body), schedule_(options_.per_host, options_.per_second),
      policy_(options_.retries, options_.unsafe, options_.seed), writer_(output, counted_, changed_) {}

async<> engine::run() {
    const task<> writing = create_task(writer_.run(), {.name = "writer"});
    std::exception_ptr ended;
    try {
        co_await task_group([this](task_group& group) -> async<> {
            reading_ = group.create_task(read_input(), {.name = "input"});
            co_await dispatch(group);
        });
    } catch (...) {
        ended = std::current_exception();
    }
    writer_.close();
    co_await shield(join(writing));
    if (writer_.failure()) fail(writer_.failure());
    if (ended) std::rethrow_exception(ended);
}

void engine::stop() {
    stopping_ = true;
    if (reading_) reading_->cancel();  // it may wait for input that does not come
    changed_.set();
    room_.set();
}

void engine::fail(std::exception_ptr why) noexcept {
    if (failure_) return;  // it has been told; what runs is ending
    failure_ = std::move(why);
    stop();
}

// ---- Input

async<> engine::read_input() {
    try {
        while (!stopping_) {
            std::optional<line> next = co_await input_.next();
            if (!next) break;
            co_await take_line(*std::move(next));
        }
        if (!stopping_ && !options_.input_sha256.empty() && input_.sha256() != options_.input_sha256)
            throw std::runtime_error(
                "the input changed while it was read: some rows belong to what it was, some to what it is");
    } catch (const std::exception&) {
        fail(std::current_exception());
    }
    input_ended_ = true;
    changed_.set();
}

async<> engine::take_line(line next) {
    const bool done = earlier_.done.contains(next.id);
    const bool skips = options_.equal_requests == engine_options::duplicates::skipped;
    if (done && !skips) co_return;
    auto parsed = parse_request(next);
    if (auto* malformed = std::get_if<malformed_line>(&parsed)) {
        if (done) co_return;
        result_row row(malformed->id, std::move(malformed->url));
        row.error = error_class::input;
        row.message = std::move(malformed->message);
        writer_.add(std::move(row), nullptr);
    } else {
        request& what = std::get<request>(parsed);
        const bool first = !skips || seen_.insert(dedupe_key(what)).second;
        if (done) co_return;
        result_row row = row_for(what);
        if (!first) {
            row.message = "the same as an earlier line";
            writer_.add(std::move(row), nullptr);
        } else if (earlier_.lost.contains(what.id) && options_.unsafe == unsafe_requests::once) {
            row.error = error_class::unknown;
            row.message =
                "torus was ended while this request was on its way; --retry-failed --retry-unsafe sends it again";
            writer_.add(std::move(row), nullptr);
        } else {
            schedule_request(std::move(what));
        }
    }
    co_await wait_for_room();
}

void engine::schedule_request(request what) {
    schedule_.add(job(std::move(what)));
    changed_.set();
}

async<> engine::wait_for_room() {
    const std::size_t most = std::max(least_lookahead, 2 * options_.concurrency);
    while (!stopping_ && (writer_.is_full() || schedule_.waiting() >= most || schedule_.weight() >= lookahead_bytes)) {
        room_.clear();
        co_await room_.wait();
    }
}

// ---- Requests

bool engine::may_begin() const noexcept {
    return !stopping_ && running_ < options_.concurrency && !writer_.is_full() && !budget_.is_tight();
}

bool engine::is_over() const noexcept {
    return running_ == 0 && (stopping_ || (input_ended_ && schedule_.waiting() == 0));
}

async<> engine::dispatch(task_group& group) {
    for (;;) {
        changed_.clear();
        room_.set();  // whatever has changed may have made some
        if (writer_.failure() && !failure_) fail(writer_.failure());
        const time_point now = clock::now();
        while (may_begin()) {
            std::optional<job> next = schedule_.take(now);
            if (!next) break;
            ++running_;
            group.create_task(attempt(*std::move(next)));
        }
        if (is_over()) break;
        const time_point due = may_begin() ? schedule_.next(now) : time_point::max();
        const duration wait = due == time_point::max() ? duration::max() : due - now;
        const bool in_time = co_await move_on_after(wait, changed_.wait());
        static_cast<void>(in_time);
    }
}

async<> engine::attempt(job next) {
    auto room = std::make_unique<body_budget::lease>(budget_);
    const wall_time started = wall_now();
    attempt_result came;
    bool completed = false;
    try {
        came = co_await carry_out(next, *room);
        completed = true;
    } catch (const std::exception&) {
        fail(std::current_exception());
    }
    --running_;
    schedule_.finished(next.what.host());
    if (completed) conclude(std::move(next), std::move(came), started, std::move(room));
    room.reset();
    changed_.set();
}

async<attempt_result> engine::carry_out(job& next, body_budget::lease& room) {
    const bool first = next.attempts++ == 0;
    if (first && next.what.is_unsafe()) co_await writer_.record_start(next.what.id);
    co_return co_await carrier_.fetch(next.what, room);
}

/// Requests that run will end and give a descriptor back. Where none runs, somebody else has them all.
void engine::note_shortage(time_point now) {
    if (running_ > 0) return;
    if (!short_since_) short_since_ = now;
    if (now - *short_since_ < longest_shortage) return;
    fail(std::make_exception_ptr(std::runtime_error("no file can be opened for a connection, though no request has one "
                                                    "open: let the process open more (ulimit -n)")));
}

void engine::conclude(job next, attempt_result came, wall_time started, std::unique_ptr<body_budget::lease> room) {
    const time_point now = clock::now();
    if (came.out_of_descriptors) {
        --next.attempts;
        note_shortage(now);
        schedule_.add_later(std::move(next), later(now, descriptor_patience));
        return;
    }
    short_since_.reset();
    const auto wall = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const verdict what_now = policy_.judge(next.what, next.attempts, came, wall);
    if (what_now.pause_host) schedule_.pause(next.what.host(), later(now, *what_now.pause_host));
    if (what_now.retry_in) {
        schedule_.add_later(std::move(next), later(now, *what_now.retry_in));
        return;
    }
    result_row row = row_for(next.what);
    row.final_url = std::move(came.final_url);
    row.status = came.status;
    row.error = came.error;
    row.message = std::move(came.message);
    if (came.status) row.headers = headers_as_json(came.headers);
    row.body = std::move(came.body);
    row.sha256 = std::move(came.sha256);
    row.attempts = next.attempts;
    row.started_at = started;
    row.timings = came.timings;
    writer_.add(std::move(row), std::move(room));
}

}  // namespace torus::inline v0::cli
