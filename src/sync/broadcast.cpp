// src/sync/broadcast.cpp: what is kept of all that was sent.
#include <torus/sync/broadcast_base.hpp>

#include <string>
#include <utility>

#include <torus/core/error.hpp>

namespace torus::inline v0 {

broadcast_lagged::broadcast_lagged(std::uint64_t missed)
    : std::runtime_error("a receiver was too slow and has missed " + std::to_string(missed)), missed_(missed) {}

broadcast_base::broadcast_base(std::size_t capacity) : capacity_(capacity) {
    if (capacity == 0) throw std::invalid_argument("torus: a broadcast must keep at least one item");
}

bool broadcast_base::is_there(std::uint64_t& position) const {
    if (position < oldest()) throw broadcast_lagged(oldest() - std::exchange(position, oldest()));
    if (position < sent_) return true;
    if (!closed_) throw invalid_state_error("torus: two tasks receive with the same broadcast_receiver: copy it");
    return false;
}

}  // namespace torus::inline v0
