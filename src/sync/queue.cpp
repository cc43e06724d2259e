// src/sync/queue.cpp: how elements pass from putters through the queue to getters.
#include <torus/sync/queue_base.hpp>

#include <algorithm>
#include <utility>

#include <torus/core/error.hpp>

namespace torus::inline v0 {

void queue_base::push_back(element& e) noexcept {
    e.next = nullptr;
    (last_ ? last_->next : first_) = &e;
    last_ = &e;
    ++size_;
}

bool queue_base::offer(element& e) {
    if (!getters_.empty()) {
        getters_.require_loop();
        static_cast<getting*>(getters_.first())->received_ = &e;
        getters_.serve_first();
    } else {
        if (size_ >= limit_) return false;
        push_back(e);
    }
    ++unfinished_;
    return true;
}

queue_base::element* queue_base::take() {
    element* const e = first_;
    if (!e) return nullptr;
    putters_.require_loop();
    first_ = e->next;
    if (!first_) last_ = nullptr;
    --size_;
    if (!putters_.empty() && size_ < limit_) {
        push_back(*std::exchange(static_cast<putting*>(putters_.first())->element_, nullptr));
        ++unfinished_;
        putters_.serve_first();
    }
    return e;
}

void queue_base::put_back(element& e) noexcept {
    if (!getters_.empty()) {
        static_cast<getting*>(getters_.first())->received_ = &e;
        return getters_.serve_first();
    }
    e.next = first_;
    first_ = &e;
    if (!last_) last_ = &e;
    ++size_;
}

void queue_base::fail_put() const {
    if (shut_down_) throw queue_shutdown();
    throw queue_full();
}

void queue_base::fail_get() const {
    if (shut_down_) throw queue_shutdown();
    throw queue_empty();
}

void queue_base::task_done() {
    if (unfinished_ == 0) throw invalid_state_error("torus: task_done() called more often than items were put");
    if (unfinished_ == 1) joiners_.require_loop();
    if (--unfinished_ == 0) joiners_.serve_all();
}

void queue_base::shutdown() {
    getters_.require_loop();
    putters_.require_loop();
    shut_down_ = true;
    getters_.serve_all();  // with nothing: the queue is empty
    putters_.serve_all();  // with their own elements
}

void queue_base::shutdown(immediate_t) {
    joiners_.require_loop();
    shutdown();
    const std::size_t dropped = drop_all();
    unfinished_ -= std::min(dropped, unfinished_);
    if (unfinished_ == 0) joiners_.serve_all();
}

/// The destructors of items may use the queue: it is empty already when the first one runs.
std::size_t queue_base::drop_all() noexcept {
    element* each = std::exchange(first_, nullptr);
    last_ = nullptr;
    const std::size_t dropped = std::exchange(size_, 0);
    while (each) destroy_(std::exchange(each, each->next));
    return dropped;
}

bool queue_base::putting::await_ready() {
    if (queue_->shut_down_) return true;
    if (!queue_->offer(*element_)) return false;
    element_ = nullptr;
    return true;
}

/// The element has come back: cancelled, or refused.
void queue_base::putting::fail() {
    end_wait();
    throw queue_shutdown();
}

bool queue_base::getting::await_ready() {
    received_ = queue_->take();
    return received_ || queue_->shut_down_;
}

}  // namespace torus::inline v0
