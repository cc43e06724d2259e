// tests/core/context_test.cpp: whose value a context variable has, and who sees it change.
#include <torus/core/context.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

context_var<int> level{0};
context_var<std::string> user("nobody");

async<int> level_then_set(int value) {
    const int seen = level.get();
    co_await yield_now();
    level.set(value);
    co_await yield_now();
    EXPECT_EQ(level.get(), value);
    co_return seen;
}

TORUS_TEST(context, S227_a_task_copies_it_at_its_creation) {
    level.set(1);
    auto child = create_task(level_then_set(7));
    level.set(2);
    EXPECT_EQ(co_await child, 1) << "what its creator changed later is not seen";
    EXPECT_EQ(level.get(), 2) << "nor does what it changed itself leak out";
}

TORUS_TEST(context, S227_so_does_a_child_of_a_group_a_spawned_one_and_an_eager_one) {
    level.set(1);
    auto body = [](task_group& tg) -> async<> {
        auto child = tg.create_task(level_then_set(7));
        level.set(2);
        EXPECT_EQ(co_await child, 1);
    };
    co_await task_group(body);
    EXPECT_EQ(level.get(), 2) << "the closure is no task of its own";
    auto eager = create_task(level_then_set(8), {.eager = true});
    EXPECT_EQ(level.get(), 2);
    EXPECT_EQ(co_await eager, 2);
    int seen = 0;
    spawn([](int& into) -> async<> { into = co_await level_then_set(9); }, std::ref(seen));
    co_await let_others_run();
    EXPECT_EQ(seen, 2);
    EXPECT_EQ(co_await shield(level_then_set(9)), 2);
    EXPECT_EQ(level.get(), 2);
}

TORUS_TEST(context, S227_a_task_of_a_task_copies_that_ones) {
    level.set(1);
    auto outer = create_task([]() -> async<int> {
        level.set(5);
        co_return co_await create_task(level_then_set(6));
    });
    EXPECT_EQ(co_await outer, 5);
    EXPECT_EQ(level.get(), 1);
}

async<> set_level(int value) {
    level.set(value);
    co_await yield_now();
}

TORUS_TEST(context, S228_a_plain_await_shares_the_callers) {
    co_await set_level(3);
    EXPECT_EQ(level.get(), 3);
}

TORUS_TEST(context, S229_a_task_runs_in_the_context_it_is_given) {
    level.set(1);
    auto shared = context::copy();
    EXPECT_EQ(shared.get(level), 1);
    co_await create_task(set_level(2), {.context = shared});
    EXPECT_EQ(shared.get(level), 2) << "what it sets is seen there";
    EXPECT_EQ(level.get(), 1);
    auto body = [&](task_group& tg) -> async<> {
        EXPECT_EQ(co_await tg.create_task(level_then_set(3), {.context = shared}), 2);
    };
    co_await task_group(body);
    EXPECT_EQ(shared.get(level), 3);
    spawn(set_level(4), {.context = shared});
    co_await create_task(set_level(5), {.eager = true, .context = shared});
    co_await let_others_run();
    EXPECT_EQ(shared.get(level), 4) << "the eager one came first";
}

TORUS_TEST(context, S229_and_keeps_it_alive) {
    auto alive = std::make_shared<int>(1);
    static context_var<std::shared_ptr<int>> held(nullptr);
    task<> child;
    {
        context own;
        own.run([&] { held.set(alive); });
        child = create_task(
            []() -> async<> {
                co_await yield_now();
                EXPECT_EQ(*held.get(), 1);
            }(),
            {.context = own});
    }
    EXPECT_EQ(alive.use_count(), 2);
    co_await child;
    child = {};
    EXPECT_EQ(alive.use_count(), 1) << "it goes with the task";
}

TORUS_TEST(context, S231_each_child_of_a_gather_gets_a_copy) {
    level.set(1);
    auto [a, b] = co_await gather(level_then_set(2), level_then_set(3));
    EXPECT_EQ(a, 1);
    EXPECT_EQ(b, 1);
    EXPECT_EQ(level.get(), 1);
    std::vector<async<int>> many;
    for (int i = 0; i < 3; ++i) many.push_back(level_then_set(i));
    const std::vector expected{1, 1, 1};
    EXPECT_EQ(co_await gather(std::move(many)), expected);
}

