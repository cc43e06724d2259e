// torus/fs/transfer.hpp: what reading from a file waits for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <torus/core/operation.hpp>
#include <torus/io/bytes.hpp>

namespace torus::inline v0::fs {

class file_state;

/// A counted reference to an open file. It belongs to the loop's thread.
class file_reference {
public:
    file_reference() noexcept = default;
    explicit file_reference(file_state* taken) noexcept : state_(taken) {}  // with the caller's reference
    file_reference(const file_reference& other) noexcept;
    file_reference(file_reference&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    file_reference& operator=(file_reference other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~file_reference() {
        if (state_) release();
    }

    file_state* operator->() const noexcept { return state_; }
    file_state& operator*() const noexcept { return *state_; }
    explicit operator bool() const noexcept { return state_; }

private:
    void release() noexcept;

    file_state* state_ = nullptr;
};

/// What `file::read_into` and `file::read_at` return. It is the kernel's request itself: the bytes go straight into the
/// caller's memory, and the task isn't resumed while the kernel may still write there.
class [[nodiscard("co_await it")]] file_reading final : public operation {
public:
    file_reading(file_reference from, bytes_span into) noexcept;  // at the file's position
    file_reading(file_reference from, bytes_span into, std::uint64_t where) noexcept;
    file_reading(file_reading&& idle) noexcept;
    ~file_reading();

    bool await_ready();
    std::size_t await_resume();

    /// Tries without waiting. False if that would have to wait; then nothing has happened.
    bool attempt();

private:
    void give_position_back() noexcept;

    file_reference from_;
    bool at_position_;
    bool holds_position_ = false;  // this is the one task that uses it
};

}  // namespace torus::inline v0::fs
