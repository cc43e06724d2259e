// tests/core/explore_test.cpp: the tool that tries many orders, and what it finds.
#include <torus/testing/explore.hpp>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {
namespace {

using namespace std::literals;

/// Two tasks of two steps each, which note their steps.
struct two_tasks {
    async<> step_twice(char name) {
        log += name;
        co_await yield_now();
        log += name;
    }
    async<> operator()() {
        log.clear();
        co_await gather(step_twice('a'), step_twice('b'));
    }
    std::string log;
};

TEST(explore, S570_tries_each_order_once) {
    two_tasks body;
    std::multiset<std::string> seen;
    const exploration all = explore(std::ref(body), [&] { seen.insert(body.log); }, {.deviations = 100});
    EXPECT_EQ(all.problem, "");
    EXPECT_TRUE(all.complete);
    const std::set<std::string> orders(seen.begin(), seen.end());
    EXPECT_EQ(orders, (std::set<std::string>{"aabb", "abab", "abba", "baab", "baba", "bbaa"}));
}

TEST(explore, S570_begins_with_the_plain_order) {
    two_tasks body;
    std::vector<std::string> seen;
    const exploration one = explore(std::ref(body), [&] { seen.push_back(body.log); }, {.deviations = 0});
    EXPECT_EQ(seen, std::vector{"abab"s});
    EXPECT_EQ(one.runs, 1U);
    EXPECT_TRUE(one.complete) << "of what the options allow";
}

/// Goes wrong if the second task's first step comes before the first one's second.
struct hasty {
    async<> operator()() {
        ready = false;
        auto prepare = [this]() -> async<> {
            co_await sleep(1s);
            ready = true;
        };
        auto use = [this]() -> async<> {
            co_await sleep(1s);
            if (!ready) throw std::logic_error("it is not ready");
        };
        co_await gather(prepare(), use());
    }
    bool ready = false;
};

TEST(explore, S571_finds_what_the_plain_order_hides_and_says_how_to_get_there) {
    const exploration found = explore(hasty());
    EXPECT_FALSE(found.complete);
    EXPECT_NE(found.problem.find("it failed: it is not ready"), std::string::npos) << found.problem;
    const auto deviations =
        std::count_if(found.choices.begin(), found.choices.end(), [](std::size_t c) { return c > 0; });
    EXPECT_EQ(deviations, 1);
    EXPECT_EQ(replay(found.choices, hasty()).problem, found.problem);
    EXPECT_EQ(replay({}, hasty()).problem, "");
}

TEST(explore, S572_so_do_orders_by_chance_which_are_the_same_for_the_same_seed) {
    for (const order_policy policy : {order_policy::shuffled, order_policy::priorities}) {
        const explore_options options{.policy = policy, .runs = 1000, .seed = 7};
        const exploration found = explore(hasty(), {}, options);
        EXPECT_NE(found.problem.find("it failed: it is not ready\nTORUS_SEED="), std::string::npos) << found.problem;
        const auto deviations =
            std::count_if(found.choices.begin(), found.choices.end(), [](std::size_t c) { return c > 0; });
        EXPECT_EQ(deviations, 1) << "the others were not needed";
        EXPECT_EQ(explore(hasty(), {}, options).problem, found.problem);
    }
}

TEST(explore, S572_the_seed_that_is_told_finds_the_same_again) {
    for (const order_policy policy : {order_policy::shuffled, order_policy::priorities}) {
        const exploration found = explore(hasty(), {}, {.policy = policy, .runs = 1000, .seed = 7});
        const std::size_t at = found.problem.find("TORUS_SEED=");
        ASSERT_NE(at, std::string::npos) << found.problem;
        ::setenv("TORUS_SEED", std::to_string(std::stoull(found.problem.substr(at + 11))).c_str(), 1);
        ::setenv("TORUS_SEEDS", "2", 1);  // the plain order, and this one
        const exploration again = explore(hasty(), {}, {.policy = policy});
        ::setenv("TORUS_SEEDS", "1", 1);
        const exploration plain = explore(hasty(), {}, {.policy = policy});
        ::unsetenv("TORUS_SEED");
        ::unsetenv("TORUS_SEEDS");
        EXPECT_EQ(again.problem, found.problem);
        EXPECT_EQ(plain.problem, "");
        EXPECT_EQ(plain.runs, 1U);
    }
}

TEST(explore, S572_a_seed_that_is_no_number_is_refused) {
    ::setenv("TORUS_SEED", "seven", 1);
    EXPECT_THROW(explore(hasty()), std::invalid_argument);
    ::unsetenv("TORUS_SEED");
}

TEST(explore, S573_a_run_in_which_nothing_can_happen_any_more_is_a_deadlock) {
    auto waits_for_itself = []() -> async<> {
        promise<> never;
        co_await never.future();
    };
    const exploration found = explore(waits_for_itself);
    EXPECT_TRUE(found.problem.starts_with("in the plain order: nothing can happen any more:\n")) << found.problem;
    EXPECT_NE(found.problem.find("explore_test.cpp"), std::string::npos) << found.problem;
}

TEST(explore, S573_one_that_goes_on_for_ever_is_told_of) {
    auto goes_on = []() -> async<> {
        for (;;) co_await yield_now();
    };
    EXPECT_EQ(explore(goes_on, {}, {.steps = 100}).problem, "in the plain order: it does not end in 100 steps");
}

TEST(explore, S573_so_are_tasks_that_are_left_reported_errors_and_invariants_that_do_not_hold) {
    auto leaves = []() -> async<> {
        auto stay = []() -> async<> { co_await sleep_forever(); };
        spawn(stay(), {.name = "left"});
        co_return;
    };
    EXPECT_EQ(explore(leaves).problem, "in the plain order: a task is left: left");
    auto fails_unseen = []() -> async<> {
        auto fail = []() -> async<> {
            throw std::logic_error("unseen");
            co_return;
        };
        spawn(fail());
        co_await yield_now();
        co_await yield_now();
    };
    const std::string reported = explore(fails_unseen).problem;
    EXPECT_TRUE(reported.starts_with("in the plain order: reported: ")) << reported;
    EXPECT_TRUE(reported.ends_with(": unseen")) << reported;
    auto nothing = []() -> async<> { co_return; };
    EXPECT_EQ(explore(nothing, [] { throw std::logic_error("it never holds"); }).problem,
              "in the plain order: it never holds");
}

TEST(explore, S574_cancels_after_any_step) {
    std::multiset<int> reached;
    int steps = 0;
    auto three = [&]() -> async<> {
        steps = 0;
        for (; steps < 3; ++steps) co_await yield_now();
    };
    const exploration all = explore(three, [&] { reached.insert(std::exchange(steps, 0)); }, {.cancels = true});
    EXPECT_EQ(all.problem, "");
    EXPECT_TRUE(all.complete);
    EXPECT_EQ(reached.count(0), 1U) << "before it begins";
    EXPECT_EQ(reached.count(1), 1U);
    EXPECT_EQ(reached.count(2), 1U);
    EXPECT_GE(reached.count(3), 2U) << "in its last wait, which has ended, and uncancelled";
}

TEST(explore, S574_a_cancellation_that_is_not_wanted_is_a_problem) {
    auto cancels_itself = []() -> async<> {
        current_task().cancel();
        co_await yield_now();
    };
    EXPECT_EQ(explore(cancels_itself).problem, "in the plain order: it was cancelled");
}

TEST(explore, S575_stops_after_so_many_runs_and_says_that_it_is_not_complete) {
    two_tasks body;
    const exploration some = explore(std::ref(body), {}, {.deviations = 100, .runs = 3});
    EXPECT_EQ(some.runs, 3U);
    EXPECT_FALSE(some.complete);
    EXPECT_EQ(some.problem, "");
}

TEST(explore, S575_refuses_to_run_within_a_loop) {
    auto nested = []() -> async<> {
        EXPECT_THROW(explore(two_tasks()), std::runtime_error);
        co_return;
    };
    run(nested());
}

TEST(explore, callbacks_keep_their_order) {
    std::string log;
    auto call = [&]() -> async<> {
        log.clear();
        event_loop& loop = get_running_loop();
        for (const char name : {'a', 'b', 'c'}) loop.call_soon([&log, name] { log += name; });
        for (int i = 0; i < 5; ++i) co_await yield_now();
        while (log.size() < 3) co_await yield_now();
    };
    const exploration all = explore(call, [&] {
        if (log != "abc") throw std::logic_error(log);
    });
    EXPECT_EQ(all.problem, "");
}

}  // namespace
}  // namespace torus::testing