TORUS_TEST(context, S231_the_body_of_a_timeout_shares_the_callers) {
    co_await timeout(1s, set_level(4));
    EXPECT_EQ(level.get(), 4);
    co_await move_on_after(1s, set_level(5));
    EXPECT_EQ(level.get(), 5);
}

TORUS_TEST(context, S220_a_thread_sees_the_callers_and_its_changes_stay_there) {
    level.set(1);
    auto work = [] {
        const int seen = level.get();
        level.set(9);
        return seen * 100 + level.get();
    };
    EXPECT_EQ(co_await to_thread(work), 109);
    EXPECT_EQ(level.get(), 1);
    context none;
    auto look = create_task([]() -> async<int> { co_return co_await to_thread([] { return level.get(); }); }(),
                            {.context = none});
    EXPECT_EQ(co_await look, 0) << "nor do they stay with the thread";
}

void set_outside_of_loops() {
    level.set(5);
    std::thread([] {
        EXPECT_EQ(level.get(), 0);
        level.set(6);
        EXPECT_EQ(level.get(), 6);
    }).join();
    EXPECT_EQ(level.get(), 5);
    auto main = []() -> async<int> {
        const int seen = level.get();
        level.set(7);
        co_return seen;
    };
    EXPECT_EQ(run(main()), 5) << "the main task begins with a copy of it";
    EXPECT_EQ(level.get(), 5);
    context other;
    EXPECT_EQ(other.run([&] { return run(main()); }), 0);
}

TEST(context, S342_outside_of_loops_each_thread_has_its_own) {
    std::thread(set_outside_of_loops).join();
    EXPECT_EQ(level.get(), 0);
}

TORUS_TEST(context, S343_get_gives_the_default_where_nothing_is_set) {
    EXPECT_EQ(level.get(), 0);
    EXPECT_EQ(level.get(42), 42);
    EXPECT_EQ(user.get(), "nobody");
    user.set("ann");
    EXPECT_EQ(user.get(), "ann");
    EXPECT_EQ(user.get("x"), "ann");
    co_return;
}

TORUS_TEST(context, S343_without_a_default_that_is_an_error_which_names_the_variable) {
    static const context_var<int> unset;
    EXPECT_EQ(unset.get(3), 3);
    try {
        unset.get();
        ADD_FAILURE() << "nothing was thrown";
    } catch (const std::out_of_range& e) {
        EXPECT_NE(std::string(e.what()).find("context_test.cpp"), std::string::npos) << e.what();
    }
    co_return;
}

TORUS_TEST(context, S344_a_token_takes_the_set_back) {
    auto first = level.set(1);
    auto second = level.set(2);
    level.reset(second);
    EXPECT_EQ(level.get(), 1);
    level.reset(std::move(first));
    EXPECT_EQ(level.get(), 0);
    EXPECT_FALSE(context::copy().contains(level)) << "it is not set any more";
    co_return;
}

TORUS_TEST(context, S344_a_token_serves_once_for_its_variable_in_its_context) {
    auto token = level.set(1);
    EXPECT_THROW(user.reset(token), invalid_state_error);
    EXPECT_THROW(context::copy().run([&] { level.reset(token); }), invalid_state_error);
    auto child = create_task(
        [](context_token& of_creator) -> async<> {
            EXPECT_THROW(level.reset(of_creator), invalid_state_error);
            co_return;
        },
        std::ref(token));
    co_await child;
    EXPECT_EQ(level.get(), 1);
    level.reset(token);
    EXPECT_THROW(level.reset(token), invalid_state_error);
    EXPECT_EQ(level.get(), 0);
}

TORUS_TEST(context, S345_a_copy_does_not_change_with_its_original) {
    level.set(1);
    user.set("ann");
    const context before = copy_context();
    const context again = before;
    level.set(2);
    EXPECT_EQ(before.get(level), 1);
    before.run([] { level.set(3); });
    EXPECT_EQ(before.get(level), 3);
    EXPECT_EQ(again.get(level), 1);
    EXPECT_EQ(again.get(user), "ann");
    EXPECT_EQ(level.get(), 2);
    EXPECT_EQ(before.size(), 2U);
    EXPECT_EQ(context().size(), 0U);
    co_return;
}

