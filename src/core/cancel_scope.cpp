// src/core/cancel_scope.cpp: who is in a scope, and who hears that it is cancelled.
#include <torus/core/cancel_scope.hpp>

#include <algorithm>
#include <stdexcept>

#include <torus/core/held_context.hpp>
#include <torus/core/interruption.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/task.hpp>

#include "core/task_list.hpp"

namespace torus::inline v0 {

void scope_part::move_to(cancel_scope* scope) noexcept {
    if (enclosing_) {
        (previous_ ? previous_->next_ : enclosing_->first_) = next_;
        (next_ ? next_->previous_ : enclosing_->last_) = previous_;
    }
    enclosing_ = scope;
    next_ = nullptr;
    previous_ = scope ? scope->last_ : nullptr;
    if (!scope) return;
    (previous_ ? previous_->next_ : scope->first_) = this;
    scope->last_ = this;
}

time_point cancel_scope::deadline_of(const cancel_scope_options& options) {
    return std::min(options.deadline, later(clock::now(), options.timeout));
}

void cancel_scope::enter() {
    if (std::exchange(entered_, true)) throw invalid_state_error("torus: a cancel scope can be awaited only once");
    task_record& task = *running.task;
    cancel_scope* const around = task.scope();
    held_context::note_use();  // from now on tasks may inherit scopes
    task.enter_scope(*this);
    task_ = &task;
    move_to(around);
    lasts_ = is_within_cancelled();
    if (lasts_ && !cancel_called_) reason_ = around->reason_;
    if (cancel_called_) spread();
    else arm();
}

/// What was begun in it and is in it yet goes on in the scope around it.
void cancel_scope::leave() noexcept {
    if (!task_) return;
    ended_ = true;
    disarm();
    while (scope_part* const part = first_) {
        part->move_to(enclosing());
        if (part->task_) part->task_->enter_or_leave_cancelled(enclosing());
    }
    move_to(nullptr);
    task_ = nullptr;
}

/// A scope that is left however its body ends.
class cancel_scope::entry {
public:
    explicit entry(cancel_scope& scope) : scope_(scope) { scope_.enter(); }
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    ~entry() { scope_.leave(); }

private:
    cancel_scope& scope_;
};

async<bool> cancel_scope::run() {
    const entry entered(*this);
    const interruption from_outside(*running.task);  // never requested: it tells whether others have cancelled the task
    try {
        co_await std::move(body_);
        co_return true;
    } catch (const cancelled_error&) {
        if (!cancel_called_ || is_within_cancelled() || from_outside.others()) throw;
        cancelled_caught_ = true;
    }
    co_return false;
}

/// Waits for a body that is a task of its own. What cancels the waiting task stays pending meanwhile.
class cancel_scope::shielded final : public waiter, private task_owner {
public:
    explicit shielded(async<bool> body) noexcept : waiter(wait_kind::shield), body_(std::move(body)) {}

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h) {
        task_ = running.task;
        promise_base& root = body_.release().promise();
        running_ = task<bool>(task_record::prepare(root, {}, this, root.location()));
        running_.record().mark_observed();
        running_.record().begin_now();
        if (running_.done()) return false;
        begin_wait_anyway(h);
        return true;
    }
    bool await_resume() {
        if (!running_.cancelled()) return running_.result();
        if (task_->cancel_pending()) throw_cancelled();
        throw cancelled_error(running_.record().cancel_reason(), false);
    }

private:
    void cancel() noexcept override {}
    task_record* awaiting_task() const noexcept override { return waiting_task(); }
    void child_done(task_record&) noexcept override {
        if (is_waiting()) make_ready();
    }

    async<bool> body_;
    task<bool> running_;
};

async<bool> cancel_scope::run_shielded() { co_return co_await shielded(run()); }

void cancel_scope::cancel(std::string_view reason) {
    if (cancel_called_ || ended_) return;
    if (task_ && task_->loop().debug() && running.loop != &task_->loop())
        throw std::runtime_error("torus: a scope was cancelled from a foreign thread; use call_soon_threadsafe");
    begin_cancel(reason.empty() ? nullptr : std::make_shared<const std::string>(reason));
}

void cancel_scope::arm() noexcept {
    event_loop& loop = task_->loop();
    if (deadline() <= loop.time()) return begin_cancel(nullptr);
    if (deadline() == time_point::max()) return;
    loop.add_timer(alarm_);
    armed_ = true;
}

void cancel_scope::disarm() noexcept {
    if (std::exchange(armed_, false)) task_->loop().remove_timer(alarm_);
}

void cancel_scope::expire() noexcept {
    armed_ = false;
    begin_cancel(nullptr);
}

void cancel_scope::reschedule_at(time_point when) {
    if (cancel_called_) throw invalid_state_error("torus: a scope that was cancelled cannot be rescheduled");
    if (ended_) throw invalid_state_error("torus: a scope that has ended cannot be rescheduled");
    disarm();
    alarm_.set(when);
    if (task_) arm();
}

void cancel_scope::begin_cancel(std::shared_ptr<const std::string> reason) noexcept {
    cancel_called_ = true;
    if (!lasts_) reason_ = std::move(reason);
    if (!task_) return;  // it comes to that when it is entered
    disarm();
    spread();
}

/// The next in a walk through all that is in this scope, when what is in `part` has had its turn.
scope_part* cancel_scope::after(scope_part* part) const noexcept {
    while (!part->next_) {
        part = part->enclosing_;
        if (part == this) return nullptr;
    }
    return part->next_;
}

/// Tells everybody who is in it and has not been told before. All of that is one cancellation: a task that hears of it
/// from one that waits for it, too, is told once.
void cancel_scope::spread() noexcept {
    if (std::exchange(lasts_, true)) return;
    event_loop::tasks& all = *task_->loop().tasks_;
    ++all.cancel_depth;
    for (scope_part* each = first_; each;) {
        cancel_scope* const inner = each->task_ ? nullptr : static_cast<cancel_scope*>(each);
        if (!inner) {
            each->task_->begin_lasting_cancel(reason_);
        } else if (!std::exchange(inner->lasts_, true)) {
            inner->reason_ = reason_;
            if ((each = inner->first_)) continue;
            each = inner;
        }
        each = after(each);
    }
    if (all.cancel_depth == 1) all.finish_cancel();
    --all.cancel_depth;
}

time_point current_effective_deadline() noexcept {
    time_point earliest = time_point::max();
    const cancel_scope* each = running.task ? running.task->scope() : nullptr;
    for (; each; each = each->enclosing()) {
        if (each->lasts_) return time_point::min();
        earliest = std::min(earliest, each->deadline());
    }
    return earliest;
}

}  // namespace torus::inline v0
