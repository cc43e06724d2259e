// src/io/output.cpp: what becomes of written bytes: sent at once, or queued and pumped out.
#include "io/output.hpp"

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <torus/io/error.hpp>

#include "io/stream_state.hpp"

namespace torus::inline v0 {

/// The pump, while it runs.
class output::registration {
public:
    registration(output& of, timeout_scope& limit) noexcept : of_(of) {
        of.pump_ = running.task;
        of.limit_ = &limit;
    }
    registration(const registration&) = delete;
    registration& operator=(const registration&) = delete;
    ~registration() {
        of_.pump_ = nullptr;
        of_.limit_ = nullptr;
    }

private:
    output& of_;
};

// ------------------------------------------------------------------------------------------------------------------
// Bytes on their way in

void output::require_usable(const stream_state& of) {
    if (error_) throw_error();
    if (of.is_closing() || end_ != ending::unwanted)
        throw connection_closed(EPIPE, "torus: a write to a stream that this side has ended");
}

void output::throw_error() {
    untold_ = false;
    std::rethrow_exception(error_);
}

std::size_t output::try_send(stream_state& of, const unsent_pieces& bytes) {
    if (bytes.size() == 0 || !spend_completion()) return 0;
    std::array<bytes_view, pieces_at_once> pieces;
    const std::size_t used = bytes.gather(pieces);
    try {
        return of.below().try_write(std::span(pieces).first(used));
    } catch (...) {
        fail(std::current_exception());
        untold_ = false;
        throw;
    }
}

bool output::accept(stream_state& of, unsent_pieces& bytes) {
    require_usable(of);
    if (queue_.empty()) bytes.advance(try_send(of, bytes));
    if (bytes.size() == 0) return true;
    if (queue_.size() + bytes.size() > of.options().write_high_water) return false;
    start_pump(of);
    queue_.push_copy(bytes);
    return true;
}

void output::accept_copy(stream_state& of, bytes_view bytes) {
    require_usable(of);
    const unsent_pieces all(std::span(&bytes, 1));
    if (all.size() == 0) return;
    if (queue_.copied() + all.size() > of.options().write_cap)
        throw buffer_overflow("torus: a write of " + std::to_string(all.size()) + " bytes over " +
                              std::to_string(queue_.copied()) + " unsent ones; the stream may keep " +
                              std::to_string(of.options().write_cap));
    start_pump(of);
    queue_.push_copy(all);
}

/// A write was cancelled before it came into the queue. All of it counts as written.
void output::keep(stream_state& of, const unsent_pieces& rest) noexcept {
    if (rest.size() == 0) return;
    try {
        queue_.require_keepable(rest, of.options().write_cap);
        queue_.push_copy(rest);
    } catch (...) {
        untold_ = true;
        of.abort(std::current_exception());
    }
}

/// A write was cancelled while it waited. All of it counts as written.
void output::leave(stream_state& of, blocked_write& w) noexcept {
    if (w.what == unsent_part::kind::flush) {
        queue_.erase(w);
        return w.left();
    }
    if (w.in_flight) {  // its bytes are not its own before the send has ended
        w.is_leaving = true;
        ++interruptions_;
        pump_->cancel({});
        return;
    }
    try {
        queue_.require_keepable(w.rest, of.options().write_cap);
        queue_.copy(w);
        w.left();
    } catch (...) {
        of.abort(std::current_exception());  // which ends this write too
    }
}

void output::fail(std::exception_ptr error) noexcept {
    const unsent_queue::dropped what = queue_.drop();
    if (what.copies && !what.writes) untold_ = true;
    if (error_) return;
    error_ = std::move(error);
    try {
        std::rethrow_exception(error_);
    } catch (const std::system_error& e) {
        was_reset_ = e.code() == std::errc::connection_reset;
    } catch (...) {
        was_reset_ = false;
    }
}

std::exception_ptr output::take_untold() noexcept { return std::exchange(untold_, false) ? error_ : nullptr; }

void output::want_end(stream_state& of) {
    if (end_ != ending::unwanted) return;
    start_pump(of);
    end_ = ending::wanted;
}

// ------------------------------------------------------------------------------------------------------------------
// Bytes on their way out

void output::start_pump(stream_state& of) {
    // It begins at once, so that a cancellation by `run`, which ends, finds it running: then it still does its work.
    if (!pump_) spawn(pump(stream_reference(of)), task_options{.name = {}, .eager = true});
}

void output::limit(duration span) noexcept {
    if (!limit_ || std::as_const(*limit_).expired()) return;
    const time_point when = later(clock::now(), span);
    if (when < limit_->when()) limit_->reschedule_at(when);
}

bool output::has_work(const stream_state& of) const noexcept {
    return !of.is_closed() && (!queue_.empty() || end_ == ending::wanted || of.is_closing());
}

async<> output::pump(stream_reference of) {
    output& out = of->out;
    timeout_scope limit(time_point::max());
    const registration registered(out, limit);
    bool stopping = false;
    bool goes_on = true;
    for (bool begun = false; goes_on; begun = true) {
        try {
            if (begun) co_await out.step(*of);
            else co_await yield_now();  // what else is written in this step goes out with it
        } catch (const cancelled_error&) {
            // By whom, and what comes of it, see settle().
        } catch (...) {
            out.fail(std::current_exception());
        }
        goes_on = out.settle(*of, limit, stopping) && out.has_work(*of);
    }
}

async<> output::step(stream_state& of) {
    if (!queue_.empty()) {
        co_await send_front(of);
        co_return;
    }
    const bool must_end = of.is_closing() && end_ == ending::unwanted && of.below().must_shut_down();
    if ((must_end || end_ == ending::wanted) && !error_) co_await of.below().shut_down();
    end_ = ending::told;
    of.changed.ring();
    if (of.is_closing()) of.finish_close();
}

async<> output::send_front(stream_state& of) {
    struct flight {
        explicit flight(unsent_queue& of) noexcept : queue(of) {}
        flight(const flight&) = delete;
        flight& operator=(const flight&) = delete;
        ~flight() { queue.landed(); }
        unsent_queue& queue;
    };
    std::array<bytes_view, pieces_at_once> pieces;
    std::size_t sent = 0;
    {
        const flight under_way(queue_);
        const std::size_t used = queue_.launch(pieces);
        if (used > 0) {
            const auto first = std::span<const bytes_view>(pieces).first(used);
            if (spend_completion()) sent = of.below().try_write(first);
            if (sent == 0) sent = co_await of.below().write(first);
        }
    }
    queue_.advance(sent);
    if (queue_.size() <= of.options().write_low_water) queue_.release_writes();
}

/// After each step of the pump: what was asked of it meanwhile. False if it is over.
bool output::settle(stream_state& of, timeout_scope& limit, bool& stopping) noexcept {
    for (; interruptions_ > 0; --interruptions_) pump_->uncancel();
    try {
        if (!error_) queue_.release_leaving(of.options().write_cap);
    } catch (...) {
        of.abort(std::current_exception());
    }
    if (error_) fail(error_);  // also what was in flight when the stream was aborted
    const bool is_late = std::as_const(limit).expired();
    const bool is_cancelled = pump_->cancelling() > (is_late ? 1 : 0);
    while (is_cancelled && pump_->cancelling() > 0) pump_->uncancel();
    if (is_late || (is_cancelled && stopping)) {
        of.give_up();
        return false;
    }
    if (is_cancelled) {  // the program ends: what is unsent gets as long as if the stream were closed
        stopping = true;
        output::limit(of.options().close_limit);
    }
    return true;
}

output::~output() = default;

}  // namespace torus::inline v0
