// src/io/reading.cpp: the path of received bytes into the caller's memory.
#include <torus/io/reading.hpp>

#include <torus/core/loop.hpp>

#include "io/stream_state.hpp"

namespace torus::inline v0 {

stream_reading::stream_reading(stream_reference from, bytes_span into) noexcept
    : operation(verb::receive, from->socket(), into.data(), into.size()), from_(std::move(from)) {}

stream_reading::stream_reading(stream_reading&& idle) noexcept
    : operation(static_cast<operation&&>(idle)), from_(std::move(idle.from_)) {}

stream_reading::~stream_reading() {
    if (claimed_) from_->in.unclaim();
}

bool stream_reading::await_ready() {
    input& in = from_->in;
    in.claim();
    claimed_ = true;
    in.require_usable(*from_);
    if (length == 0 || in.has_ended()) return true;
    if (!in.buffer.empty()) {
        source_ = source::buffer;
        return spend_completion();
    }
    if (descriptor >= 0) {
        source_ = source::socket;
        return false;
    }
    source_ = source::transport;
    if (spend_completion()) in.guarded([&] { return (at_once_ = from_->below().try_read(room())).value_or(0); });
    return at_once_.has_value();
}

bool stream_reading::await_suspend(std::coroutine_handle<> h) {
    if (source_ == source::socket) return operation::await_suspend(h);
    if (source_ == source::transport) {
        transport_read_.emplace(from_->below().read(room()));
        return transport_read_->await_suspend(std::coroutine_handle<promise_base>::from_address(h.address()));
    }
    if (!begin_wait(h)) return false;
    make_ready();  // it is there, but others have their turn first
    return true;
}

std::size_t stream_reading::await_resume() {
    input& in = from_->in;
    std::size_t received = 0;
    switch (source_) {
    case source::nothing: break;
    case source::buffer:
        end_wait();
        received = in.buffer.take(room());
        break;
    case source::socket: received = in.note(in.guarded([this] { return count("recv"); }), *from_); break;
    case source::transport:
        if (!at_once_) at_once_ = in.guarded([this] { return transport_read_->await_resume(); });
        received = in.note(*at_once_, *from_);
        break;
    }
    in.unclaim();
    claimed_ = false;
    return received;
}

}  // namespace torus::inline v0
