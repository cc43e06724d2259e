// torus/core/context.hpp: context variables: values that belong to whatever runs, and to all that it starts.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

#include <torus/core/frame.hpp>
#include <torus/core/held_context.hpp>

namespace torus::inline v0 {

/// What `set` gives: the way back to the value before.
class context_token {
public:
    context_token(context_token&&) noexcept = default;
    context_token& operator=(context_token&&) noexcept = default;
    ~context_token() = default;

private:
    friend class context_variable;
    context_token(held_context where, std::uint64_t variable, std::shared_ptr<const void> before) noexcept
        : where_(std::move(where)), variable_(variable), before_(std::move(before)) {}

    held_context where_;  // null once it was used
    std::uint64_t variable_;
    std::shared_ptr<const void> before_;  // null: it was not set
};

/// The part of a context variable that does not depend on its type.
class context_variable {
public:
    context_variable(const context_variable&) = delete;
    context_variable& operator=(const context_variable&) = delete;

    /// Takes a `set` back: the variable has the value again that it had before, or none.
    /// @throws invalid_state_error  the token was used already, is of another variable, or of another context
    void reset(context_token& token) const;
    void reset(context_token&& token) const { reset(token); }

protected:
    explicit context_variable(std::source_location declared) noexcept;
    ~context_variable() = default;

    const void* find() const noexcept;  // in the current context
    context_token exchange(std::shared_ptr<const void> value) const;
    [[noreturn]] void throw_unset() const;

private:
    friend class context;
    std::uint64_t number_;  // never used again: a value never meets another type
    std::source_location declared_;
};

/// A variable of which each task has a value of its own: who asks, on whose behalf, until when.
///
///     context_var<std::string> user("nobody");
///
///     async<> serve(request r) {
///         user.set(r.user);                  // for this task, and all that it starts from now on
///         co_await answer(r);                // sees it; what it sets is seen here
///     }
///     void log(std::string_view line) { print(user.get(), ": ", line); }
///
/// A task begins with a copy of its creator's values, and so do callbacks, and threads of `to_thread`; what they set
/// stays theirs. A plain await is no task: caller and called share. Declare it where it outlives its use: static.
///
/// @cost   a copy takes constant time, and nothing where no variable is set; `get` a search among those that are set, and
///         a copy of the value; `set` after a copy a copy of the list of those that are set
/// @source contextvars.ContextVar
template <class T> class context_var final : public context_variable {
    static_assert(std::is_object_v<T> && std::is_copy_constructible_v<T>,
                  "the value of a context_var is copied out: wrap what cannot be copied in a shared_ptr");

public:
    /// Without a default: `get` throws where no value is set.
    explicit context_var(std::source_location declared = std::source_location::current()) noexcept
        : context_variable(declared) {}
    template <class U = T>
        requires std::constructible_from<T, U&&> && (!std::same_as<std::decay_t<U>, std::source_location>)
    explicit context_var(U&& fallback, std::source_location declared = std::source_location::current())
        : context_variable(declared), fallback_(std::forward<U>(fallback)) {}

    /// The value in the current context; the default where none is set.
    /// @throws std::out_of_range  there is no default
    T get() const {
        if (const void* const found = find()) return *static_cast<const T*>(found);
        if (!fallback_) throw_unset();
        return *fallback_;
    }

    /// The value in the current context; `otherwise` where none is set, whatever the default.
    T get(T otherwise) const {
        const void* const found = find();
        return found ? *static_cast<const T*>(found) : std::move(otherwise);
    }

    /// Sets it for whatever runs now: the task, or outside of tasks the callback or the thread.
    template <class U = T>
        requires std::constructible_from<T, U&&>
    context_token set(U&& value) const {
        if constexpr (alignof(T) > alignof(std::max_align_t))
            return exchange(std::make_shared<T>(std::forward<U>(value)));
        else return exchange(std::allocate_shared<T>(frame_allocator<T>(), std::forward<U>(value)));
    }

private:
    std::optional<T> fallback_;
};

/// A set of values of context variables. It and its copies belong to one thread at a time.
///
///     context before = context::copy();
///     user.set("somebody else");
///     before.run([] { print(user.get()); });                  // as it was
///     co_await create_task(audit(), {.context = before});
class context {
public:
    /// One in which no variable is set.
    context();
    /// @{ Copying takes constant time; what is then set in one is not seen in the other.
    context(const context& other);
    context(context&&) noexcept = default;
    context& operator=(context other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    ~context() = default;
    /// @}

    /// A copy of the context of what runs now.
    static context copy();

    /// Calls `function()` in this context: what it sets stays there. It must not be a coroutine: that would run later.
    template <class Function> decltype(auto) run(Function&& function) const {
        const entered_context inside(held_.cell());
        return std::forward<Function>(function)();
    }

    /// The value of a variable in here, or its default.
    /// @throws std::out_of_range  there is neither
    template <class T> T get(const context_var<T>& variable) const {
        return run([&] { return variable.get(); });
    }
    bool contains(const context_variable& variable) const noexcept;

    /// How many variables are set.
    std::size_t size() const noexcept;

private:
    friend class any_task;
    friend class chosen_context;
    explicit context(held_context held) noexcept : held_(std::move(held)) {}

    held_context held_;  // null only once it was moved from
};

/// Python's name of `context::copy`.
inline context copy_context() { return context::copy(); }

}  // namespace torus::inline v0
