// torus/core/submission.hpp: what two threads share of a coroutine that one has given to the other's loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>

#include <torus/core/clock.hpp>
#include <torus/core/held_context.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

class remote_joining;

/// Brings the end of a submission to a task of another loop. Shared by the two loops: each may go first.
class remote_listener final : public remote_call {
public:
    remote_listener(remote_joining& waiting, event_loop& loop, bool counts);
    void notify() noexcept;  // from any thread: gives up the sender's reference
    void forget() noexcept;  // the one who waits has gone: gives up its reference

private:
    friend class submission_base;
    void arrived(event_loop& loop) noexcept override;
    void returned() noexcept override { release(); }
    void release() noexcept;

    std::atomic<std::uint32_t> references_{2};
    remote_joining* waiting_;  // the waiting loop's thread's
    std::shared_ptr<inbox> reply_to_;
    remote_listener* next_listener_ = nullptr;
    bool counts_;  // holds the waiting loop's simulated clock up
};

/// The part of a submission that does not depend on the result's type. Shared by the loop and by any thread.
class submission_base : public remote_call, private task_owner {
public:
    submission_base(const event_loop& loop, std::source_location created);

    void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }  // the caller holds one already
    void release() noexcept;

    bool done() const noexcept;
    void wait();
    bool wait_for(duration at_most);
    bool cancel(std::shared_ptr<const std::string> reason = nullptr);

    /// Tells `listener` on its own loop when all has ended. False if it has: then the caller keeps it.
    bool tell(remote_listener& listener);
    bool is_of(const event_loop& loop) const noexcept;
    bool has_no_result() const noexcept;  // cancelled, or its loop closed before it began

    /// Waits, and returns if there is a value; else throws what there is.
    void require_value();

protected:
    virtual ~submission_base();
    virtual promise_base* coroutine() = 0;         // gives up the frame, or throws where there is none
    virtual void take_result(task_record& t) = 0;  // of a task that has succeeded

private:
    enum class outcome : std::uint8_t { pending, value, error, cancelled, lost };
    struct meeting;
    class cancel_call final : public remote_call {
    public:
        explicit cancel_call(submission_base& whole) noexcept : whole_(whole) {}
        void arrived(event_loop& loop) noexcept override;
        void returned() noexcept override;
        std::shared_ptr<const std::string> reason;

    private:
        submission_base& whole_;
    };

    void arrived(event_loop& loop) noexcept override;
    void returned() noexcept override;
    void child_done(task_record& child) noexcept override;
    bool child_dropped() noexcept override;
    bool awaits_children() const noexcept override { return told_to_end_; }
    void cancel_task(const event_loop& loop, const std::shared_ptr<const std::string>& reason) noexcept;
    void end(outcome how) noexcept;
    void require_other_loop() const;

    std::atomic<std::uint32_t> references_{2};  // who submits, and the loop
    std::atomic<bool> cancel_asked_{false};
    std::atomic<bool> looked_at_{false};  // by somebody who has its error
    cancel_call cancelling_{*this};
    std::shared_ptr<inbox> loop_;
    std::unique_ptr<meeting> meeting_;  // of the loop's thread and those that wait
    held_context context_ = held_context::copied();  // of who has submitted it
    task_record* task_ = nullptr;       // while it runs; this and the next are the loop's thread's
    bool told_to_end_ = false;          // by who waits for it, who will wait for its clean-up
    std::exception_ptr error_;
    std::shared_ptr<const std::string> reason_;  // of a cancelled task
    std::source_location created_;
};

template <class T> class submission final : public submission_base {
public:
    submission(const event_loop& loop, async<T> coroutine, std::source_location created)
        : submission_base(loop, created), coroutine_(std::move(coroutine)) {}

    T get() {
        require_value();
        if constexpr (std::is_reference_v<T>) return **value_;
        else if constexpr (std::is_copy_constructible_v<T>) return *value_;
        else if constexpr (!std::is_void_v<T>) {
            if (taken_.exchange(true)) throw invalid_state_error("torus: the result was taken before");
            return std::move(*value_);
        }
    }

private:
    ~submission() override { coroutine_.discard(); }
    promise_base* coroutine() override { return &coroutine_.release().promise(); }
    void take_result(task_record& t) override {
        auto& promise = static_cast<typename async<T>::promise_type&>(t.root());
        if constexpr (std::is_reference_v<T>) value_ = std::addressof(promise.result());
        else if constexpr (!std::is_void_v<T>) value_.emplace(std::move(promise.result()));
    }

    using stored = std::conditional_t<std::is_void_v<T>, char, T>;
    async<T> coroutine_;
    std::optional<std::conditional_t<std::is_reference_v<T>, std::add_pointer_t<T>, stored>> value_;
    std::atomic<bool> taken_{false};
};

}  // namespace torus::inline v0
