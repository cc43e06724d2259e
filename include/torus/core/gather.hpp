// torus/core/gather.hpp: running several things at once, and having all their results.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/awaitable.hpp>
#include <torus/core/gather_child.hpp>

namespace torus::inline v0 {

template <class... Children> class gathering;

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

/// What a gather of such children is made from.
template <class... Children> struct gather_kind_of {
    using type = gather_base;
};
template <class First, class... Rest> struct gather_kind_of<First, Rest...> {
    using type = typename First::gather_kind;
};

template <class... Children>
class [[nodiscard("co_await it")]] gathering final : public gather_kind_of<Children...>::type {
public:
    explicit gathering(Children... children) : children_(std::move(children)...) {}
    gathering(gathering&&) = default;

    bool await_ready() const noexcept {
        return std::apply([](auto&... child) { return (child.finished() && ...); }, children_);
    }
    bool await_suspend(std::coroutine_handle<> h) { return this->await_suspend_on(h); }
    auto await_resume() {
        this->finish_gather();
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
    void cancel_children(gather_base::reach which, gather_base::reason why) noexcept override {
        std::apply([&](auto&... child) { (child.cancel(which, why), ...); }, children_);
    }
    void leave_children() noexcept override {
        std::apply([](auto&... child) { (child.leave(), ...); }, children_);
    }
    std::tuple<Children...> children_;
};

template <class Child>
class [[nodiscard("co_await it")]] gathering_range final : public gather_kind_of<Child>::type {
public:
    explicit gathering_range(std::vector<Child> children) noexcept : children_(std::move(children)) {}
    gathering_range(gathering_range&&) = default;

    bool await_ready() const noexcept {
        for (const Child& child : children_)
            if (!child.finished()) return false;
        return true;
    }
    bool await_suspend(std::coroutine_handle<> h) { return this->await_suspend_on(h); }
    auto await_resume() {
        this->finish_gather();
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
    void cancel_children(gather_base::reach which, gather_base::reason why) noexcept override {
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
    return gathering_range(gathered_elements(std::forward<Range>(range)));
}

}  // namespace torus::inline v0
