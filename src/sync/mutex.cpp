// src/sync/mutex.cpp: the rarer ways of a lock.
#include <torus/sync/mutex.hpp>

namespace torus::inline v0 {

bool mutex::take_unless_held() {
    if (!binding_.is_here()) {
        if (locked_) loop_binding::refuse();
        binding_.bind();
    }
    if (locked_) return false;
    locked_ = true;
    return true;
}

void mutex::unlock() {
    if (!locked_) throw invalid_state_error("torus: unlock() of a mutex that is not locked");
    line_.require_loop();
    release();
}

}  // namespace torus::inline v0
