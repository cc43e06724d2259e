// torus/sync/once.hpp: something that is done once, by whoever needs it first.
#pragma once

#include <optional>
#include <utility>

#include <torus/core/awaitable.hpp>
#include <torus/sync/waiting_line.hpp>

namespace torus::inline v0 {

/// The part of `once` that does not depend on what it makes: whose turn it is.
class once_base {
public:
    once_base(const once_base&) = delete;
    once_base& operator=(const once_base&) = delete;

    /// Whether it has been done.
    bool done() const noexcept { return state_ == state::done; }

protected:
    class entering;
    class turn;

    once_base() noexcept = default;
    ~once_base() = default;

private:
    enum class state : unsigned char { idle, busy, done };

    bool enter(entering& who);
    void pass_on() noexcept;
    void finish() noexcept;

    state state_ = state::idle;
    const task_record* runner_ = nullptr;  // whose turn it is, while it is busy
    waiting_line line_;
};

/// Makes something once, when it is first needed: an asynchronous `std::call_once`, with a result if there is one.
///
///     once<connection> shared;
///     connection& c = co_await shared.call([] { return connect("db"); });
///
/// Those who call while it is being made wait, and all go on when it is there. If making it fails or is cancelled, that
/// concerns only the caller who tried; the next in line tries with its own function. It belongs to one loop's thread.
///
/// @source std::call_once; tokio::sync::OnceCell
template <class T = void> class once final : public once_base {
public:
    /// Gives what was made. If nothing was, awaits `initialise()` to make it.
    /// @throws what `initialise` throws, to this caller only
    /// @throws deadlock_error      called from within the function that makes it
    /// @throws std::runtime_error  tasks of another loop wait for it
    /// @cancel takes effect at once while another caller makes it; while this one does, it arrives in `initialise`. Then
    ///         the next caller tries
    /// @cost   one recycled frame
    template <class Initialise> async<T&> call(Initialise&& initialise) {
        static_assert(safe_temporary<Initialise>, "g++ 12 destroys this closure twice: name it first");
        return make(std::decay_t<Initialise>(std::forward<Initialise>(initialise)));
    }

    /// What was made; null until then.
    T* value() noexcept { return value_ ? &*value_ : nullptr; }
    const T* value() const noexcept { return value_ ? &*value_ : nullptr; }

private:
    template <class Initialise> async<T&> make(Initialise initialise);

    std::optional<T> value_;
};

/// The same, for what has no result.
///
///     once<> migrated;
///     co_await migrated.call([&] { return migrate(database); });
template <> class once<void> final : public once_base {
public:
    /// Awaits `initialise()`, unless that was done already.
    /// @throws as once<T>::call()
    /// @cancel as once<T>::call()
    template <class Initialise> async<> call(Initialise&& initialise) {
        static_assert(safe_temporary<Initialise>, "g++ 12 destroys this closure twice: name it first");
        return make(std::decay_t<Initialise>(std::forward<Initialise>(initialise)));
    }

private:
    template <class Initialise> async<> make(Initialise initialise);
};

/// Waits for the turn to do it, or until it has been done. Gives whether it is this caller's turn.
class [[nodiscard("co_await it")]] once_base::entering final : public line_waiter {
public:
    explicit entering(once_base& o) noexcept : line_waiter(wait_kind::once), once_(&o) {}
    bool await_ready() { return once_->enter(*this); }
    bool await_suspend(std::coroutine_handle<> h) { return line_up(once_->line_, h); }
    bool await_resume() {
        end_wait();
        return is_turn_;
    }

private:
    friend class once_base;
    once_base* once_;
    bool is_turn_ = false;
};

/// The turn of one caller: it goes to the next unless it succeeded.
class once_base::turn {
public:
    explicit turn(once_base& o) noexcept : once_(&o) {}
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() {
        if (once_) once_->pass_on();
    }
    void succeeded() noexcept { std::exchange(once_, nullptr)->finish(); }

private:
    once_base* once_;
};

template <class T> template <class Initialise> async<T&> once<T>::make(Initialise initialise) {
    const bool is_turn = co_await entering(*this);
    if (is_turn) {
        turn mine(*this);
        T made = co_await initialise();
        value_.emplace(std::move(made));
        mine.succeeded();
    }
    co_return *value_;
}

template <class Initialise> async<> once<void>::make(Initialise initialise) {
    const bool is_turn = co_await entering(*this);
    if (is_turn) {
        turn mine(*this);
        co_await initialise();
        mine.succeeded();
    }
}

}  // namespace torus::inline v0
