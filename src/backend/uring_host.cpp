// src/backend/uring_host.cpp: the ring as other threads and foreign event loops see it.
#include "backend/uring.hpp"

namespace torus::inline v0 {

int uring_backend::descriptor() {
    if (!news_) {
        news_.emplace();
        ring_.announce_completions(news_->descriptor());
    }
    return news_->descriptor();
}

/// A foreign loop is told directly: the kernel does not write to one eventfd for another one but after a grace period of
/// its own, which takes milliseconds.
void uring_backend::wake() noexcept {
    wake_.ring();
    if (news_) news_->ring();
}

bool uring_backend::has_work() const noexcept {
    return !wake_armed_ || is_backed_up() || !ended_.empty() || ring_.unsubmitted() > 0 || ring_.has_more() ||
           ring_.has_completions();
}

}  // namespace torus::inline v0
