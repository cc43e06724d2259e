// src/fs/transfer.cpp: the path of a file's bytes into the caller's memory.
#include <torus/fs/transfer.hpp>

#include <stdexcept>

#include <torus/core/file_calls.hpp>
#include <torus/core/loop.hpp>

#include "fs/file_state.hpp"
#include "fs/request.hpp"

#include <unistd.h>

namespace torus::inline v0::fs {

file_state::file_state(torus::descriptor opened, std::string called)
    : descriptor(std::move(opened)), path(std::move(called)) {
    const std::int64_t there = files().seek(number(), 0, SEEK_CUR);
    has_position = there >= 0;
    if (has_position) position = static_cast<std::uint64_t>(there);
}

void file_state::take_position() {
    if (position_in_use) throw std::runtime_error("torus: two tasks use the position of " + path + " at once");
    position_in_use = true;
}

std::uint64_t file_state::check(std::int64_t outcome, const char* tried) const {
    if (outcome == -ECANCELED) outcome = -EBADF;
    return fs::check(outcome, tried, path);
}

file_reference::file_reference(const file_reference& other) noexcept : state_(other.state_) {
    if (state_) state_->retain();
}

void file_reference::release() noexcept { state_->release(); }

file_reading::file_reading(file_reference from, bytes_span into) noexcept
    : operation(verb::read, from->number(), into.data(), into.size()), from_(std::move(from)), at_position_(true) {}

file_reading::file_reading(file_reference from, bytes_span into, std::uint64_t where) noexcept
    : operation(verb::read, from->number(), into.data(), into.size(), 0, where), from_(std::move(from)),
      at_position_(false) {}

file_reading::file_reading(file_reading&& idle) noexcept
    : operation(static_cast<operation&&>(idle)), from_(std::move(idle.from_)), at_position_(idle.at_position_) {}

file_reading::~file_reading() {
    if (holds_position_) give_position_back();
}

bool file_reading::await_ready() {
    descriptor = from_->number();
    if (at_position_) {
        from_->take_position();
        holds_position_ = true;
        offset = from_->has_position ? from_->position : current_position;
    } else if (offset > largest_offset) {
        from_->check(-EINVAL, "read");
    }
    return length == 0;
}

void file_reading::give_position_back() noexcept { from_->position_in_use = holds_position_ = false; }

std::size_t file_reading::await_resume() {
    const std::int32_t outcome = operation::outcome();
    if (holds_position_) give_position_back();
    const std::uint64_t count = from_->check(outcome, "read");
    if (at_position_ && from_->has_position) from_->position += count;
    return static_cast<std::size_t>(count);
}

bool file_reading::attempt() {
    if (await_ready() || event_loop::current().world().attempt(*this)) return true;
    if (holds_position_) give_position_back();
    return false;
}

}  // namespace torus::inline v0::fs
