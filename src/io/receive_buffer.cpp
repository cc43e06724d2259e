// src/io/receive_buffer.cpp: how a buffer of received bytes grows.
#include "io/receive_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace torus::inline v0 {

namespace {

// Room for the first receipt: most messages fit, and a page is cheap to come by.
constexpr std::size_t first_room = 4 * 1024;  // bytes

// Room for one receipt of a stream that has always more: beyond it a system call costs nothing beside the copying.
constexpr std::size_t largest_room = 64 * 1024;  // bytes

}  // namespace

bytes_span receive_buffer::room() {
    if (empty()) {
        begin_ = end_ = 0;
        const std::size_t wanted = std::max(wanted_, first_room);
        if (capacity_ < wanted) resize(wanted, 0);
    } else if (end_ == capacity_) {
        // Moving what is there pays if that makes as much room again.
        if (begin_ >= capacity_ / 2) {
            std::memmove(memory_.get(), memory_.get() + begin_, size());
            end_ -= begin_;
            begin_ = 0;
        } else {
            resize(2 * capacity_, 0);
        }
    }
    return {memory_.get() + end_, capacity_ - end_};
}

void receive_buffer::received(std::size_t count) noexcept {
    const bool filled = end_ + count == capacity_;
    end_ += count;
    if (filled) wanted_ = std::min(2 * capacity_, largest_room);
    else if (count < wanted_ / 4) wanted_ = 0;
}

std::size_t receive_buffer::take(bytes_span into) noexcept {
    const std::size_t count = std::min(size(), into.size());
    if (count > 0) std::memcpy(into.data(), memory_.get() + begin_, count);
    begin_ += count;
    return count;
}

void receive_buffer::put_back(bytes_view bytes) {
    if (bytes.empty()) return;
    if (begin_ < bytes.size()) resize(bytes.size() + size() + first_room, bytes.size());
    begin_ -= bytes.size();
    std::memcpy(memory_.get() + begin_, bytes.data(), bytes.size());
}

void receive_buffer::release() noexcept {
    if (!empty()) return;
    memory_.reset();
    begin_ = end_ = capacity_ = 0;
}

/// Moves what is there into new memory, `offset` bytes from its beginning.
void receive_buffer::resize(std::size_t capacity, std::size_t offset) {
    auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity);
    const std::size_t count = size();
    if (count > 0) std::memcpy(larger.get() + offset, memory_.get() + begin_, count);
    memory_ = std::move(larger);
    capacity_ = capacity;
    begin_ = offset;
    end_ = offset + count;
}

}  // namespace torus::inline v0
