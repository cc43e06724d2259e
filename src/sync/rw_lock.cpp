// src/sync/rw_lock.cpp: who of a line of readers and writers goes next.
#include <torus/sync/rw_lock.hpp>

namespace torus::inline v0 {

void rw_lock::bind() {
    if (binding_.is_here()) return;
    if (written_ || readers_ > 0 || !line_.empty()) loop_binding::refuse();
    binding_.bind();
}

bool rw_lock::take_to_read() {
    bind();
    if (written_ || !line_.empty()) return false;
    ++readers_;
    return true;
}

bool rw_lock::take_to_write() {
    bind();
    if (written_ || readers_ > 0) return false;  // nobody waits for a lock that nobody holds
    written_ = true;
    return true;
}

/// Hands the lock to the first writer, or to all readers before it.
void rw_lock::serve() noexcept {
    while (!written_ && !line_.empty()) {
        if (line_.first()->kind() == wait_kind::read_lock) ++readers_;
        else if (readers_ == 0) written_ = true;
        else return;
        line_.serve_first();
    }
}

/// Those behind a writer that gives up may be readers that waited for nothing else.
void rw_lock::waiting::cancel() noexcept {
    if (leave()) lock_->serve();
    make_cancelled();
}

}  // namespace torus::inline v0
