// src/io/writer.cpp: the writing verbs.
#include <torus/io/writer.hpp>

#include "io/stream_state.hpp"

namespace torus::inline v0 {

namespace {

async<> end_writing(stream_reference of) {
    output& out = of->out;
    if (!out.has_ended()) {
        out.require_usable(*of);
        out.want_end(*of);
    }
    while (!out.has_ended() && !of->is_closed()) co_await of->changed.wait();
    if (out.has_failed()) out.throw_error();
}

async<> wait_until_closed(stream_reference of) {
    while (!of->is_closed()) co_await of->changed.wait();
}

async<> close_stream(stream_reference of) {
    of->begin_close();
    while (!of->is_closed()) co_await of->changed.wait();
    if (const std::exception_ptr lost = of->out.take_untold()) std::rethrow_exception(lost);
}

}  // namespace

stream_writing::stream_writing(stream_reference to, bytes_view head, bytes_view body) noexcept
    : to_(std::move(to)), own_{head, body} {}

stream_writing::stream_writing(stream_reference to, std::span<const bytes_view> pieces) noexcept
    : to_(std::move(to)), others_(pieces) {}

stream_writing::stream_writing(stream_reference to) noexcept : to_(std::move(to)), flushes_(true) {}

stream_writing::stream_writing(stream_writing&& idle) noexcept = default;

stream_writing::~stream_writing() = default;

bool stream_writing::await_ready() {
    output& out = to_->out;
    if (flushes_) {
        if (out.has_failed()) out.throw_error();
        return out.size() == 0;
    }
    unsent_pieces bytes(others_.empty() ? std::span<const bytes_view>(own_) : others_);
    if (out.accept(*to_, bytes)) return true;
    blocked_ = std::make_unique<blocked_write>(*to_, bytes);
    return false;
}

bool stream_writing::await_suspend(std::coroutine_handle<> h) {
    if (flushes_) blocked_ = std::make_unique<blocked_write>(*to_);
    return blocked_->wait(h);
}

void stream_writing::await_resume() {
    if (blocked_) blocked_->finish();
}

stream_writer::stream_writer(std::unique_ptr<transport> below, const stream_options& options)
    : state_(*new stream_state(std::move(below), options, stream_state::writer)) {}

stream_writer& stream_writer::operator=(stream_writer&& other) noexcept {
    const stream_writer former(std::move(*this));
    state_ = std::move(other.state_);
    return *this;
}

stream_writer::~stream_writer() {
    if (state_) state_->leave(stream_state::writer);
}

stream_writing stream_writer::write(bytes_view bytes) { return {state_, bytes, {}}; }

stream_writing stream_writer::write(bytes_view head, bytes_view body) { return {state_, head, body}; }

stream_writing stream_writer::write(std::span<const bytes_view> pieces) { return {state_, pieces}; }

void stream_writer::write_nowait(bytes_view bytes) { state_->out.accept_copy(*state_, bytes); }

stream_writing stream_writer::flush() { return stream_writing(state_); }

async<> stream_writer::write_eof() { return end_writing(state_); }

async<> stream_writer::close() { return close_stream(state_); }

async<> stream_writer::wait_closed() { return wait_until_closed(state_); }

void stream_writer::abort() noexcept { state_->abort(); }

bool stream_writer::is_closing() const noexcept { return state_->is_closing(); }

std::size_t stream_writer::unsent() const noexcept { return state_->out.size(); }

address stream_writer::peer() const { return state_->has_below() ? state_->below().peer() : address(); }

address stream_writer::local() const { return state_->has_below() ? state_->below().local() : address(); }

}  // namespace torus::inline v0
