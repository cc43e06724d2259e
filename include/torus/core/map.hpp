// torus/core/map.hpp: one coroutine for each element of a range, not more at once than a limit.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/awaitable.hpp>
#include <torus/core/task_set.hpp>

namespace torus::inline v0 {

/// What awaiting `Function`'s result for an element of `Range` gives.
template <class Range, class Function>
using mapped_t = await_result_t<
    std::invoke_result_t<std::decay_t<Function>&, decltype(*std::declval<std::remove_reference_t<Range>&>().begin())>>;

/// Calls `function` for each element, awaits what it returns, at most `limit` at once, and gives the results in the
/// order of the elements: a vector, or nothing.
///
///     auto pages = co_await map(urls, [&](std::string url) { return client.get(url); }, 100);
///
/// Each call runs in a task of its own, which keeps the function and the element alive. The range may be a lazy view: an
/// element is made when its turn comes. If a call fails, no further one is begun, the others are cancelled and awaited,
/// and then its error is thrown. None is running when map returns or throws.
///
/// @param range  an object with a name must stay as it is until the end; a temporary is kept
/// @throws what the first failing call threw, or the range; the errors of the others are dropped, as their work is
/// @throws std::invalid_argument  a limit of zero
/// @cancel begins no further call, cancels those that run, waits for their ends, then throws; if all had begun and all
///         succeed, their results are delivered instead, and the cancellation stays pending
/// @cost   two recycled blocks for each element, and what the call takes
template <class Range, class Function> auto map(Range&& range, Function&& function, std::size_t limit);

// ------------------------------------------------------------------------------------------------------------------

/// How far a map has come.
enum class map_progress : std::uint8_t { calls_are_left, all_have_begun };

/// Checks one that has ended.
/// @throws what it threw
void require_success(const any_task& ended);

/// Ends a map that has failed or was cancelled: cancels and joins what is running, and throws, unless every call has
/// begun and succeeded in spite of a cancellation.
async<> end_map(task_set& begun, std::exception_ptr error, map_progress progress);

[[noreturn]] void refuse_limit_of_zero();

template <class Result, class Element, class Function>
async<> map_one(Function& function, Element element, std::vector<std::optional<Result>>& results, std::size_t place) {
    Result result = co_await function(std::forward<Element>(element));
    results[place].emplace(std::move(result));  // only now: the vector grows while calls begin
}

template <class Element, class Function> async<> map_one(Function& function, Element element) {
    co_await function(std::forward<Element>(element));
}

/// Begins `begin(element)` for each of the range, at most `limit` at once.
template <class Range, class Begin> async<> run_map(Range& range, Begin begin, std::size_t limit) {
    task_set begun;
    std::exception_ptr error;
    auto progress = map_progress::calls_are_left;
    try {
        for (auto each = range.begin(); each != range.end(); ++each) {
            while (begun.size() >= limit) require_success(co_await begun.next());
            begun.start(begin(*each).release().promise()).mark_observed();
        }
        progress = map_progress::all_have_begun;
        while (begun.size() > 0) require_success(co_await begun.next());
    } catch (...) {
        error = std::current_exception();
    }
    if (error) co_await end_map(begun, error, progress);
}

template <class Range, class Function, class Result>
async<std::vector<Result>> run_map_to_results(Range range, Function function, std::size_t limit) {
    using element = decltype(*range.begin());
    std::vector<std::optional<Result>> found;
    const auto begin = [&](element&& each) {
        found.emplace_back();
        return map_one<Result, element>(function, std::forward<element>(each), found, found.size() - 1);
    };
    co_await run_map(range, begin, limit);
    std::vector<Result> results;
    results.reserve(found.size());
    for (auto& each : found) results.push_back(*std::move(each));
    co_return results;
}

template <class Range, class Function> async<> run_map_without_results(Range range, Function function,
                                                                       std::size_t limit) {
    using element = decltype(*range.begin());
    const auto begin = [&](element&& each) { return map_one<element>(function, std::forward<element>(each)); };
    co_await run_map(range, begin, limit);
}

template <class Range, class Function> auto map(Range&& range, Function&& function, std::size_t limit) {
    using result = mapped_t<Range, Function>;
    static_assert(!std::is_reference_v<result>, "map keeps results: let the function return a value or a pointer");
    static_assert(safe_temporary<Function>, "g++ 12 destroys this closure twice: name it first");
    if (limit == 0) refuse_limit_of_zero();
    if constexpr (std::is_void_v<result>) {
        return run_map_without_results<Range, std::decay_t<Function>>(std::forward<Range>(range),
                                                                      std::forward<Function>(function), limit);
    } else {
        return run_map_to_results<Range, std::decay_t<Function>, result>(std::forward<Range>(range),
                                                                         std::forward<Function>(function), limit);
    }
}

}  // namespace torus::inline v0
