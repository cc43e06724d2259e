// torus/core/scheduled_call.hpp: a function on its way through the ready queue and the timers.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <utility>

#include <torus/core/frame.hpp>
#include <torus/core/held_context.hpp>
#include <torus/core/task_ring.hpp>
#include <torus/core/timer.hpp>

namespace torus::inline v0 {

/// A function that a loop calls once, outside of any task. It is the promise of a small coroutine, so that the ready
/// queue and the timers need not tell it from a task. Belongs to the loop's thread.
class scheduled_call : public timer, private task_links {
public:
    static void* operator new(std::size_t size) { return frame_memory::allocate(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { frame_memory::deallocate(frame, size); }

    /// @{ What it waits for; one of them, once.
    void call_soon() noexcept;
    void call_at(time_point when) noexcept;
    void call_after(wait_list& line) noexcept;  // when its turn has come there
    /// @}

    /// Destroys the function uncalled; if that is not possible now, in the next pass. Harmless once it was called.
    void call_off() noexcept;
    bool called_off() const noexcept { return called_off_; }
    bool waits_in(const wait_list& line) const noexcept { return stage_ == stage::lined_up && line_ == &line; }

    void retain() noexcept { ++references_; }
    void release() noexcept {
        if (--references_ == 0) handle_.destroy();
    }

    /// @{ For its coroutine.
    struct self {
        scheduled_call* found = nullptr;
        bool await_ready() const noexcept { return false; }
        template <class Promise> bool await_suspend(std::coroutine_handle<Promise> h) noexcept {
            found = &h.promise();
            return false;
        }
        scheduled_call& await_resume() const noexcept { return *found; }
    };
    struct ending {
        bool await_ready() const noexcept { return false; }
        template <class Promise> void await_suspend(std::coroutine_handle<Promise> h) const noexcept {
            h.promise().end();
        }
        void await_resume() const noexcept {}
    };
    std::suspend_always initial_suspend() const noexcept { return {}; }
    ending final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { report_failure(); }
    void report_failure() noexcept;
    context_cell* context() const noexcept { return context_.cell(); }
    /// @}

    /// Where it was asked for.
    std::source_location scheduled() const noexcept { return where_; }

protected:
    scheduled_call() noexcept : timer(wait_kind::callback, time_point::max()) {}
    ~scheduled_call() = default;

    void belong_to(event_loop& loop, held_context context, std::source_location where) noexcept;

private:
    friend class event_loop;
    enum class stage : std::uint8_t { idle, timed, lined_up, queued, called };

    void expired() noexcept override { call_soon(); }
    void notify() noexcept override { call_soon(); }
    void cancel() noexcept override {}  // it is no task's leaf
    void end() noexcept;

    event_loop* loop_ = nullptr;
    wait_list* line_ = nullptr;
    held_context context_;  // a copy of that of whoever asked for the call
    std::source_location where_;
    std::uint32_t references_ = 1;  // the loop's, until it has been called
    stage stage_ = stage::idle;
    bool called_off_ = false;
};

/// The coroutine around a function. The function dies as soon as it has been called, or called off.
class calling {
public:
    class promise_type final : public scheduled_call {
    public:
        calling get_return_object() noexcept { return calling(*this); }
        scheduled_call& begin(event_loop& loop, held_context context, std::source_location where) noexcept {
            handle_ = std::coroutine_handle<promise_type>::from_promise(*this);
            belong_to(loop, std::move(context), where);
            return *this;
        }
    };

    /// @throws std::runtime_error  the loop has closed; in debug mode: it runs on another thread
    template <class Function>
    static scheduled_call& hold(event_loop& loop, Function function, std::source_location where) {
        static_assert(alignof(Function) <= alignof(std::max_align_t), "frames are not aligned for this");
        held_context context = context_for(loop, where);
        return call(std::optional<Function>(std::move(function))).promise().begin(loop, std::move(context), where);
    }

    promise_type& promise() const noexcept { return promise_; }

private:
    explicit calling(promise_type& promise) noexcept : promise_(promise) {}
    static held_context context_for(const event_loop& loop, std::source_location where);
    template <class Function> static void call_in_context(const scheduled_call& self, Function& function) {
        const entered_context of_registration(self.context());
        function();
    }
    template <class Function> static calling call(std::optional<Function> function) {
        scheduled_call& self = co_await scheduled_call::self{};
        try {
            if (!self.called_off()) call_in_context(self, *function);
        } catch (...) {
            self.report_failure();
        }
        function.reset();
    }
    promise_type& promise_;
};

}  // namespace torus::inline v0
