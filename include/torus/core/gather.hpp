// torus/core/gather.hpp: running several things at once, and having all their results.
#pragma once

#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <torus/core/awaitable.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

template <class... Children> class gathering;
template <class Child> class gathering_range;
template <class A> auto gathered(A&& awaitable);

/// Runs everything at once, and gives the results in the order of the arguments: a tuple, with `std::monostate` for
/// what returns nothing; nothing at all if none returns anything.
///
///     auto [coffee, bagel] = co_await gather(brew_coffee(), toast_bagel());
///
/// Coroutines become tasks that the gather owns: if a child fails, they are cancelled and joined, and then its error
/// is thrown. None is running when gather returns or throws, so children may use the caller's locals. Tasks have
/// owners of their own: the error of one is thrown without waiting for the others, and they go on.
///
/// @throws what the first failing child threw; the errors of the others are dropped, as their work is
/// @cancel cancels every child, waits for all, then throws; if all succeed, their results are delivered instead, and
///         the cancellation stays pending
/// @cost   two recycled blocks for each coroutine
/// @source asyncio.gather
template <class... Awaitables>
    requires(awaitable<Awaitables> && ...)
auto gather(Awaitables&&... awaitables) {
    return gathering(gathered(std::forward<Awaitables>(awaitables))...);
}

/// The same for a range of coroutines or tasks, also a lazy one; gives a vector, or nothing.
///
///     auto pages = co_await gather(urls | std::views::transform(fetch));
///
/// A range of coroutine objects is consumed.
template <class Range>
    requires(!awaitable<Range>) && requires(Range& r) { r.begin(); }
auto gather(Range&& range);

// ------------------------------------------------------------------------------------------------------------------

/// The part of a gather that does not depend on the children's types. It lives in the awaiting frame.
class gather_base : public waiter, private task_owner {
public:
    gather_base(gather_base&& idle) noexcept : waiter(static_cast<waiter&&>(idle)), task_owner() {}

    /// A child that is a task: the gather watches it.
    class watch final : public waiter {
    public:
        watch() noexcept : waiter(wait_kind::gather) {}
        watch(watch&&) noexcept = default;
        void begin(gather_base& gather, task_record& child);
        void end() noexcept;

        task_record* on_behalf_of() const noexcept override { return gather_->waiting_task(); }

    private:
        void notify() noexcept override;
        void cancel() noexcept override {}
        gather_base* gather_ = nullptr;
        task_record* child_ = nullptr;
    };

    enum class reach : std::uint8_t { owned, all };

    /// A coroutine child becomes a task. For the children.
    task_record& adopt(promise_base& root);

protected:
    gather_base() noexcept : waiter(wait_kind::gather) {}
    ~gather_base() = default;

    bool await_suspend_on(std::coroutine_handle<> h);
    /// Throws what the gather throws. Returns if every child has succeeded.
    void finish_gather();

    using reason = const std::shared_ptr<const std::string>&;
    virtual void start_children() = 0;
    virtual void cancel_children(reach which, reason why) noexcept = 0;
    virtual void leave_children() noexcept = 0;  // unstarted coroutines are discarded, watches end

private:
    void child_done(task_record& child) noexcept override;
    task_record* awaiting_task() const noexcept override { return waiting_task(); }
    void note_end(task_record& child) noexcept;
    void wake_if_over() noexcept;
    void cancel() noexcept override;

    std::exception_ptr error_;       // the first one
    std::size_t owned_pending_ = 0;
    std::size_t watched_pending_ = 0;
    bool started_ = false;
    bool failed_ = false;            // an error, or a child that was cancelled by somebody else
    bool forwarded_ = false;         // the awaiting task was cancelled, and so were the children
    bool child_cancelled_ = false;
};

/// A child that is a coroutine: it becomes a task that the gather owns.
template <class T> class gathered_coroutine {
public:
    using result_type = T;
    explicit gathered_coroutine(async<T> coroutine) noexcept : coroutine_(std::move(coroutine)) {}

    bool finished() const noexcept { return false; }
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
    using result_type = T;
    explicit gathered_task(task<T> t) noexcept : running_(std::move(t)) {}

    bool finished() const noexcept { return running_.done(); }
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

template <class... Children> class [[nodiscard("co_await it")]] gathering final : public gather_base {
public:
    explicit gathering(Children... children) : children_(std::move(children)...) {}
    gathering(gathering&&) = default;

    bool await_ready() const noexcept {
        return std::apply([](auto&... child) { return (child.finished() && ...); }, children_);
    }
    bool await_suspend(std::coroutine_handle<> h) { return await_suspend_on(h); }
    auto await_resume() {
        finish_gather();
        std::apply([](auto&... child) { (child.observe(), ...); }, children_);
        if constexpr ((std::is_void_v<typename Children::result_type> && ...)) {
            std::apply([](auto&... child) { (child.take(), ...); }, children_);
        } else {
            using results = std::tuple<decltype(take_or_monostate(std::declval<Children&>()))...>;
            return std::apply([](auto&... child) { return results{take_or_monostate(child)...}; }, children_);
        }
    }

private:
    void start_children() override {
        std::apply([this](auto&... child) { (child.start(*this), ...); }, children_);
    }
    void cancel_children(reach which, reason why) noexcept override {
        std::apply([&](auto&... child) { (child.cancel(which, why), ...); }, children_);
    }
    void leave_children() noexcept override {
        std::apply([](auto&... child) { (child.leave(), ...); }, children_);
    }
    std::tuple<Children...> children_;
};

template <class Child> class [[nodiscard("co_await it")]] gathering_range final : public gather_base {
public:
    explicit gathering_range(std::vector<Child> children) noexcept : children_(std::move(children)) {}
    gathering_range(gathering_range&&) = default;

    bool await_ready() const noexcept {
        for (const Child& child : children_)
            if (!child.finished()) return false;
        return true;
    }
    bool await_suspend(std::coroutine_handle<> h) { return await_suspend_on(h); }
    auto await_resume() {
        finish_gather();
        for (const Child& child : children_) child.observe();
        if constexpr (std::is_void_v<typename Child::result_type>) {
            for (Child& child : children_) child.take();
        } else {
            std::vector<typename Child::result_type> results;
            results.reserve(children_.size());
            for (Child& child : children_) results.push_back(child.take());
            return results;
        }
    }

private:
    void start_children() override {
        for (Child& child : children_) child.start(*this);
    }
    void cancel_children(reach which, reason why) noexcept override {
        for (Child& child : children_) child.cancel(which, why);
    }
    void leave_children() noexcept override {
        for (Child& child : children_) child.leave();
    }
    std::vector<Child> children_;
};

template <class Range>
    requires(!awaitable<Range>) && requires(Range& r) { r.begin(); }
auto gather(Range&& range) {
    constexpr bool yields_values = !std::is_reference_v<decltype(*range.begin())>;
    using element = std::decay_t<decltype(*range.begin())>;
    static_assert(is_async<element> || std::derived_from<element, any_task>,
                  "gather takes a range of coroutines or of tasks");
    std::vector<decltype(gathered(std::declval<element>()))> children;
    if constexpr (requires { range.size(); }) children.reserve(range.size());
    for (auto&& each : range) {
        if constexpr (yields_values || is_async<element>) children.push_back(gathered(std::move(each)));
        else children.push_back(gathered(each));
    }
    return gathering_range(std::move(children));
}

}  // namespace torus::inline v0
