// torus/core/promise.hpp: what every coroutine frame of torus carries.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

#include <torus/core/frame.hpp>

namespace torus::inline v0 {

class event_loop;
class promise_base;

/// The edge between a coroutine and the one that awaits it. It lives in the coroutine object, which owns the frame.
struct frame_link {
    std::coroutine_handle<> frame;  // the awaited coroutine; null once it has been destroyed
    promise_base* caller = nullptr;
};

/// An object with a name, of a type that awaiting consumes.
template <class A>
inline constexpr bool is_lasting_object_awaited_once =
    std::is_lvalue_reference_v<A> && requires { std::remove_reference_t<A>::is_awaited_once; };

/// What `co_await` can use: an awaiter, or what gives one. A function that was not called is none.
template <class A>
concept has_awaiter = requires(A&& a) { static_cast<A&&>(a).await_resume(); } || requires(A&& a) {
    static_cast<A&&>(a).operator co_await();
} || requires(A&& a) { operator co_await(static_cast<A&&>(a)); };

/// Stands in for the result of what cannot be awaited, so that there is one error and not several.
struct not_awaited : std::suspend_never {
    struct anything {
        template <class T> operator T() const;
    };
    anything await_resume() const noexcept { return {}; }
};

/// The part of a promise that does not depend on the result's type: who awaits it, where it awaits, its error.
///
/// Awaiting a coroutine resumes it inline, within the awaiter's `await_suspend`. If it ends there, the awaiting
/// coroutine simply goes on: no transfer, and no stack is left behind, in any build mode. If it suspends, the native
/// stack unwinds to the loop, and the coroutine's end later resumes its caller through the loop's trampoline. Where
/// inline resumption nests too deep (a long chain of calls), the trampoline takes over as well.
class promise_base {
public:
    static void* operator new(std::size_t size) { return frame_memory::allocate(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { frame_memory::deallocate(frame, size); }

    promise_base(const promise_base&) = delete;
    promise_base& operator=(const promise_base&) = delete;

    std::suspend_always initial_suspend() const noexcept { return {}; }

    struct ending {
        bool await_ready() const noexcept { return false; }
        template <class Promise> void await_suspend(std::coroutine_handle<Promise> h) const noexcept {
            promise_base& p = h.promise();
            if (!p.is_inline()) p.resume_caller();
        }
        void await_resume() const noexcept {}
    };
    ending final_suspend() const noexcept { return {}; }

    void unhandled_exception() noexcept { error_ = std::current_exception(); }

    /// Notes where the coroutine awaits, for the await tree: one store.
    template <class Awaitable>
        requires(has_awaiter<Awaitable> && !is_lasting_object_awaited_once<Awaitable>)
    Awaitable&& await_transform(Awaitable&& awaitable,
                                std::source_location here = std::source_location::current()) noexcept {
        location_ = here;
        return static_cast<Awaitable&&>(awaitable);
    }

    /// Refuses the rest, in words.
    template <class Other>
        requires(!has_awaiter<Other> || is_lasting_object_awaited_once<Other>)
    not_awaited await_transform(Other&&) noexcept {
        constexpr bool is_function = !has_awaiter<Other> && std::is_invocable_v<Other>;
        static_assert(!is_lasting_object_awaited_once<Other>,
                      "a coroutine object can be awaited once: co_await std::move(it)");
        static_assert(!is_function, "this function has to be called to be awaited: co_await it()");
        static_assert(has_awaiter<Other> || is_function,
                      "this cannot be awaited: it is no coroutine, no task, and nothing else that has an awaiter");
        return {};
    }

    /// Where the coroutine awaits; where it was declared, until its first await.
    std::source_location location() const noexcept { return location_; }

    /// The coroutine that awaits this one; null for the first of a task, and for one that nobody has awaited yet.
    promise_base* caller() const noexcept {
        const frame_link* link = this->link();
        return link ? link->caller : nullptr;
    }

    frame_link* link() const noexcept { return reinterpret_cast<frame_link*>(link_ & ~inline_bit); }
    const std::exception_ptr& error() const noexcept { return error_; }

    /// Any coroutine of torus by its handle: every promise begins with a promise_base at the same place.
    static promise_base& of(std::coroutine_handle<> h) noexcept {
        return std::coroutine_handle<promise_base>::from_address(h.address()).promise();
    }
    std::coroutine_handle<> handle() noexcept { return std::coroutine_handle<promise_base>::from_promise(*this); }

    /// Runs the coroutine on behalf of `link.caller`. True if it has ended, and the caller needn't suspend.
    bool run_inline(frame_link& link) noexcept;

protected:
    explicit promise_base(std::source_location declared) noexcept : location_(declared) {}
    ~promise_base() = default;

    static constexpr std::uintptr_t inline_bit = 1;

    bool is_inline() const noexcept { return link_ & inline_bit; }
    void resume_caller() noexcept;
    void note_location(std::source_location here) noexcept { location_ = here; }

    std::uintptr_t link_ = 0;  // frame_link*, and whether the caller is waiting on the native stack

private:
    std::source_location location_;

protected:
    std::exception_ptr error_;
};

/// A promise with its result.
template <class T> class promise_result : public promise_base {
    static_assert(alignof(T) <= alignof(std::max_align_t),
                  "frames are not aligned for this: return it in a unique_ptr");

public:
    explicit promise_result(std::source_location declared) noexcept : promise_base(declared) {}
    ~promise_result() {
        if (has_value_) std::destroy_at(&value_);
    }

    template <class U = T>
        requires std::constructible_from<T, U&&>
    void return_value(U&& value) {
        std::construct_at(&value_, std::forward<U>(value));
        has_value_ = true;
    }

    /// The result of an ended coroutine, or its error.
    T& result() {
        if (error_) [[unlikely]]
            std::rethrow_exception(error_);
        return value_;
    }

private:
    union {
        T value_;
    };
    bool has_value_ = false;
};

template <class T> class promise_result<T&> : public promise_base {
public:
    using promise_base::promise_base;
    void return_value(T& value) noexcept { value_ = &value; }
    T& result() {
        if (error_) [[unlikely]]
            std::rethrow_exception(error_);
        return *value_;
    }

private:
    T* value_ = nullptr;
};

template <> class promise_result<void> : public promise_base {
public:
    using promise_base::promise_base;
    void return_void() const noexcept {}
    void result() {
        if (error_) [[unlikely]]
            std::rethrow_exception(error_);
    }
};

}  // namespace torus::inline v0
