// src/io/unsent.hpp: bytes on their way out, and the writes that wait for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <torus/core/waiter.hpp>
#include <torus/io/bytes.hpp>

namespace torus::inline v0 {

class stream_state;

/// The pieces of one write, and how far they have gone.
class unsent_pieces {
public:
    explicit unsent_pieces(std::span<const bytes_view> pieces) noexcept;

    std::size_t size() const noexcept { return size_; }
    bool has_begun() const noexcept { return begun_; }
    void advance(std::size_t count) noexcept;
    /// Fills `into` with what is next. Returns how many of it are used.
    std::size_t gather(std::span<bytes_view> into) const noexcept;
    void copy_to(std::byte* to) const noexcept;

private:
    std::span<const bytes_view> pieces_;
    std::size_t offset_ = 0;  // in the first of them
    std::size_t size_ = 0;
    bool begun_ = false;
};

/// A part of the queue: a copy, or a write that waits.
struct unsent_part {
    enum class kind : std::uint8_t { copy, write, flush };

    explicit unsent_part(kind of) noexcept : what(of) {}

    unsent_part* next = nullptr;
    kind what;
    bool in_flight = false;  // the kernel, or the transport, looks at its bytes now
};

/// A write, or flush, that waits. It lends its bytes.
class blocked_write final : public waiter, public unsent_part {
public:
    blocked_write(stream_state& to, const unsent_pieces& bytes) noexcept;
    explicit blocked_write(stream_state& to) noexcept;  // a flush

    bool wait(std::coroutine_handle<> h);
    void finish();

    /// @{ For the queue.
    void sent() noexcept { make_ready(); }
    void lost() noexcept;
    void left() noexcept { make_cancelled(); }
    /// @}

    unsent_pieces rest;
    bool is_leaving = false;  // cancelled while its bytes were in flight

private:
    void cancel() noexcept override;

    stream_state& to_;
    bool lost_ = false;
};

/// The queue. Its parts belong to it, except for writes that wait, which belong to themselves.
class unsent_queue {
public:
    unsent_queue() noexcept = default;
    unsent_queue(const unsent_queue&) = delete;
    unsent_queue& operator=(const unsent_queue&) = delete;
    ~unsent_queue() { drop(); }

    bool empty() const noexcept { return !first_; }
    std::size_t size() const noexcept { return size_; }      // bytes
    std::size_t copied() const noexcept { return copied_; }  // bytes of these that take memory here

    void push_back(blocked_write& w) noexcept;
    void push_copy(const unsent_pieces& bytes);

    /// @{ A send from the front: it looks at the pieces until `landed()`.
    std::size_t launch(std::span<bytes_view> into) noexcept;
    void landed() noexcept;
    /// @}

    /// The first `count` bytes have been sent. Writes that are complete go on.
    void advance(std::size_t count) noexcept;

    /// Replaces the bytes of a write that waits by a copy.
    void copy(blocked_write& w);
    void erase(blocked_write& w) noexcept;

    /// Writes that wait go on, their bytes copied. One for which there is no memory goes on waiting.
    void release_writes() noexcept;

    /// Lets those go that were cancelled while they were in flight, their bytes copied.
    /// @throws buffer_overflow  a write of which nothing has been sent does not fit below `cap`
    void release_leaving(std::size_t cap);

    /// Whether a cancelled write may be kept: what has been sent in part must be sent whole, and takes no more memory than
    /// its writer had; anything else is bounded.
    /// @throws buffer_overflow  it may not
    void require_keepable(const unsent_pieces& rest, std::size_t cap) const;

    /// Gives up everything that is not in flight. Returns what that was.
    struct dropped {
        bool copies = false;
        bool writes = false;
    };
    dropped drop() noexcept;

private:
    class copy_part;
    unsent_part** link_to(const unsent_part& part) noexcept;
    void unlink(unsent_part** link) noexcept;
    void replace(blocked_write& w, copy_part* by) noexcept;

    unsent_part* first_ = nullptr;
    unsent_part* last_ = nullptr;
    std::size_t size_ = 0;
    std::size_t copied_ = 0;
};

}  // namespace torus::inline v0
