// torus/core/gather_base.hpp: one task that waits for several: what gather, race and wait have in common.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include <torus/core/task_watch.hpp>

namespace torus::inline v0 {

/// The part of a gather that does not depend on the children's types. It lives in the awaiting frame.
///
/// Children that are coroutines become tasks that it owns, and has joined when it returns or throws; children that are
/// tasks are watched. By itself it waits for all, and is decided by the first that does not succeed.
class gather_base : public waiter, private task_owner {
public:
    gather_base(gather_base&& idle) noexcept
        : waiter(static_cast<waiter&&>(idle)), task_owner(), unremarkable_(idle.unremarkable_) {}

    /// A child that is a task: the gather watches it.
    class watch final : public task_watch {
    public:
        void begin(gather_base& gather, task_record& child);
        task_record* on_behalf_of() const noexcept override { return gather_->waiting_task(); }

    private:
        void notify() noexcept override;
        gather_base* gather_ = nullptr;
    };

    enum class reach : std::uint8_t { owned, all };

    /// A coroutine child becomes a task. For the children.
    task_record& adopt(promise_base& root);

protected:
    /// @param unremarkable  an end of this kind is only counted; `pending`, which is none, if each is to be noted
    explicit gather_base(task_state unremarkable = task_state::succeeded) noexcept
        : waiter(wait_kind::gather), unremarkable_(unremarkable) {}
    ~gather_base() = default;

    bool await_suspend_on(std::coroutine_handle<> h);
    /// Throws what the gather throws. Returns if it has come to a good end.
    void finish_gather();

    using reason = const std::shared_ptr<const std::string>&;
    virtual void start_children() = 0;
    virtual void cancel_children(reach which, reason why) noexcept = 0;
    virtual void leave_children() noexcept = 0;  // unstarted coroutines are discarded, watches end

    /// Hears of each end that is not unremarkable, and says whether that decides.
    virtual void note_end(task_record& child) noexcept;

    /// What watched tasks throw after the gather has given up on them is nobody's business, but for debugging.
    virtual void note_watched(task_record& child) noexcept;

    /// From now on only the children that are owned are waited for; they are cancelled.
    void decide() noexcept;
    void report_another_error(task_record& child) noexcept;
    void wake_if_over() noexcept;
    void cancel() noexcept override;

    std::exception_ptr error_;       // the first one
    bool decided_ = false;           // by an error, or a child that was cancelled by somebody else
    bool forwarded_ = false;         // the awaiting task was cancelled, and so were the children
    bool child_cancelled_ = false;

private:
    void child_done(task_record& child) noexcept override;
    cancel_scope* scope_of_children() const noexcept override;
    task_record* awaiting_task() const noexcept override { return waiting_task(); }
    bool needs_all() const noexcept override { return unremarkable_ == task_state::succeeded; }

    bool started_ = false;
    task_state unremarkable_;
    std::size_t owned_pending_ = 0;
    std::size_t watched_pending_ = 0;
};

/// The same for a gather whose results are outcomes: it waits for all, whatever they end with.
class outcomes_base : public gather_base {
protected:
    void note_end(task_record& child) noexcept final;
};

}  // namespace torus::inline v0
