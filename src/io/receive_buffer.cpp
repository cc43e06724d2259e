// src/io/receive_buffer.cpp: how a buffer of received bytes grows.
#include "io/receive_buffer.hpp"

#include <algorithm>
#include <cstring>

#include <torus/core/frame.hpp>

namespace torus::inline v0 {

namespace {

// Room for the first receipt: most messages fit, and it is the largest piece of memory that frames are recycled in. Who
// waits for bytes with an empty buffer has none, so this is taken for every message of a connection that rests between.
constexpr std::uint32_t first_room = 2 * 1024;  // bytes

// Room for one receipt of a stream that has always more: beyond it a system call costs nothing beside the copying.
constexpr std::size_t largest_room = 64 * 1024;  // bytes

// The rest of a large message is small: it takes several small receipts in a row until less room is wanted.
constexpr std::uint8_t receipts_until_smaller = 8;

}  // namespace

bytes_span receive_buffer::room() {
    if (empty()) {
        begin_ = end_ = 0;
        const std::size_t wanted = std::max(wanted_, first_room);
        if (capacity_ < wanted) resize(wanted, 0);
    } else if (end_ == capacity_) {
        // Moving what is there pays if that makes as much room again.
        if (begin_ >= capacity_ / 2) {
            std::memmove(memory_, memory_ + begin_, size());
            end_ -= begin_;
            begin_ = 0;
        } else {
            resize(2 * capacity_, 0);
        }
    }
    return {memory_ + end_, capacity_ - end_};
}

void receive_buffer::received(std::size_t count) noexcept {
    const bool filled = end_ + count == capacity_;
    end_ += count;
    if (filled) wanted_ = static_cast<std::uint32_t>(std::min(2 * capacity_, largest_room));
    if (count >= wanted_ / 4) {
        small_receipts_ = 0;
    } else if (++small_receipts_ == receipts_until_smaller) {
        wanted_ /= 2;
        small_receipts_ = 0;
    }
}

std::size_t receive_buffer::take(bytes_span into) noexcept {
    const std::size_t count = std::min(size(), into.size());
    if (count > 0) std::memcpy(into.data(), memory_ + begin_, count);
    begin_ += count;
    return count;
}

void receive_buffer::put_back(bytes_view bytes) {
    if (bytes.empty()) return;
    if (begin_ < bytes.size()) resize(bytes.size() + size() + first_room, bytes.size());
    begin_ -= bytes.size();
    std::memcpy(memory_ + begin_, bytes.data(), bytes.size());
}

void receive_buffer::release() noexcept {
    if (!empty()) return;
    give_back();
    begin_ = end_ = capacity_ = 0;
}

void receive_buffer::give_back() noexcept {
    if (memory_) frame_memory::deallocate(memory_, capacity_);
    memory_ = nullptr;
}

/// Moves what is there into new memory, `offset` bytes from its beginning.
void receive_buffer::resize(std::size_t capacity, std::size_t offset) {
    std::byte* const larger = static_cast<std::byte*>(frame_memory::allocate(capacity));
    const std::size_t count = size();
    if (count > 0) std::memcpy(larger + offset, memory_ + begin_, count);
    give_back();
    memory_ = larger;
    capacity_ = capacity;
    begin_ = offset;
    end_ = offset + count;
}

}  // namespace torus::inline v0
