// torus/core/race.hpp: running several things at once, and having the result of the first.
#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <torus/core/gather_child.hpp>
#include <torus/core/race_base.hpp>

namespace torus::inline v0 {

template <class... Children> class racing;
template <class Child> class racing_range;

/// Runs everything at once until the first ends, and gives its result: a variant whose index says whose it is, with
/// `std::monostate` for what returns nothing and a pointer for a reference.
///
///     auto first = co_await race(connection.read(), stop.wait());
///     if (first.index() == 0) use(std::get<0>(first));
///
/// Coroutines become tasks that the race owns: those that lose are cancelled and awaited, so children may use the
/// caller's locals. Tasks have owners of their own: those that lose go on, and can be raced again, so nothing that they
/// receive is lost. A coroutine that had its result before its cancellation reached it (bytes, an item, a lock) has not
/// lost it: it is in the `late` part of the `race_result`.
///
///     if (auto& bytes = first.late<0>()) keep(*bytes);   // stopped, and read
///
/// A task that is done already has won: then nothing is begun. Of several that are, the first argument has.
///
/// @throws what the first to end threw; errors of the others are dropped, as their work is
/// @cancel cancels every child, waits for all, then throws; if one has a result all the same, the first of those is
///         delivered instead, and the cancellation stays pending
/// @cost   two recycled blocks for each coroutine
/// @source Trio's nurseries, Tokio's select!, asyncio.wait(return_when=FIRST_COMPLETED)
template <class... Awaitables>
    requires(sizeof...(Awaitables) > 0 && (awaitable<Awaitables> && ...))
auto race(Awaitables&&... awaitables) {
    return racing(gathered(std::forward<Awaitables>(awaitables))...);
}

/// The same for a range of coroutines or tasks: gives a `race_winner`, or the winner's place if there are no results.
///
///     auto [index, page, late] = co_await race(mirrors | std::views::transform(fetch));
///
/// @throws std::invalid_argument  the range is empty
template <class Range>
    requires(!awaitable<Range>) && requires(Range& r) { r.begin(); }
auto race(Range&& range) {
    auto children = gathered_elements(std::forward<Range>(range));
    if (children.empty()) refuse_empty_race();
    return racing_range(std::move(children));
}

/// Whose result came first, and what it is.
template <class... Results> class race_result : public std::variant<Results...> {
public:
    template <std::size_t Place, class Result>
    race_result(std::in_place_index_t<Place> place, Result&& first)
        : std::variant<Results...>(place, std::forward<Result>(first)) {}

    /// The result of the coroutine in that place, if it lost and has one all the same.
    template <std::size_t Place> auto& late() noexcept { return std::get<Place>(late_); }

private:
    std::tuple<std::optional<Results>...> late_;
};

/// Who of a range came first, with which result.
template <class Result> class race_winner {
public:
    race_winner(std::size_t place, Result result) : index(place), value(std::move(result)) {}

    std::size_t index;
    Result value;
    std::vector<std::pair<std::size_t, Result>> late;  // of coroutines that lost and have a result all the same
};

// ------------------------------------------------------------------------------------------------------------------

/// A child's result as something that a variant can hold.
template <class Child> auto take_raced(Child& child) {
    using result = typename Child::result_type;
    if constexpr (std::is_reference_v<result>) return &child.take();
    else return take_or_monostate(child);
}

template <class Child> bool has_late_result(const Child& child) noexcept {
    return Child::is_owned && child.begun() && child.record().state() == task_state::succeeded;
}

template <class... Children> class [[nodiscard("co_await it")]] racing final : public race_base {
    using result = race_result<decltype(take_raced(std::declval<Children&>()))...>;

public:
    explicit racing(Children... children) : children_(std::move(children)...) {}
    racing(racing&&) = default;

    bool await_ready() noexcept {
        std::apply([this](auto&... child) { (this->note_if_done(child) || ...); }, children_);
        return decided_;
    }
    bool await_suspend(std::coroutine_handle<> h) { return await_suspend_on(h); }
    result await_resume() {
        finish_gather();
        return take(std::index_sequence_for<Children...>());
    }

private:
    template <class Child> bool note_if_done(Child& child) noexcept {
        if (child.finished()) note_end(child.record());
        return decided_;
    }
    template <std::size_t... Places> result take(std::index_sequence<Places...>) {
        std::optional<result> taken;
        (take_first<Places>(taken), ...);
        (take_late<Places>(*taken), ...);
        return *std::move(taken);
    }
    template <std::size_t Place> void take_first(std::optional<result>& taken) {
        auto& child = std::get<Place>(children_);
        if (!taken && came_first(child)) taken.emplace(std::in_place_index<Place>, take_raced(child));
    }
    template <std::size_t Place> void take_late(result& taken) {
        auto& child = std::get<Place>(children_);
        if (Place != taken.index() && has_late_result(child)) taken.template late<Place>().emplace(take_raced(child));
    }
    template <class Child> bool came_first(const Child& child) const noexcept {
        return child.begun() && race_base::came_first(child.record());
    }
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

template <class Child> class [[nodiscard("co_await it")]] racing_range final : public race_base {
    using value = decltype(take_raced(std::declval<Child&>()));
    static constexpr bool is_void = std::is_void_v<typename Child::result_type>;
    using result = std::conditional_t<is_void, std::size_t, race_winner<value>>;

public:
    explicit racing_range(std::vector<Child> children) noexcept : children_(std::move(children)) {}
    racing_range(racing_range&&) = default;

    bool await_ready() noexcept {
        for (Child& child : children_)
            if (!decided_ && child.finished()) note_end(child.record());
        return decided_;
    }
    bool await_suspend(std::coroutine_handle<> h) { return await_suspend_on(h); }
    result await_resume() {
        finish_gather();
        std::size_t first = 0;
        while (!children_[first].begun() || !came_first(children_[first].record())) ++first;
        if constexpr (is_void) {
            return first;
        } else {
            result taken(first, take_raced(children_[first]));
            for (std::size_t i = 0; i < children_.size(); ++i)
                if (i != first && has_late_result(children_[i])) taken.late.emplace_back(i, take_raced(children_[i]));
            return taken;
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

}  // namespace torus::inline v0
