// src/sqlite/session.cpp: the loop's side of a connection: turns, cancellations, answers, the end.
#include "sqlite/session.hpp"

#include <utility>

#include <torus/core/error.hpp>
#include <torus/core/task_record.hpp>

#include "sqlite/control.hpp"

namespace torus::inline v0::sqlite {

namespace {

std::exception_ptr closed_error() noexcept {
    return std::make_exception_ptr(
        sql::statement_error(sql::error_kind::closed, 0, "the connection was closed before the statement's turn"));
}

}  // namespace

session::session(std::shared_ptr<inbox> letters)
    : letters_(std::move(letters)), source_(threads()), work_(source_.make_condition()),
      progress_(source_.make_condition()) {}

void session::admit(const call& c) const {
    if (over_) throw sql::statement_error(sql::error_kind::closed, 0, "the connection is closed");
    if (event_loop::current().letters() != letters_)
        throw invalid_state_error("torus: a connection belongs to the loop in which it was opened");
    const std::uint64_t within = c.where_.transaction;
    if (!is_open(within))
        throw sql::statement_error(sql::error_kind::rolled_back, 0, "the transaction of this connection is over");
    // It would wait for the end of a transaction which waits for it.
    for (auto* each = innermost_.get(); each && each->id != within; each = each->outer.get())
        if (each->owner == running.task)
            throw sql::statement_error(sql::error_kind::statement, 0,
                                       "within a transaction, use the connection that its closure is given");
}

bool session::is_open(std::uint64_t transaction) const noexcept {
    if (over_) return false;
    const open_transaction* each = innermost_.get();
    while (each && each->id != transaction) each = each->outer.get();
    return each || transaction == 0;
}

void session::enter(call& c) noexcept {
    if (c.where_.transaction != innermost()) {
        c.place_ = call::place::parked;
        parked_.push_back(c);
        return;
    }
    if (c.role_ == call::role::begins) {
        auto begun = static_cast<beginning&>(c).take_transaction(++last_transaction_);
        begun->outer = std::move(innermost_);
        innermost_ = std::move(begun);
    }
    bool asleep = false;
    {
        const std::lock_guard held(mutex_);
        c.place_ = call::place::queued;
        queue_.push_back(c);
        asleep = idle_;
    }
    event_loop::current().job_left();
    if (asleep) work_->notify_one();
}

void session::end_transaction(std::uint64_t id) noexcept {
    if (innermost() != id || id == 0) return;
    innermost_ = std::move(innermost_->outer);
    wait_list waiting = std::exchange(parked_, {});
    while (waiter* each = waiting.pop_front()) enter(static_cast<call&>(*each));
}

bool session::withdraw(call& c) noexcept {
    {
        const std::lock_guard held(mutex_);
        switch (c.place_) {
        case call::place::parked: parked_.erase(c); break;
        case call::place::queued:
            queue_.erase(c);
            event_loop::current().job_returned();
            break;
        case call::place::running:
            c.stopped_ = true;
            db_.interrupt();
            return false;
        case call::place::answered:
        case call::place::outside: return false;
        }
        c.place_ = call::place::outside;
    }
    if (c.role_ == call::role::begins) end_transaction(static_cast<beginning&>(c).id());
    return true;
}

void session::settle(const call& c) noexcept {
    if (c.role_ == call::role::begins && c.error_) end_transaction(static_cast<const beginning&>(c).id());
    if (c.role_ == call::role::ends) end_transaction(c.where_.transaction);
}

void session::release(call& c) noexcept {
    std::unique_lock held(mutex_);
    if (c.place_ == call::place::running) {
        db_.interrupt();
        while (c.place_ == call::place::running) progress_->wait(held);
    }
    if (c.place_ == call::place::parked) parked_.erase(c);
    if (c.place_ == call::place::queued) queue_.erase(c);
    if (c.place_ == call::place::answered) answered_.erase(c);
    const bool was_away = c.place_ == call::place::queued || c.place_ == call::place::answered;
    c.place_ = call::place::outside;
    if (was_away && running.loop) running.loop->job_returned();
}

void session::arrived(event_loop& loop) noexcept {
    std::shared_ptr<session> self;
    wait_list answered;
    {
        const std::lock_guard held(mutex_);
        self = std::move(posted_self_);
        answered = std::exchange(answered_, {});
    }
    while (waiter* each = answered.pop_front()) {
        call& c = static_cast<call&>(*each);
        c.place_ = call::place::outside;
        loop.job_returned();
        c.answered();
    }
}

/// The loop has gone, and with it whoever has waited.
void session::returned() noexcept {
    std::shared_ptr<session> self;
    const std::lock_guard held(mutex_);
    self = std::move(posted_self_);
}

void session::dispose(std::unique_ptr<cursor> unwanted) noexcept {
    const std::lock_guard held(mutex_);
    if (ended_) return;  // then it is of no thread's any more, and dies here
    unwanted->next_unwanted = std::move(unwanted_);
    unwanted_ = std::move(unwanted);
    if (idle_) work_->notify_one();
}

/// Whatever has not begun, in order.
wait_list session::take_all() noexcept {
    wait_list all = std::exchange(queue_, {});
    while (waiter* each = parked_.pop_front()) all.push_back(*each);
    return all;
}

void session::end() noexcept {
    if (std::exchange(over_, true)) return;
    innermost_.reset();
    wait_list refused;
    {
        const std::lock_guard held(mutex_);
        refused = take_all();
        ending_ = true;
        if (current_) db_.interrupt();
        work_->notify_one();
    }
    while (waiter* each = refused.pop_front()) {
        call& c = static_cast<call&>(*each);
        if (c.place_ == call::place::queued && running.loop) running.loop->job_returned();
        c.place_ = call::place::outside;
        c.fail(closed_error());
    }
    std::unique_lock held(mutex_);
    const time_point until = later(source_.now(), end_grace);
    while (!ended_ && progress_->wait(held, until)) {}
    const bool ended = ended_;
    held.unlock();
    if (ended) return thread_->join();
    thread_.reset();
    report_error({"the thread of a database has not stopped and is left behind", nullptr, {}});
}

}  // namespace torus::inline v0::sqlite
