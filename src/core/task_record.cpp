// src/core/task_record.cpp: the life of a task, from its start to its last reference.
#include <torus/core/task_record.hpp>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>
#include <unordered_set>
#include <utility>
#include <vector>

#include <torus/core/any_task.hpp>
#include <torus/core/async.hpp>
#include <torus/core/cancel_scope.hpp>
#include <torus/core/held_context.hpp>
#include <torus/core/loop.hpp>

#include "core/awaiters.hpp"
#include "core/describe.hpp"
#include "core/task_list.hpp"

namespace torus::inline v0 {

static_assert(sizeof(task_record) <= 128, "a million sleeping tasks are to fit into 256 bytes each");

/// What few tasks have.
struct task_record::extra {
    std::string name;
    std::shared_ptr<const std::string> cancel_reason;
    held_context context;
    std::unique_ptr<scope_part> place;  // in the innermost of its cancel scopes

    static void* operator new(std::size_t size) { return frame_memory::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_memory::deallocate(memory, size); }
};

task_record::task_record(promise_base& root, event_loop& loop, task_owner* owner, std::source_location created) noexcept
    : loop_(&loop), owner_(owner), created_(created) {
    handle_ = root.handle();
    task_ = this;
}

task_record::~task_record() = default;

task_record& task_record::prepare(promise_base& root, std::string_view name, task_owner* owner,
                                  std::source_location created) {
    struct frame_guard {  // until the task owns the frame
        promise_base* root;
        ~frame_guard() {
            if (root) destroy_quietly(root->handle());
        }
    } guard{&root};
    event_loop& loop = event_loop::current();
    auto* const task = new task_record(root, loop, owner, created);
    guard.root = nullptr;
    loop.tasks_->add(*task);
    if (!name.empty() || held_context::is_in_use()) [[unlikely]]
        task->dress_or_end(name);
    return *task;
}

/// Out of the way of those without a name, a context or a scope. Where memory is lacking the task ends before it has begun.
[[gnu::cold, gnu::noinline]] void task_record::dress_or_end(std::string_view name) {
    try {
        if (cancel_scope* scope = owner_ ? owner_->scope_of_children() : nullptr) enter_scope(*scope);
        if (held_context copied = held_context::copied(); copied.cell()) more().context = std::move(copied);
        if (!name.empty()) set_name(name);
    } catch (...) {
        owner_ = nullptr;  // who was to own it has not heard of it yet
        end_unstarted();
        throw;
    }
}

/// On the way of every task: the steps of `prepare` without the call.
[[gnu::flatten]] task_record& task_record::start(promise_base& root, std::string_view name, task_owner* owner,
                                                 std::source_location created) {
    task_record& task = prepare(root, name, owner, created);
    running.loop->schedule(task);
    return task;
}

void task_record::begin_now() noexcept { loop_->run_eagerly(*this); }

task_record::extra& task_record::more() {
    if (!extra_) extra_ = std::make_unique<extra>();
    return *extra_;
}

/// Where the name is, without looking at it.
const std::string* task_record::extra_name(const extra* more) noexcept { return more ? &more->name : nullptr; }

std::string task_record::name() const {
    if (extra_ && !extra_->name.empty()) return extra_->name;
    return "Task-" + std::to_string(id_);
}

void task_record::set_name(std::string_view name) { more().name = name; }

const std::shared_ptr<const std::string>& task_record::cancel_reason() const noexcept {
    static const std::shared_ptr<const std::string> none;
    return extra_ ? extra_->cancel_reason : none;
}

context_cell* task_record::context() const noexcept { return extra_ ? extra_->context.cell() : nullptr; }

context_cell*& task_record::context_place() { return more().context.place(); }

void task_record::run_in(context_cell* chosen) {
    try {
        more().context = held_context(chosen);
    } catch (...) {
        end_unstarted();
        throw;
    }
}

bool task_record::cancel(std::string_view reason) {
    if (done()) return false;
    if (loop_->debug() && running.loop != loop_)
        throw std::runtime_error("torus: cancelled from a foreign thread; use call_soon_threadsafe: " +
                                 describe(*this));
    return pass_cancel(reason.empty() ? nullptr : std::make_shared<const std::string>(reason));
}

bool task_record::pass_cancel(const std::shared_ptr<const std::string>& reason) noexcept {
    if (done()) return false;
    if (reason || !is_cancel_lasting()) note_reason(reason);  // one without a reason takes none away from a scope's
    request_cancel();
    return true;
}

/// The last reason wins. Where there is no memory for it, the cancellation has none.
void task_record::note_reason(std::shared_ptr<const std::string> reason) noexcept {
    if (!extra_ && !reason) return;
    try {
        more().cancel_reason = std::move(reason);
    } catch (const std::bad_alloc&) {}
}

void task_record::request_cancel() noexcept {
    if (cancel_requests_ < std::numeric_limits<std::uint16_t>::max()) ++cancel_requests_;
    if (undelivered() < most_undelivered) ++due_;
    if (leaf_) cancel_leaf();
}

/// Tells the leaf, which may tell other tasks: those that it awaits, whose leaves tell others. In one call each leaf is
/// told once, however many ways lead to it: they may be without number, and in a circle there is no last one. Beyond
/// some depth tasks wait in a list for their turn, so that a long chain does not exhaust the native stack.
void task_record::cancel_leaf() noexcept {
    if (cancel_noted_) return;
    cancel_noted_ = true;
    event_loop::tasks& all = *loop_->tasks_;
    if (all.cancel_depth >= event_loop::tasks::most_nested) return all.to_cancel.push(*this);
    if (all.cancel_depth > 0) all.cancel_told.push(*this);
    ++all.cancel_depth;
    leaf_->cancel();
    if (all.cancel_depth == 1) {
        all.finish_cancel();
        cancel_noted_ = false;
    }
    --all.cancel_depth;
}

int task_record::uncancel() noexcept {
    if (cancel_requests_ > 0) --cancel_requests_;
    due_ = static_cast<std::uint8_t>((due_ & lasting) | std::min<int>(undelivered(), cancel_requests_));
    return cancelling();
}

cancel_scope* task_record::scope() const noexcept {
    return extra_ && extra_->place ? extra_->place->enclosing() : nullptr;
}

void task_record::enter_scope(cancel_scope& scope) {
    extra& mine = more();
    if (!mine.place) mine.place = std::make_unique<scope_part>(this);
    mine.place->move_to(&scope);
    if (scope.lasts_) begin_lasting_cancel(scope.reason_);
}

/// The first reason stands. What the task waits for is told only now, once, however many scopes are cancelled.
void task_record::begin_lasting_cancel(const std::shared_ptr<const std::string>& reason) noexcept {
    if (done() || is_cancel_lasting()) return;
    if (!cancel_pending()) note_reason(reason);
    due_ |= lasting;
    if (leaf_) cancel_leaf();
}

/// It is in this scope now, or in none, and was in one within it.
void task_record::enter_or_leave_cancelled(const cancel_scope* scope) noexcept {
    if (!scope || !scope->lasts_) due_ &= most_undelivered;
    else if (undelivered() == 0) note_reason(scope->reason_);
}

std::exception_ptr task_record::error() noexcept {
    observed_ = true;
    return done() && !frameless_ ? root().error() : nullptr;
}

promise_base& task_record::innermost() const noexcept {
    if (leaf_) return promise_base::of(leaf_->handle_);
    for (const runnable* each = loop_->ready_.first_; each; each = each->next_)
        if (each->task_ == this) return promise_base::of(each->handle_);
    return root();
}

/// From here on no task runs: the destructors of its arguments see none.
void finish_current_task() noexcept { std::exchange(running.task, nullptr)->finish(); }

void task_record::finish() noexcept {
    const std::exception_ptr& error = root().error();
    if (!error) end(task_state::succeeded);
    else end(is_cancellation(error) ? task_state::cancelled : task_state::failed);
}

/// The task was cancelled before its first step: its body never runs, and its arguments are not needed.
void task_record::end_unstarted() noexcept {
    frameless_ = true;
    destroy_quietly(root().handle());
    end(task_state::cancelled);
}

inline void task_record::end(task_state how) noexcept {
    state_ = how;
    event_loop::tasks::remove(*this);
    if (how == task_state::failed && !observed_) [[unlikely]]
        loop_->tasks_->list_unobserved(*this);
    if (owner_) std::exchange(owner_, nullptr)->child_done(*this);
    while (waiter* joiner = joiners_.pop_front()) joiner->notify();
    release();
}

namespace {

/// Tasks whose last reference went while others were being destroyed: a frame may hold the last handle of a task, whose
/// frame holds the last handle of the next. Beyond some depth they wait here for their turn.
struct dying_tasks {
    runnable* waiting = nullptr;  // the last one first
    int depth = 0;
};
TORUS_FAST_TLS constinit thread_local dying_tasks dying;

}  // namespace

/// Out of the way of the many that have none.
[[gnu::cold, gnu::noinline]] void task_record::delete_with_extra() noexcept { delete this; }

inline void task_record::destroy_now() noexcept {
    if (state_ == task_state::failed) [[unlikely]] {
        if (unobserved_listed_) event_loop::tasks::unlist_unobserved(*this);
        if (!observed_) report_unobserved();
    }
    if (!frameless_) [[likely]]
        handle_.destroy();
    if (extra_) [[unlikely]]
        return delete_with_extra();
    delete this;
}

void task_record::destroy() noexcept {
    if (dying.depth >= event_loop::tasks::most_nested) [[unlikely]] {
        next_ = std::exchange(dying.waiting, this);
        return;
    }
    ++dying.depth;
    destroy_now();
    if (--dying.depth == 0 && dying.waiting) [[unlikely]]
        destroy_waiting();
}

void task_record::destroy_waiting() noexcept {
    ++dying.depth;
    while (runnable* const next = dying.waiting) {
        dying.waiting = next->next_;
        static_cast<task_record*>(next)->destroy();
    }
    --dying.depth;
}

void task_record::report_unobserved() noexcept {
    observed_ = true;
    report_problem("task exception was never retrieved", root().error(), this);
}

void task_record::require_awaitable() const {
    if (this == running.task) throw std::runtime_error("torus: a task cannot await itself");
    if (loop_ != running.loop && !done()) throw std::runtime_error("torus: the task belongs to a different event loop");
}

void joining::require_sense() const {
    target_->require_awaitable();
    if (!running.task) throw_outside_of_tasks();
    if (running.loop->finds_deadlocks()) refuse_cycle();
}

bool joining::await_suspend(std::coroutine_handle<> h) {
    task_record* const self = running.task;
    if (!self || self == target_ || &target_->loop() != running.loop || running.loop->finds_deadlocks() ||
        self->cancel_pending()) [[unlikely]]
        return await_suspend_with_care(h);
    begin_wait_of(*self, h);
    target_->add_joiner(*this);
    return true;
}

[[gnu::cold, gnu::noinline]] bool joining::await_suspend_with_care(std::coroutine_handle<> h) {
    require_sense();
    begin_wait_of(*running.task, h);
    target_->add_joiner(*this);
    if (running.task->cancel_pending()) cancel();  // it is passed on even so
    return true;
}

namespace {

/// Whether a task waits for nobody, or for one that does, and so on, and none of them is the current one: nobody of them
/// will be in a circle. What is most usual is seen at once so; following all who wait would make n² steps of a chain of n.
bool leads_elsewhere(const task_record& task) noexcept {
    constexpr int most_steps = 1000;  // where debug mode comes later than a circle, there is no end
    const task_record* each = &task;
    for (int step = 0; step < most_steps; ++step) {
        const waiter* const leaf = each->waiting_for();
        if (!leaf) return each != running.task;
        if (leaf->kind() != wait_kind::join) return false;
        each = &static_cast<const joining*>(leaf)->target();
    }
    return false;
}

}  // namespace

/// Follows who waits for the current task, and who for them: if the target is among them, it would never end. Who could
/// go on without, as in a race, is not counted.
void joining::refuse_cycle() const {
    if (leads_elsewhere(*target_)) return;
    std::vector<const task_record*> waiting{running.task};
    std::unordered_set<const task_record*> met{running.task};
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        for (const task_record* above : awaiters_of(*waiting[i])) {
            const waiter* const leaf = above->waiting_for();
            if ((leaf && !leaf->needs_all()) || !met.insert(above).second) continue;
            if (above == target_)
                throw deadlock_error("torus: deadlock: " + running.task->name() + " awaits " + target_->name() +
                                     ", which waits for it");
            waiting.push_back(above);
        }
    }
}

void joining::cancel() noexcept {
    forwarded_ = true;
    target_->pass_cancel(waiting_task()->cancel_reason());
}

void joining::throw_joined() {
    if (forwarded_ && running.task->cancel_pending()) throw_cancelled();
    throw cancelled_error(target_->cancel_reason(), false);
}

}  // namespace torus::inline v0
