// torus/core/gather_child.hpp: what one child of a gather, or of what is like one, is: a coroutine or a task.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <torus/core/awaitable.hpp>
#include <torus/core/gather_base.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

/// A child that is a coroutine: it becomes a task that the gather owns.
template <class T> class gathered_coroutine {
public:
    using gather_kind = gather_base;
    using result_type = T;
    explicit gathered_coroutine(async<T> coroutine) noexcept : coroutine_(std::move(coroutine)) {}

    static constexpr bool is_owned = true;
    bool begun() const noexcept { return bool(running_); }
    bool finished() const noexcept { return false; }
    task_record& record() const noexcept { return running_.record(); }
    void observe() const noexcept {}
    void start(gather_base& gather) { running_ = task<T>(gather.adopt(coroutine_.release().promise())); }
    void leave() noexcept { coroutine_.discard(); }
    void cancel(gather_base::reach, const std::shared_ptr<const std::string>& why) noexcept {
        if (running_) running_.record().pass_cancel(why);
    }
    T take() { return std::forward<std::add_rvalue_reference_t<T>>(running_.result()); }

private:
    async<T> coroutine_;
    task<T> running_;
};
template <> inline void gathered_coroutine<void>::take() { running_.result(); }

template <class T> class gathered_task {
public:
    using gather_kind = gather_base;
    using result_type = T;
    explicit gathered_task(task<T> t) noexcept : running_(std::move(t)) {}

    static constexpr bool is_owned = false;
    bool begun() const noexcept { return true; }
    bool finished() const noexcept { return running_.done(); }
    task_record& record() const noexcept { return running_.record(); }
    void observe() const noexcept { running_.record().mark_observed(); }
    void start(gather_base& gather) { watch_.begin(gather, running_.record()); }
    void leave() noexcept { watch_.end(); }
    void cancel(gather_base::reach which, const std::shared_ptr<const std::string>& why) noexcept {
        if (which == gather_base::reach::all) running_.record().pass_cancel(why);
    }
    T take() {
        if constexpr (std::is_void_v<T> || std::is_copy_constructible_v<T>) return running_.result();
        else return std::move(running_.result());  // what cannot be copied is taken out of the task
    }

private:
    task<T> running_;
    gather_base::watch watch_;
};

template <class T> gathered_coroutine<T> gathered_child(async<T> coroutine) noexcept {
    return gathered_coroutine<T>(std::move(coroutine));
}
template <class T> gathered_task<T> gathered_child(task<T> t) noexcept { return gathered_task<T>(std::move(t)); }

template <class A> auto gathered(A&& a) {
    if constexpr (std::derived_from<std::decay_t<A>, any_task>) return gathered_child(std::forward<A>(a));
    else return gathered_child(as_coroutine(std::forward<A>(a)));
}

template <class Child> auto take_or_monostate(Child& child) {
    if constexpr (std::is_void_v<typename Child::result_type>) {
        child.take();
        return std::monostate();
    } else {
        return child.take();
    }
}

/// The children of a gather, or of what is like one, that a range's elements become.
template <class Range> auto gathered_elements(Range&& range) {
    constexpr bool yields_values = !std::is_reference_v<decltype(*range.begin())>;
    using element = std::decay_t<decltype(*range.begin())>;
    static_assert(is_async<element> || std::derived_from<element, any_task>,
                  "a range of coroutines or of tasks is needed here");
    std::vector<decltype(gathered(std::declval<element>()))> children;
    if constexpr (requires { range.size(); }) children.reserve(range.size());
    for (auto&& each : range) {
        if constexpr (yields_values || is_async<element>) children.push_back(gathered(std::move(each)));
        else children.push_back(gathered(each));
    }
    return children;
}

}  // namespace torus::inline v0