TORUS_TEST(context, S345_what_throws_leaves_the_context_it_ran_in) {
    level.set(1);
    context other;
    EXPECT_THROW(other.run([] {
        level.set(2);
        throw std::runtime_error("out");
    }),
                 std::runtime_error);
    EXPECT_EQ(level.get(), 1);
    EXPECT_EQ(other.get(level), 2);
    EXPECT_EQ(other.run([] { return context().run([] { return level.get(); }) + level.get(); }), 2) << "they nest";
    co_return;
}

TORUS_TEST(context, S345_a_task_that_is_made_within_run_copies_that_context) {
    context other;
    auto child = other.run([] {
        level.set(3);
        return create_task(level_then_set(4));
    });
    auto eager = other.run([] { return create_task(level_then_set(5), {.eager = true}); });
    EXPECT_EQ(level.get(), 0);
    EXPECT_EQ(co_await child, 3);
    EXPECT_EQ(co_await eager, 3);
    EXPECT_EQ(other.get(level), 3);
}

TORUS_TEST(context, S346_a_tasks_context_can_be_looked_at_and_shared) {
    auto first = create_task(set_level(1));
    co_await first;
    auto shared = first.context();
    EXPECT_EQ(shared.get(level), 1);
    co_await create_task(set_level(2), {.context = first.context()});
    EXPECT_EQ(shared.get(level), 2);
    EXPECT_EQ(current_task().context().get(level), 0);
}

generator<int> levels() {
    for (;;) {
        co_yield level.get();
        level.set(10);
    }
}

TORUS_TEST(context, S347_a_generator_runs_in_the_context_of_whoever_steps_it) {
    auto values = levels();
    level.set(1);
    EXPECT_EQ(co_await values.next(), 1);
    auto step = [](generator<int>& from) -> async<int> {
        level.set(2);
        co_return (co_await from.next()).value_or(-1);
    };
    EXPECT_EQ(co_await create_task(step, std::ref(values)), 10);
    EXPECT_EQ(level.get(), 1);
}

TORUS_TEST(context, S232_a_task_that_sets_nothing_has_none) {
    auto child = create_task(level_then_set(1));
    EXPECT_EQ(child.record().context(), nullptr);
    co_await child;
    EXPECT_EQ(current_task().record().context(), nullptr);
}

TORUS_TEST(context, S232_a_copy_shares_the_values_until_one_is_set) {
    static const context_var<std::shared_ptr<int>> shared(nullptr);
    const auto value = std::make_shared<int>(1);
    shared.set(value);
    const long before = value.use_count();
    std::vector<task<>> sleepers;
    for (int i = 0; i < 100; ++i) sleepers.push_back(create_task(until_cancelled()));
    EXPECT_EQ(value.use_count(), before) << "no task has a list of its own";
    co_await let_others_run();
    for (auto& each : sleepers) each.cancel();
    for (auto& each : sleepers) co_await each;
}

static_assert(sizeof(context) == sizeof(void*) && std::is_trivially_destructible_v<chosen_context>);
static_assert(std::is_trivially_destructible_v<task_options>, "options are passed in awaited calls");

TORUS_TEST(context, values_die_with_the_last_context) {
    const auto value = std::make_shared<int>(1);
    static const context_var<std::shared_ptr<int>> shared(nullptr);
    {
        auto child = create_task(
            [](std::shared_ptr<int> own) -> async<> {
                shared.set(std::move(own));
                co_await yield_now();
            },
            value);
        co_await child;
        EXPECT_EQ(value.use_count(), 2) << "in the context of the task, which can be looked at";
    }
    EXPECT_EQ(value.use_count(), 1);
}

struct alignas(64) wide {
    wide() = default;
    wide(const wide& other) : misplaced(reinterpret_cast<std::uintptr_t>(&other) % 64) {}
    std::uintptr_t misplaced = 0;
};

TORUS_TEST(context, values_are_aligned) {
    static const context_var<wide> aligned;
    aligned.set(wide());
    EXPECT_EQ(aligned.get().misplaced, 0U);
    co_return;
}

}  // namespace
