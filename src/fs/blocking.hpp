// src/fs/blocking.hpp: calls that no kernel interface makes without blocking, on the loop's threads.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <torus/core/file_calls.hpp>
#include <torus/core/thread.hpp>

namespace torus::inline v0::fs {

/// Makes a call of `file_calls`, on a thread where it may wait. Unlike `to_thread` it isn't left behind by a cancelled
/// task: a call that has begun ends, and its result wins. So it may use the memory and the descriptors of the coroutine that
/// awaits it.
template <class Function> class [[nodiscard("co_await it")]] blocking final : public thread_call_base {
public:
    explicit blocking(Function call) : work_(new work(std::move(call))) {}
    blocking(blocking&& idle) noexcept
        : thread_call_base(static_cast<thread_call_base&&>(idle)), work_(std::move(idle.work_)) {}
    ~blocking() = default;

    bool await_suspend(std::coroutine_handle<> h) {
        if (files().may_wait()) return suspend_for(h, *work_);
        work_->execute();
        return false;
    }

    /// A count, or a negative errno.
    std::int64_t await_resume() {
        end_wait();
        if (work_->error) std::rethrow_exception(work_->error);  // no thread was to be had
        return work_->outcome;
    }

private:
    void cancel() noexcept override { withdraw(); }

    class work final : public job {
    public:
        explicit work(Function call) : call_(std::move(call)) {}
        void execute() noexcept override { outcome = call_(); }
        std::int64_t outcome = 0;

    private:
        Function call_;
    };
    struct releasing {
        void operator()(work* w) const noexcept { w->release(); }
    };
    std::unique_ptr<work, releasing> work_;
};

}  // namespace torus::inline v0::fs
