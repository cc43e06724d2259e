// torus/core/gather_outcomes.hpp: gather with errors as values.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/gather.hpp>
#include <torus/core/outcome.hpp>

namespace torus::inline v0 {

/// The type of `return_exceptions`.
struct return_exceptions_tag {};

/// Says that errors are results: `gather(return_exceptions, a(), b())`.
inline constexpr return_exceptions_tag return_exceptions;

template <class Child> class gathered_outcome;

/// Runs everything at once and to its end, whatever becomes of the others, and gives an `outcome` of each, in the order
/// of the arguments: a tuple.
///
///     auto [page, image] = co_await gather(return_exceptions, fetch(url), fetch(logo));
///     if (!image) print("no image: ", image.what());
///
/// A child that somebody else has cancelled is an outcome, too.
///
/// @cancel cancels every child, waits for all, then throws; if none has ended cancelled, their outcomes are delivered
///         instead, and the cancellation stays pending
/// @source asyncio.gather(return_exceptions=True)
template <class... Awaitables>
    requires(awaitable<Awaitables> && ...)
auto gather(return_exceptions_tag, Awaitables&&... awaitables) {
    return gathering(gathered_outcome(gathered(std::forward<Awaitables>(awaitables)))...);
}

/// The same for a range of coroutines or tasks, also a lazy one; gives a vector.
///
///     for (auto& r : co_await gather(return_exceptions, urls | std::views::transform(fetch)))
///         if (r) save(*r);
template <class Range>
    requires(!awaitable<Range>) && requires(Range& r) { r.begin(); }
auto gather(return_exceptions_tag, Range&& range);

// ------------------------------------------------------------------------------------------------------------------

/// A child whose error is a result.
template <class Child> class gathered_outcome : public Child {
public:
    using gather_kind = outcomes_base;
    using result_type = outcome<typename Child::result_type>;
    explicit gathered_outcome(Child child) noexcept : Child(std::move(child)) {}

    result_type take() {
        if (this->record().state() != task_state::succeeded) return result_type(error_of_ended(this->record()));
        if constexpr (std::is_void_v<typename Child::result_type>) return result_type();
        else return result_type(Child::take());
    }
};

template <class Range>
    requires(!awaitable<Range>) && requires(Range& r) { r.begin(); }
auto gather(return_exceptions_tag, Range&& range) {
    auto children = gathered_elements(std::forward<Range>(range));
    std::vector<gathered_outcome<typename decltype(children)::value_type>> outcomes;
    outcomes.reserve(children.size());
    for (auto& child : children) outcomes.emplace_back(std::move(child));
    return gathering_range(std::move(outcomes));
}

}  // namespace torus::inline v0
