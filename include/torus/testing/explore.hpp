// torus/testing/explore.hpp: a coroutine that is run in many of the orders that its tasks may come in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <torus/testing/subject.hpp>

namespace torus::inline v0::testing {

/// Which orders are tried.
enum class order_policy : std::uint8_t {
    exhaustive,  // all that deviate from the plain order at most so often: fewer deviations first
    shuffled,    // any of those that are ready, with equal chances
    /// Each task has a priority by chance, and the highest comes next; `deviations` times, at moments of chance, the one
    /// whose turn it is gets the lowest. (PCT: Burckhardt and others, ASPLOS 2010.)
    priorities,
};

struct explore_options {
    order_policy policy = order_policy::exhaustive;
    std::size_t deviations = 3;  // from the plain order in one run; not for `shuffled`
    std::size_t runs = 10'000;  // at most; for chance orders: so many
    std::uint64_t seed = 1;  // of the first chance order; the next one has the next seed
    bool cancels = false;  // the coroutine is cancelled, too, once, after any step: a deviation like others
    std::size_t steps = 100'000;  // after which a run counts as one that does not end
};

/// What `explore` has tried, and found.
struct exploration {
    std::size_t runs = 0;
    bool complete = false;  // all orders that the options allow have been tried
    std::string problem = {};  // the first that was found, with the deviations that lead to it
    std::vector<std::size_t> choices = {};  // that lead to it, for `replay`; as few deviations as could be found
};

exploration explore(subject& what, explore_options options);
exploration replay(subject& what, const std::vector<std::size_t>& choices, explore_options options);

/// Runs the coroutine that `factory()` gives in many orders: whenever several tasks are ready, any of them may be resumed
/// first. Each run has a simulated loop of its own, with virtual time; so this is called from outside of any.
///
/// After each run the coroutine must have succeeded (or ended as cancelled, with `cancels`), no task may be left, nothing
/// may have gone to the error handler, and `invariant()` is called, which throws if something does not hold. A run in
/// which nothing can happen any more is a deadlock. It stops at the first problem. One that an order by chance has found
/// is run some more times, with fewer deviations.
///
///     int n = 0;
///     auto twice = [&]() -> async<> {
///         n = 0;
///         co_await gather(add_one(n), add_one(n));
///     };
///     EXPECT_EQ(explore(twice, [&] { if (n != 2) throw std::logic_error("an update is lost"); }).problem, "");
///
/// The coroutine must behave the same in each run with the same order: it makes what it uses, and asks neither the real
/// clock nor other threads. In the environment, TORUS_SEED sets the first seed, and TORUS_SEEDS how many are tried, of
/// chance orders.
///
/// @throws std::runtime_error     a loop runs on this thread
/// @throws std::invalid_argument  TORUS_SEED or TORUS_SEEDS is no number
template <class Factory, class Invariant = nothing_more>
    requires std::is_invocable_v<Factory&>
exploration explore(Factory factory, Invariant invariant = {}, explore_options options = {}) {
    function_subject<Factory, Invariant> each(factory, invariant);
    return explore(static_cast<subject&>(each), options);
}

/// Runs it once, with these choices; where there are more to be made, the plain order goes on.
template <class Factory, class Invariant = nothing_more>
    requires std::is_invocable_v<Factory&>
exploration replay(const std::vector<std::size_t>& choices, Factory factory, Invariant invariant = {},
                   explore_options options = {}) {
    function_subject<Factory, Invariant> each(factory, invariant);
    return replay(static_cast<subject&>(each), choices, options);
}

}  // namespace torus::inline v0::testing
