// src/backend/direct.hpp: operations as plain system calls.
#pragma once

#include <cstddef>
#include <cstdint>

#include <torus/core/operation.hpp>

#include <sys/socket.h>

namespace torus::inline v0::direct {

/// What one transfer takes at most: the kernel's own limit, MAX_RW_COUNT.
inline constexpr std::size_t largest_transfer = 0x7ffff000;  // bytes

/// Makes the one call that `op` stands for: a count, or a negative errno. Socket verbs never block, and give -EAGAIN
/// instead; the others block as their descriptor does. Repeats what a signal interrupted.
///
/// A receive or send goes on after the `op.in_backend.moved` bytes that were moved before.
std::int32_t call(const operation& op) noexcept;

/// Reads what the kernel has in memory: -EAGAIN where a disk would have to be waited for, -EOPNOTSUPP where that can't be
/// told.
std::int32_t read_cached(const operation& op) noexcept;

/// More than this is not copied on the loop's thread: others wait for some ten microseconds meanwhile.
inline constexpr std::size_t largest_cached_read = 256 * 1024;  // bytes

/// As call(), for a pipe or terminal whose descriptor would block: only when it is ready, and no more than then goes in.
std::int32_t call_if_ready(const operation& op) noexcept;

/// Whether `op` is to end only when all its bytes have been moved.
inline bool wants_all(const operation& op) noexcept {
    if (!(op.flags & MSG_WAITALL) || (op.flags & MSG_PEEK)) [[likely]]
        return false;
    return op.what == verb::receive || op.what == verb::send || op.what == verb::receive_message ||
           op.what == verb::send_message;
}

/// Calls until `op` is complete: once, or, where it wants all bytes, until it has them. -EAGAIN where it has to wait;
/// what was moved until then is kept in `op.in_backend.moved`.
std::int32_t proceed(operation& op) noexcept;

/// What an operation that is taken out of its wait ends with: what it has moved, or -ECANCELED.
std::int32_t result_of_cancelled(const operation& op) noexcept;

}  // namespace torus::inline v0::direct
