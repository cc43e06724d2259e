// src/sync/semaphore.cpp: the rarer ways of a permit.
#include <torus/sync/semaphore.hpp>

#include <stdexcept>

namespace torus::inline v0 {

semaphore::semaphore(std::ptrdiff_t permits, std::ptrdiff_t limit) : value_(permits), initial_(permits), limit_(limit) {
    if (permits < 0) throw std::invalid_argument("torus: a semaphore cannot begin with less than no permit");
}

bool semaphore::take_unless_in_use() {
    if (!binding_.is_here()) {
        const bool in_use = value_ < initial_ || !line_.empty();
        if (in_use) loop_binding::refuse();
        binding_.bind();
    }
    if (value_ == 0) return false;
    --value_;
    return true;
}

void semaphore::release(std::ptrdiff_t permits) {
    if (permits < 0) throw std::invalid_argument("torus: a semaphore cannot release less than no permit");
    if (permits > limit_ - value_) throw invalid_state_error("torus: a bounded semaphore was released too often");
    line_.require_loop();
    for (; permits > 0 && !line_.empty(); --permits) line_.serve_first();
    value_ += permits;
}

}  // namespace torus::inline v0
