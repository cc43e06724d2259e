// src/sqlite/session_thread.cpp: a connection's thread.
#include <pthread.h>
#include <signal.h>

#include <utility>

#include "sqlite/session.hpp"

namespace torus::inline v0::sqlite {

namespace {

/// Signals belong to the loop's thread: a thread that is started within this scope receives none.
class no_signals {
public:
    no_signals() noexcept {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~no_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    no_signals(const no_signals&) = delete;
    no_signals& operator=(const no_signals&) = delete;

private:
    sigset_t before_;
};

}  // namespace

std::shared_ptr<session> session::start() {
    auto started = std::make_shared<session>(event_loop::current().letters());
    const no_signals masked;
    started->thread_ = std::thread([started] { started->work(); });
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
            work_.wait(held);
            idle_ = false;
        }
    }
    held.unlock();
    db_.allow();
    db_.close();
    held.lock();
    destroy_unwanted(held);
    ended_ = true;
    progress_.notify_all();
}

/// From here on the call belongs to the loop, which takes all answers that are there when it comes for one.
void session::answer(call& c, std::unique_lock<std::mutex>& held) noexcept {
    current_ = nullptr;
    c.place_ = call::place::answered;
    answered_.push_back(c);
    progress_.notify_all();
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
