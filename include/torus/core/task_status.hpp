// torus/core/task_status.hpp: how a child of a task group says that it is ready.
#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

class task_group;

/// Waits in `task_group::start` until a new child is ready, or has ended. Until then it owns the child; what becomes of
/// the child is the business of who waits here, and the group's from then on.
class child_start final : public waiter, private task_owner {
public:
    /// Where the child finds whom to tell.
    struct place {
        child_start* waiting = nullptr;
    };

    child_start(task_group& group, task_record& child, place& where) noexcept
        : waiter(wait_kind::group), group_(group), child_(child), place_(where) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h);
    void await_resume();

    /// The child is ready.
    void started() noexcept;

private:
    void cancel() noexcept override;
    void child_done(task_record& child) noexcept override;
    task_record* awaiting_task() const noexcept override { return waiting_task(); }

    task_group& group_;
    task_record& child_;
    place& place_;
    bool started_ = false;
};

/// The part of a `task_status` that does not depend on the value's type.
class task_status_base {
protected:
    explicit task_status_base(child_start::place& where) noexcept : place_(&where) {}
    task_status_base(task_status_base&&) = delete;

    void require_unstarted() const;
    void tell() noexcept { std::exchange(place_, nullptr)->waiting->started(); }

private:
    child_start::place* place_;  // null once told
};

/// What a function gets first that is started with `task_group::start`: whoever started it waits for `started()`.
template <class T = void> class task_status : private task_status_base {
public:
    /// @{ Where the value goes, for `task_group::start`.
    struct place : child_start::place {
        std::optional<T> value;
    };
    explicit task_status(place& where) noexcept : task_status_base(where), value_(&where.value) {}
    /// @}

    /// Says that this is ready, once; `start` gives `value` to who has called it, in a later pass.
    /// @throws invalid_state_error  it was said before
    void started(T value) {
        require_unstarted();
        value_->emplace(std::move(value));
        tell();
    }

private:
    std::optional<T>* value_;
};
template <> class task_status<void> : private task_status_base {
public:
    struct place : child_start::place {};
    explicit task_status(place& where) noexcept : task_status_base(where) {}
    void started() {
        require_unstarted();
        tell();
    }
};

/// The value's type, as a function's first parameter tells it.
template <class R, class T, class... Rest> std::type_identity<T> status_of(R (*)(task_status<T>&, Rest...));
template <class C, class R, class T, class... Rest>
std::type_identity<T> status_of(R (C::*)(task_status<T>&, Rest...));
template <class C, class R, class T, class... Rest>
std::type_identity<T> status_of(R (C::*)(task_status<T>&, Rest...) const);

template <class Function> auto status_type_of() {
    if constexpr (std::is_class_v<Function>) return decltype(status_of(&Function::operator()))();
    else return decltype(status_of(std::declval<Function>()))();
}
template <class Function> using status_value_t = typename decltype(status_type_of<std::decay_t<Function>>())::type;

}  // namespace torus::inline v0
