// src/io/filling.cpp: receiving into a stream's buffer.
#include "io/filling.hpp"

#include <torus/core/loop.hpp>

#include <poll.h>

namespace torus::inline v0 {

namespace {

/// A receive that is only attempted, never waited for.
class receive_attempt final : public operation {
public:
    receive_attempt(int socket, bytes_span into) noexcept
        : operation(verb::receive, socket, into.data(), into.size()) {}

    std::optional<std::size_t> run() {
        if (!event_loop::current().world().attempt(*this)) return std::nullopt;
        return count("recv");
    }

private:
    bool await_suspend(std::coroutine_handle<>) = delete;
};

}  // namespace

bool filling::await_ready() {
    of_.in.require_usable(of_);
    return of_.in.has_ended() || (spend_completion() && receive_now());
}

bool filling::receive_now() {
    const bytes_span room = of_.in.buffer.room();
    of_.in.guarded([&] {
        at_once_ = descriptor >= 0 ? receive_attempt(descriptor, room).run() : of_.below().try_read(room);
        return at_once_.value_or(0);
    });
    return at_once_.has_value();
}

bool filling::await_suspend(std::coroutine_handle<> h) {
    input& in = of_.in;
    if (descriptor < 0) {
        transport_read_.emplace(of_.below().read(in.buffer.room()));
        return transport_read_->await_suspend(std::coroutine_handle<promise_base>::from_address(h.address()));
    }
    if (in.buffer.empty() && !in.announced) {
        in.buffer.release();
        what = verb::arrival;
        flags = POLLIN;
    } else {
        const bytes_span into = in.buffer.room();
        address = into.data();
        length = into.size();
    }
    if (!begin_wait(h)) return false;
    event_loop::current().world().submit(*this);
    return true;
}

bool filling::await_resume() {
    input& in = of_.in;
    if (in.has_ended()) return false;
    if (at_once_) return note(*at_once_);
    if (transport_read_) return note(in.guarded([this] { return transport_read_->await_resume(); }));
    const std::size_t outcome = in.guarded([this] { return count("recv"); });
    if (what == verb::receive) return note(outcome);
    in.announced = true;  // bytes, the end, or an error: a receive will tell
    return true;
}

bool filling::note(std::size_t received) {
    of_.in.announced = false;
    of_.in.buffer.received(of_.in.note(received, of_));
    return received > 0;
}

}  // namespace torus::inline v0
