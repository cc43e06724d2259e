// src/sync/queue.cpp: how elements pass from putters through the queue to getters.
#include <torus/sync/queue_base.hpp>

#include <algorithm>
#include <utility>

#include <torus/core/error.hpp>

namespace torus::inline v0 {

inline void queue_base::insert(element& e) {
    if (order_) [[unlikely]] {
        order_->insert(e);
    } else {
        e.next = nullptr;
        (last_ ? last_->next : first_) = &e;
        last_ = &e;
    }
    ++size_;
}

bool queue_base::offer(element& e) {
    if (!getters_.empty()) {
        getters_.require_loop();
        static_cast<getting*>(getters_.first())->received_ = &e;
        getters_.serve_first();
    } else {
        if (size_ >= limit_) return false;
        insert(e);
    }
    ++unfinished_;
    return true;
}

queue_base::element* queue_base::take() {
    if (size_ == 0) return limit_ == 0 ? take_from_putter() : nullptr;
    putters_.require_loop();
    element* e = first_;
    if (order_) [[unlikely]]
        e = &order_->take();
    else if (!(first_ = e->next)) last_ = nullptr;
    --size_;
    if (!putters_.empty() && size_ < limit_) {
        insert(*std::exchange(static_cast<putting*>(putters_.first())->element_, nullptr));
        ++unfinished_;
        putters_.serve_first();
    }
    return e;
}

/// Where nothing is kept, a getter takes straight from who waits to put.
queue_base::element* queue_base::take_from_putter() {
    if (putters_.empty()) return nullptr;
    putters_.require_loop();
    element* const e = std::exchange(static_cast<putting*>(putters_.first())->element_, nullptr);
    ++unfinished_;
    putters_.serve_first();
    return e;
}

void queue_base::put_back(element& e) noexcept {
    if (!getters_.empty()) {
        static_cast<getting*>(getters_.first())->received_ = &e;
        return getters_.serve_first();
    }
    ++size_;
    if (order_) return order_->put_back(e);
    e.next = first_;
    first_ = &e;
    if (!last_) last_ = &e;
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
    end_puts();
}

void queue_base::end_puts() noexcept {
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
    const std::size_t dropped = std::exchange(size_, 0);
    if (dropped == 0) return 0;
    element* each = order_ ? order_->take_all() : std::exchange(first_, nullptr);
    last_ = nullptr;
    while (each) destroy_(std::exchange(each, each->next));
    return dropped;
}

/// What keeps succeeding at once lets others have their turn after a while.
bool queue_base::putting::await_ready() {
    if (queue_->shut_down_) return true;
    if (!queue_->offer(*element_)) return false;
    element_ = nullptr;
    return spend_completion();
}

/// The element has come back: cancelled, or refused.
void queue_base::putting::fail() {
    end_wait();
    throw queue_shutdown();
}

bool queue_base::getting::await_ready() {
    if (queue_->size_ == 0 && queue_->limit_ > 0) return queue_->shut_down_;
    received_ = queue_->take();
    return received_ ? spend_completion() : queue_->shut_down_;
}

}  // namespace torus::inline v0
