// src/io/stream.cpp: both sides in one.
#include <torus/io/stream.hpp>

#include <cerrno>

#include "io/stream_state.hpp"

namespace torus::inline v0 {

namespace {

async<std::unique_ptr<transport>> release_transport(stream from, stream_reference state) {
    co_await from.flush();
    if (state->is_closing()) throw connection_closed(ENOTCONN, "torus: the transport of a stream that is closed");
    const input::turn turn(*state);
    if (!state->in.buffer.empty())
        throw invalid_state_error("torus: bytes have been received that whoever takes the transport would miss");
    co_return state->release_below();
}

}  // namespace

stream::stream(std::unique_ptr<transport> below, const stream_options& options)
    : stream(stream_reference(*new stream_state(std::move(below), options))) {}

stream& stream::operator=(stream&& other) noexcept {
    const stream former(std::move(*this));
    stream_reader::operator=(static_cast<stream_reader&&>(other));
    stream_writer::operator=(static_cast<stream_writer&&>(other));
    return *this;
}

stream::~stream() {
    if (stream_reader::state_) stream_reader::state_->leave_both();
}

std::pair<stream_reader, stream_writer> stream::split() && {
    return {static_cast<stream_reader&&>(*this), static_cast<stream_writer&&>(*this)};
}

async<std::unique_ptr<transport>> stream::take_transport() && {
    stream_reference state = stream_reader::state_;
    return release_transport(std::move(*this), std::move(state));
}

transport& stream::below() const noexcept { return stream_reader::state_->below(); }

const stream_options& stream::options() const noexcept { return stream_reader::state_->options(); }

}  // namespace torus::inline v0
