// src/io/stream_state.cpp: how a stream closes.
#include "io/stream_state.hpp"

#include <cerrno>
#include <string>

#include <torus/core/loop.hpp>
#include <torus/io/reading.hpp>

namespace torus::inline v0 {

namespace {

/// An exception that is made, not thrown; out of memory if there is none for it.
template <class Make> std::exception_ptr made(Make make) noexcept {
    try {
        return std::make_exception_ptr(make());
    } catch (...) {
        return std::current_exception();
    }
}

}  // namespace

stream_reference::stream_reference(stream_state& state) noexcept : state_(&state) { state.retain(); }

stream_reference::stream_reference(const stream_reference& other) noexcept : state_(other.state_) {
    if (state_) state_->retain();
}

void stream_reference::release() noexcept { state_->release(); }

void stream_state::begin_close() noexcept {
    if (is_closing()) return;
    stage_ = stage::closing;
    if (out.is_idle() && !below_->must_shut_down()) return finish_close();
    try {
        out.start_pump(*this);
        out.limit(options_.close_limit);
    } catch (...) {  // no memory, or no loop any more
        abort(std::current_exception());
    }
}

void stream_state::finish_close() noexcept {
    below_->close();
    become_closed();
}

void stream_state::abort(std::exception_ptr why) noexcept {
    if (is_closed()) return;
    stage_ = stage::closed;  // before writes that wait hear of it
    below_->abort();
    out.fail(std::move(why));
    become_closed();
}

void stream_state::abort() noexcept {
    if (is_closed()) return;
    abort(made([] { return connection_closed(ECONNABORTED, "torus: this side has aborted the connection"); }));
}

void stream_state::give_up() noexcept {
    if (is_closed()) return;
    abort(made([this] {
        return timeout_error("torus: the peer did not take what was unsent, " + std::to_string(out.size()) +
                             " bytes, before the close limit");
    }));
}

void stream_state::become_closed() noexcept {
    stage_ = stage::closed;
    changed.ring();
    if (!is_abandoned_) return;
    if (const std::exception_ptr lost = out.take_untold())
        report_error({"what was written to a stream that is gone could not be sent", lost, {}});
}

void stream_state::leave(side who) noexcept {
    if (!(sides_ & who)) return;
    sides_ &= static_cast<std::uint8_t>(~who);
    if (sides_ == 0) return leave_both();
    if (who == reader || is_closing() || out.has_failed()) return;
    try {
        out.want_end(*this);
    } catch (...) {
        abort(std::current_exception());
    }
}

void stream_state::leave_both() noexcept {
    sides_ = 0;
    is_abandoned_ = true;
    begin_close();
}

std::unique_ptr<transport> stream_state::release_below() noexcept {
    stage_ = stage::closed;
    socket_ = -1;
    changed.ring();
    return std::move(below_);
}

}  // namespace torus::inline v0
