// src/io/receive_buffer.hpp: bytes that have been received and not been read, in one row.
#pragma once

#include <cstddef>
#include <cstdint>

#include <torus/io/bytes.hpp>

namespace torus::inline v0 {

/// A buffer that is filled at its end and emptied at its beginning. It has no memory until it is filled.
class receive_buffer {
public:
    receive_buffer() noexcept = default;
    receive_buffer(const receive_buffer&) = delete;
    receive_buffer& operator=(const receive_buffer&) = delete;
    ~receive_buffer() { give_back(); }

    bool empty() const noexcept { return begin_ == end_; }
    std::size_t size() const noexcept { return end_ - begin_; }
    bytes_view unread() const noexcept { return {memory_ + begin_, size()}; }

    /// Where to receive into, at least one byte.
    bytes_span room();
    /// `count` bytes have been received into `room()`.
    void received(std::size_t count) noexcept;

    void consume(std::size_t count) noexcept { begin_ += count; }
    /// Copies the first bytes out. Returns how many fit.
    std::size_t take(bytes_span into) noexcept;
    /// Puts bytes back that were taken out.
    void put_back(bytes_view bytes);

    /// Gives the memory back, if nothing is in it.
    void release() noexcept;

private:
    void resize(std::size_t capacity, std::size_t offset);
    void give_back() noexcept;

    std::byte* memory_ = nullptr;  // from the frames' memory: recycled there, if it is no longer than usual
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t capacity_ = 0;
    std::uint32_t wanted_ = 0;  // room, at least: more than what receipts have filled
    std::uint8_t small_receipts_ = 0;  // in a row, that took less than a quarter of it
};

}  // namespace torus::inline v0
