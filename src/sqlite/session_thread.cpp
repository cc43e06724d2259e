// src/sqlite/session_thread.cpp: a connection's thread.
#include <utility>

#include "sqlite/session.hpp"

#include <pthread.h>

namespace torus::inline v0::sqlite {

std::shared_ptr<session> session::start() {
    auto started = std::make_shared<session>(event_loop::current().letters());
    started->thread_ = started->source_.start(started);
    return started;
}

void session::work() noexcept {
    ::pthread_setname_np(::pthread_self(), "torus-sqlite");
    std::unique_lock held(mutex_);
    for (;;) {
        destroy_unwanted(held);
        if (auto* const next = static_cast<call*>(queue_.pop_front())) {
            next->place_ = call::place::running;
            current_ = next;
            db_.allow();
            held.unlock();
            next->execute(db_);
            held.lock();
            answer(*next, held);
        } else if (ending_) {
            break;
        } else {
            idle_ = true;
            work_->wait(held);
            idle_ = false;
        }
    }
    held.unlock();
    db_.allow();
    db_.close();
    held.lock();
    destroy_unwanted(held);
    ended_ = true;
    progress_->notify_all();
}

/// From here on the call belongs to the loop, which takes all answers that are there when it comes for one.
void session::answer(call& c, std::unique_lock<std::mutex>& held) noexcept {
    current_ = nullptr;
    c.place_ = call::place::answered;
    answered_.push_back(c);
    progress_->notify_all();
    if (posted_self_) return;
    posted_self_ = shared_from_this();
    held.unlock();
    letters_->post(*this);
    held.lock();
}

void session::destroy_unwanted(std::unique_lock<std::mutex>& held) noexcept {
    while (unwanted_) {
        std::unique_ptr<cursor> first = std::move(unwanted_);
        unwanted_ = std::move(first->next_unwanted);
        held.unlock();
        first.reset();
        held.lock();
    }
}

}  // namespace torus::inline v0::sqlite
