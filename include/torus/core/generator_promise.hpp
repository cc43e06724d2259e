// torus/core/generator_promise.hpp: what every generator has, whatever it gives: its frame, its steps, its end.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <source_location>
#include <utility>

#include <torus/core/promise.hpp>
#include <torus/core/running.hpp>

namespace torus::inline v0 {

class generator_base;
template <class T> class async;

/// Thrown at the `co_yield` where a generator is parked, when it is closed. Let it pass.
///
/// It is not a `std::exception`, for the reason that `cancelled_error` is not.
class generator_exit {
public:
    const char* what() const noexcept { return "the generator is being closed"; }
};

/// A generator's promise, but for what it gives.
///
/// A generator that yields the elements of another hands its steps on to it: the outermost one, the root, remembers
/// the innermost one, the leaf, and a step resumes that at once, however many are in between.
class generator_promise : public promise_base {
public:
    /// The place of a generator in the await tree is its own: it is awaited again and again, by this or that coroutine.
    explicit generator_promise(std::source_location declared) noexcept : promise_base(declared), self_{handle()} {
        link_ = reinterpret_cast<std::uintptr_t>(&self_);
    }

    /// What a `co_yield` awaits.
    class parking {
    public:
        explicit parking(generator_promise& self) noexcept : self_(self) {}
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<>) const noexcept { self_.root_->stop(phase::parked); }
        void await_resume() const {
            if (self_.root_->closing_) [[unlikely]]
                throw generator_exit();
        }

    private:
        generator_promise& self_;
    };

    struct ending {
        bool await_ready() const noexcept { return false; }
        template <class Promise> void await_suspend(std::coroutine_handle<Promise> h) const noexcept {
            h.promise().stop(phase::ended);
        }
        void await_resume() const noexcept {}
    };
    ending final_suspend() const noexcept { return {}; }

    /// The frame goes with the last step; and with the one during which the object that owned it went.
    class step_end {
    public:
        explicit step_end(generator_promise& stepped) noexcept : stepped_(stepped) {}
        step_end(const step_end&) = delete;
        step_end& operator=(const step_end&) = delete;
        ~step_end() {
            if (!stepped_.is_parked() || !stepped_.owner_ || stepped_.closing_) [[unlikely]]
                stepped_.destroy_all();
        }

    private:
        generator_promise& stepped_;
    };

    bool is_parked() const noexcept { return phase_ == phase::parked; }
    void rethrow() const {
        if (error_) std::rethrow_exception(error_);
    }

protected:
    ~generator_promise();

    generator_promise& root() noexcept { return *root_; }

    /// @{ Handing the steps on to another generator, until that has ended.
    bool delegate(generator_promise& inner);
    void end_delegation(const generator_promise& inner);
    /// @}

private:
    friend class event_loop;
    friend class generator_base;
    friend class generator_step;
    friend class generator_closing;

    enum class phase : std::uint8_t { unbegun, parked, stepping, ended };

    /// Ends a step. Whoever has asked for it goes on.
    void stop(phase how) noexcept {
        phase_ = how;
        if (!is_inline()) resume_caller();
    }

    /// Takes a step on behalf of `caller`. True if it is over, and the caller needn't suspend.
    bool begin_step(promise_base& caller) {
        if (phase_ == phase::stepping || loop_ != running.loop) [[unlikely]]
            require_steppable();
        phase_ = phase::stepping;
        self_.caller = &caller;
        return run_leaf();
    }

    bool run_leaf() noexcept;
    void require_steppable();
    void enlist() noexcept;
    void delist() noexcept;
    static async<void> close_each(event_loop& loop);
    void destroy_all() noexcept;
    static generator_promise*& parked_on(event_loop& loop) noexcept;

    frame_link self_;
    generator_base* owner_ = nullptr;  // null once the object is gone while somebody awaits a step
    generator_promise* root_ = this;
    generator_promise* leaf_ = this;  // of a root
    event_loop* loop_ = nullptr;  // on which it has begun: there it is listed
    generator_promise* next_ = nullptr;
    generator_promise* previous_ = nullptr;
    phase phase_ = phase::unbegun;
    bool closing_ = false;
};

inline bool generator_promise::run_leaf() noexcept {
    if (reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) < running.stack_floor) [[unlikely]] {
        running.resume_next = leaf_->handle();
        return false;
    }
    link_ |= inline_bit;
    leaf_->handle().resume();
    link_ &= ~inline_bit;
    return phase_ != phase::stepping;
}

/// The object that owns a generator's frame.
class generator_base {
protected:
    explicit generator_base(generator_promise& promise) noexcept : promise_(&promise) { promise.owner_ = this; }
    generator_base(generator_base&& other) noexcept { take(other); }
    generator_base& operator=(generator_base&& other) noexcept {
        if (this == &other) return *this;
        drop();
        take(other);
        return *this;
    }
    ~generator_base() { drop(); }

    generator_promise* promise_ = nullptr;  // null when it has ended

private:
    friend class generator_promise;
    friend class generator_step;
    friend class generator_closing;

    void take(generator_base& other) noexcept {
        promise_ = std::exchange(other.promise_, nullptr);
        if (promise_) promise_->owner_ = this;
    }
    void drop() noexcept;
};

}  // namespace torus::inline v0
