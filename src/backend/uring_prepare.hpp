// src/backend/uring_prepare.hpp: an operation in io_uring's own form.
#pragma once

#include <torus/core/operation.hpp>

struct io_uring_sqe;

namespace torus::inline v0 {

/// What is known of a socket before it is read: whether there is something to try for.
enum class expectation : bool { data, nothing };

/// Fills `entry` with the request that `op` stands for.
void prepare(io_uring_sqe& entry, const operation& op, expectation expected) noexcept;

}  // namespace torus::inline v0
