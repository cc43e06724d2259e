// torus/core/task_record.hpp: what the loop knows about a running coroutine.
#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include <torus/core/promise.hpp>
#include <torus/core/task_ring.hpp>
#include <torus/core/waiter.hpp>

namespace torus::inline v0 {

class cancel_scope;
class context;
class context_cell;

/// Who is told that a task has ended: a gather, a task group, a shield.
class task_owner {
public:
    /// Called once, when the task is done. It may release the task, but must not resume anything itself.
    virtual void child_done(task_record& child) noexcept = 0;

    /// Called instead where the task is dropped: its frame is about to be destroyed. True if the owner is in no frame itself,
    /// and wants to hear of that, too.
    virtual bool child_dropped() noexcept { return false; }
    virtual void child_destroyed(task_record&) noexcept {}

    /// Whether somebody waits for the children, and cancels them when it is cancelled itself. A server doesn't.
    virtual bool awaits_children() const noexcept { return true; }

    virtual cancel_scope* scope_of_children() const noexcept { return nullptr; }  // that a new child is in
    virtual task_record* awaiting_task() const noexcept { return nullptr; }  // that waits for them: for the call graph

protected:
    ~task_owner() = default;
};

enum class task_state : std::uint8_t { pending, succeeded, failed, cancelled };

/// A task: a chain of coroutines that runs on its own. `task<T>` is a counted reference to one.
///
/// 128 bytes beside the first frame, from the same recycled memory. Belongs to one loop's thread. As a runnable it
/// holds the first frame, which keeps the result.
class task_record final : public runnable, private task_links {
public:
    /// Makes a task of an unstarted frame, and schedules it. Only the loop holds it. If this throws, the frame is gone.
    static task_record& start(promise_base& root, std::string_view name, task_owner* owner,
                              std::source_location created);

    /// The same, but the first step is up to the caller: it is `begin_now()`.
    static task_record& prepare(promise_base& root, std::string_view name, task_owner* owner,
                                std::source_location created);

    /// Takes the first step within the current one: the task may be done, and destroyed, when this returns.
    void begin_now() noexcept;

    static void* operator new(std::size_t size) { return frame_memory::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_memory::deallocate(memory, size); }

    /// @{ Counted references. The loop holds one until the task is done.
    void retain() noexcept { ++references_; }
    void release() noexcept {
        if (--references_ == 0) destroy();
    }
    /// @}

    bool done() const noexcept { return state_ != task_state::pending; }
    task_state state() const noexcept { return state_; }

    /// Asks the task to end. See `any_task::cancel`.
    /// @throws std::runtime_error  from a foreign thread, in debug mode
    bool cancel(std::string_view reason);

    /// The same for those who were cancelled themselves, and pass it on.
    bool pass_cancel(const std::shared_ptr<const std::string>& reason) noexcept;

    int cancelling() const noexcept { return cancel_requests_; }
    int uncancel() noexcept;

    /// The exception the task ended with; null if it succeeded or is pending. Counts as having been looked at.
    std::exception_ptr error() noexcept;
    promise_base& root() const noexcept { return promise_base::of(handle_); }

    std::uint64_t id() const noexcept { return id_; }
    std::string name() const;
    void set_name(std::string_view name);
    std::source_location created() const noexcept { return created_; }

    /// Name and creation site of a task of another thread, read while that one goes on: empty, or nonsense, where it has
    /// gone. For the watchdog.
    static std::string text_from_afar(const task_record* original);
    event_loop& loop() const noexcept { return *loop_; }

    /// What the task waits for; null while it runs, is ready, or is done.
    waiter* waiting_for() const noexcept { return leaf_; }

    /// The coroutine of a pending task where it waits, or is to go on in a later pass; the first one of a task that runs,
    /// has not begun, or goes on in this pass: more is not noted.
    promise_base& innermost() const noexcept;

    /// @throws std::runtime_error  it is the current task, or one of another loop: awaiting it would never end, or race
    void require_awaitable() const;

