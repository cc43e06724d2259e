// torus/core/generator.hpp: generator<T>, a coroutine that gives many values and may await between them.
#pragma once

#include <concepts>
#include <coroutine>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

#include <torus/core/generator_step.hpp>

namespace torus::inline v0 {

/// Another generator of the same type, for `co_yield`: all its values become values of this one.
template <class T> class elements_of;

/// Values that are made one at a time, when they are asked for, by a coroutine that may await whatever it needs.
///
///     generator<int> ticker(duration every, int n) {
///         for (int i = 0; i < n; ++i) {
///             co_await sleep(every);
///             co_yield i;
///         }
///     }
///     auto ticks = ticker(1s, 3);
///     while (auto i = co_await ticks.next()) print("tick ", *i);
///
/// The body runs only while somebody awaits `next()`, in the task of whoever does: nothing else runs between the two
/// but what the body awaits. A `generator<T>` gives objects, which it moves out; a `generator<T&>` gives pointers to
/// what was yielded, which stays until the next step. Parameters are best taken by value.
///
/// Between two steps it is parked, not waiting: dropping it then destroys its locals. What has to be awaited for its
/// clean-up runs only if it is closed:
///
///     generator<row> rows(database& db) {
///         cursor found = co_await db.open();
///         std::exception_ptr why;
///         try {
///             while (auto r = co_await found.fetch()) co_yield std::move(*r);
///         } catch (...) { why = std::current_exception(); }  // an error, a cancellation, generator_exit
///         co_await found.close();
///         if (why) std::rethrow_exception(why);
///     }
///     auto some = rows(db);
///     ...
///     co_await some.aclose();
///
/// `run` closes those that are parked when it ends. Several tasks may use one generator in turn, on one loop.
///
/// @cost   one recycled frame; a step costs what awaiting a coroutine does, however deep `elements_of` goes
/// @source PEP 525; torus::async for what else holds of coroutines
template <class T> class [[nodiscard("iterate it: while (auto x = co_await it.next())")]] generator final
    : private generator_base {
    static_assert(!std::is_rvalue_reference_v<T> && !std::is_const_v<T> && !std::is_void_v<T>,
                  "a generator gives objects or lvalue references");

public:
    using value_type = T;

    /// What a step gives: empty, or null, at the end.
    using next_type = std::conditional_t<std::is_reference_v<T>, std::add_pointer_t<T>, std::optional<T>>;

    class promise_type;
    class step;

    generator(generator&&) noexcept = default;
    generator& operator=(generator&&) noexcept = default;
    ~generator() = default;

    /// Runs the body up to its next `co_yield`, and gives what that yields; empty when the body has ended, and for ever
    /// after.
    ///
    /// @throws what the body throws, which ends it; invalid_state_error if another `next()` is under way, or if it was
    ///         begun on another loop
    /// @cancel the cancellation arrives at what the body awaits, as in any coroutine
    step next() noexcept { return step(*this); }

    /// Ends the generator, and waits for its clean-up: `generator_exit` is thrown where it is parked. One that has not
    /// begun never does; one that has ended is left alone.
    ///
    /// @throws what the body throws instead of `generator_exit`; invalid_state_error if it yields once more, or if a
    ///         `next()` is under way
    /// @cancel the cancellation arrives at what the clean-up awaits
    generator_closing aclose() noexcept { return generator_closing(*this); }

private:
    explicit generator(promise_type& promise) noexcept : generator_base(promise) {}
};

// ------------------------------------------------------------------------------------------------------------------

template <class T> class elements_of {
public:
    explicit elements_of(generator<T> inner) noexcept : inner_(std::move(inner)) {}

private:
    friend class generator<T>::promise_type;
    generator<T> inner_;
};

template <class T> class generator<T>::promise_type final : public generator_promise {
    static constexpr bool gives_references = std::is_reference_v<T>;
    static_assert(gives_references || alignof(std::decay_t<T>) <= alignof(std::max_align_t),
                  "frames are not aligned for this: yield it in a unique_ptr");

public:
    explicit promise_type(std::source_location declared = std::source_location::current()) noexcept
        : generator_promise(declared) {}
    generator get_return_object() noexcept { return generator(*this); }
    void return_void() const noexcept {}

    template <class U = T>
        requires(!gives_references && std::constructible_from<T, U &&>)
    parking yield_value(U&& value) {
        outermost().given_.emplace(std::forward<U>(value));
        return parking(*this);
    }
    parking yield_value(T value) noexcept
        requires gives_references
    {
        outermost().given_ = &value;
        return parking(*this);
    }

    class delegating {
    public:
        delegating(promise_type& outer, generator inner) noexcept : outer_(outer), inner_(std::move(inner)) {}
        bool await_ready() const noexcept { return !inner_.promise_; }
        bool await_suspend(std::coroutine_handle<>) { return !outer_.delegate(*inner_.promise_); }
        void await_resume() {
            if (inner_.promise_) outer_.end_delegation(*inner_.promise_);
        }

    private:
        promise_type& outer_;
        generator inner_;
    };
    delegating yield_value(elements_of<T> inner, std::source_location here = std::source_location::current()) noexcept {
        note_location(here);
        return delegating(*this, std::move(inner.inner_));
    }

    /// What the last step gave.
    next_type take() {
        next_type taken(std::move(given_));
        if constexpr (!gives_references) given_.reset();
        return taken;
    }

private:
    promise_type& outermost() noexcept { return static_cast<promise_type&>(root()); }

    next_type given_{};
};

/// What `next()` returns.
template <class T> class [[nodiscard("co_await it")]] generator<T>::step final : public generator_step {
public:
    next_type await_resume() {
        generator_promise* const stepped = this->stepped();
        if (!stepped) return {};
        const generator_promise::step_end end(*stepped);
        if (stepped->is_parked()) [[likely]]
            return static_cast<promise_type*>(stepped)->take();
        stepped->rethrow();
        return {};
    }

private:
    friend class generator;
    explicit step(generator& from) noexcept : generator_step(from) {}
};

}  // namespace torus::inline v0
