// torus/core/thread.hpp: calling blocking functions on threads, and awaiting them.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <tuple>
#include <type_traits>
#include <utility>

#include <torus/core/awaitable.hpp>
#include <torus/core/loop.hpp>

namespace torus::inline v0 {

/// How many threads a loop's pool may have. They are started on demand; blocking calls wait most of the time, so a few
/// dozen serve many callers, and more would only queue in the kernel instead.
inline constexpr std::size_t max_threads = 32;

class thread_queue;

/// A function on its way through a thread: shared by the pool and by whoever waits for it.
class thread_job : public remote_call {
public:
    /// Called on a pool's thread.
    virtual void execute() noexcept = 0;

    /// Called instead, on any thread, where its pool has closed before its turn came.
    virtual void refuse() noexcept = 0;

    /// Called on the loop's thread when it has been executed or refused; it may release this.
    virtual void finished(event_loop& loop) noexcept = 0;

    /// Puts it into the line of `pool` for the running loop, which holds a simulated clock up until it is back.
    /// @throws std::system_error   no thread can be started, and there is none yet
    /// @throws std::runtime_error  the pool has closed
    void submit_to(const std::shared_ptr<thread_queue>& pool);

    /// Takes it out of the line. False if it has begun.
    bool withdraw() noexcept;

    void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }  // the caller holds one already
    void release() noexcept {
        // Acquire and release: the last holder destroys what the others have written.
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    std::source_location where;           // who asked for it: named when it doesn't stop
    std::shared_ptr<inbox> reply_to;      // the loop that is told when it is done

protected:
    virtual ~thread_job() = default;

private:
    friend class thread_queue;
    void arrived(event_loop& loop) noexcept final;
    std::shared_ptr<thread_queue> queue_;
    std::atomic<std::uint32_t> references_{1};
    thread_job* next_job_ = nullptr;
    thread_job* previous_job_ = nullptr;
};

/// The part of awaiting a thread that does not depend on the function.
class thread_call_base : public waiter {
public:
    bool await_ready() const noexcept { return false; }

protected:
    class job : public thread_job {
    public:
        std::exception_ptr error;
        thread_call_base* caller = nullptr;  // null once abandoned; touched by the loop's thread only

        bool refused = false;
        std::shared_ptr<thread_queue> pool;  // null for the loop's own threads

    protected:
        void refuse() noexcept override;
        void finished(event_loop& loop) noexcept override;
        void returned() noexcept override;
    };

    thread_call_base() noexcept : waiter(wait_kind::thread) {}
    thread_call_base(thread_call_base&&) noexcept = default;
    ~thread_call_base() = default;
    bool suspend_for(std::coroutine_handle<> h, job& j);
    void cancel() noexcept override;

    /// Takes the call back, if no thread has begun it: then the wait has ended, cancelled.
    bool withdraw() noexcept;

private:
    job* job_ = nullptr;
};

/// What `to_thread` and `run_in_executor` return.
template <class Function, class... Arguments> class [[nodiscard("co_await it")]] thread_call final
    : public thread_call_base {
public:
    using result_type = std::invoke_result_t<Function, Arguments...>;

    thread_call(Function function, Arguments... arguments)
        : job_(new work(std::move(function), std::move(arguments)...)) {}
    thread_call(const std::shared_ptr<thread_queue>& pool, Function function, Arguments... arguments)
        : thread_call(std::move(function), std::move(arguments)...) {
        job_->pool = pool;
    }
    thread_call(thread_call&& idle) noexcept
        : thread_call_base(static_cast<thread_call_base&&>(idle)), job_(std::move(idle.job_)) {}
    ~thread_call() = default;

    bool await_suspend(std::coroutine_handle<> h) { return suspend_for(h, *job_); }
    result_type await_resume() {
        end_wait();
        if (job_->error) std::rethrow_exception(job_->error);
        if constexpr (!std::is_void_v<result_type>) return std::forward<result_type>(job_->take());
    }

private:
    static constexpr bool is_void = std::is_void_v<result_type>;
    using stored = std::conditional_t<
        is_void, char,
        std::conditional_t<std::is_reference_v<result_type>, std::add_pointer_t<result_type>, result_type>>;

    class work final : public job {
    public:
        work(Function&& f, Arguments&&... a)
            : call_(std::in_place, std::piecewise_construct, std::forward_as_tuple(std::move(f)),
                    std::forward_as_tuple(std::move(a)...)) {}
        result_type take() {
            if constexpr (std::is_reference_v<result_type>) return static_cast<result_type>(**result_);
            else return std::move(*result_);
        }

    private:
        void execute() noexcept override {
            try {
                call();
            } catch (...) {
                this->error = std::current_exception();
            }
            try {
                call_.reset();  // the closure dies on the thread that ran it, before its result is seen
            } catch (...) {
                this->error = std::current_exception();
            }
        }
        void call() {
            auto& [function, arguments] = *call_;
            // apply calls whatever can be called, pointers to members too.
            auto answer = [&]() -> result_type { return std::apply(std::move(function), std::move(arguments)); };
            if constexpr (is_void) answer();
            else if constexpr (std::is_reference_v<result_type>) result_ = &answer();
            else result_.emplace(answer());
        }
        std::optional<std::pair<Function, std::tuple<Arguments...>>> call_;
        std::optional<stored> result_;
    };
    struct releasing {
        void operator()(work* w) const noexcept { w->release(); }
    };
    std::unique_ptr<work, releasing> job_;
};

/// Calls `function(arguments...)` on another thread; the loop goes on meanwhile. Function and arguments are copied.
///
///     auto digest = co_await to_thread(sha_of_big_file, "/var/big"s);
///
/// Calls beyond `max_threads` at once wait for a thread, first come first served.
///
/// @throws what the function throws
/// @cancel thrown at once. A call that has not begun never does; one that runs goes on, its result is dropped and its
///         error reported. `run` waits for it at the end, for a bounded time
/// @source asyncio.to_thread
template <class Function, class... Arguments>
    requires std::is_invocable_v<std::decay_t<Function>, std::decay_t<Arguments>...>
thread_call<std::decay_t<Function>, std::decay_t<Arguments>...> to_thread(Function&& function,
                                                                          Arguments&&... arguments) {
    static_assert(safe_temporary<Function>, "g++ 12 destroys this closure twice: name it first, or pass arguments");
    return {std::forward<Function>(function), std::forward<Arguments>(arguments)...};
}

}  // namespace torus::inline v0