    /// Resumed when the task is done, in order of arrival. The waiter leaves with `remove_joiner`.
    void add_joiner(waiter& w) noexcept { joiners_.push_back(w); }
    void remove_joiner(waiter& w) noexcept { joiners_.erase(w); }
    wait_list& joiners() noexcept { return joiners_; }
    const wait_list& joiners() const noexcept { return joiners_; }

    /// The error and the end of the task are somebody's business: no report.
    void mark_observed() noexcept { observed_ = true; }
    task_owner* owner() const noexcept { return owner_; }
    void set_owner(task_owner* owner) noexcept { owner_ = owner; }

    /// A cancellation has been asked for and not been delivered, or it lasts.
    bool cancel_pending() const noexcept { return due_ != 0; }
    void take_cancel() noexcept { due_ &= lasting; }
    void restore_cancel() noexcept {
        if (cancel_requests_ > 0 && undelivered() == 0) ++due_;
    }

    /// A cancel scope that it is in is cancelled.
    bool is_cancel_lasting() const noexcept { return due_ & lasting; }
    /// The innermost scope that it is in; null for none.
    cancel_scope* scope() const noexcept;
    const std::shared_ptr<const std::string>& cancel_reason() const noexcept;

    /// @{ Whose values of context variables it sees; null where none is set.
    context_cell* context() const noexcept;
    context_cell*& context_place();
    void run_in(context_cell* chosen);  // if this throws, the task has ended
    /// @}

    /// The next and former children of the same task group.
    task_record* next_sibling = nullptr;
    task_record* previous_sibling = nullptr;

private:
    friend class cancel_scope;
    friend class event_loop;
    friend class waiter;
    friend class interruption;
    friend void finish_current_task() noexcept;
    struct extra;

    void dress_or_end(std::string_view name);
    static void destroy_waiting() noexcept;
    task_record(promise_base& root, event_loop& loop, task_owner* owner, std::source_location created) noexcept;
    ~task_record();
    void delete_with_extra() noexcept;
    void destroy() noexcept;
    void destroy_now() noexcept;
    void finish() noexcept;
    void end_unstarted() noexcept;
    void end(task_state how) noexcept;
    void report_unobserved() noexcept;
    void request_cancel() noexcept;
    void cancel_leaf() noexcept;
    void note_reason(std::shared_ptr<const std::string> reason) noexcept;
    extra& more();
    static const std::string* extra_name(const extra* more) noexcept;
    void enter_scope(cancel_scope& scope);
    void begin_lasting_cancel(const std::shared_ptr<const std::string>& reason) noexcept;
    void enter_or_leave_cancelled(const cancel_scope* scope) noexcept;
    int undelivered() const noexcept { return due_ & most_undelivered; }
    int delivered() const noexcept { return cancel_requests_ - undelivered(); }

    static constexpr std::uint8_t lasting = 0x80;  // in due_: thrown by every suspension, as long as it is there
    static constexpr std::uint8_t most_undelivered = 0x7f;

    event_loop* loop_;
    waiter* leaf_ = nullptr;  // the one suspension of a suspended task
    task_owner* owner_;
    std::unique_ptr<extra> extra_;  // a name and a reason: most tasks have neither
    std::uint64_t id_;
    std::source_location created_;
    wait_list joiners_;
    std::uint32_t references_ = 1;
    std::uint16_t cancel_requests_ = 0;  // neither this nor the next goes beyond its maximum
    std::uint8_t due_ = 0;  // how many were not thrown yet: they will be thrown as one. And whether a scope's lasts
    task_state state_ : 4 = task_state::pending;  // with the flags a whole byte: made without reading what was there
    bool observed_ : 1 = false;
    bool frameless_ : 1 = false;  // cancelled without a result; its frames are gone
    bool cancel_noted_ : 1 = false;  // its leaf hears of the cancellation in this call, or has heard
    bool unobserved_listed_ : 1 = false;
};

inline void waiter::begin_wait_of(task_record& task, std::coroutine_handle<> h) noexcept {
    task_ = &task;
    handle_ = h;
    progress_ = progress::waiting;
    task.leaf_ = this;
}

}  // namespace torus::inline v0
