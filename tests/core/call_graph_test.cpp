// tests/core/call_graph_test.cpp: where tasks are, and who waits for them.
#include <torus/core/call_graph.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <torus/core/as_completed.hpp>
#include <torus/core/cancel_scope.hpp>
#include <torus/core/finally.hpp>
#include <torus/core/gather.hpp>
#include <torus/core/generator.hpp>
#include <torus/core/map.hpp>
#include <torus/core/race.hpp>
#include <torus/core/shield.hpp>
#include <torus/core/task_group.hpp>
#include <torus/core/time.hpp>
#include <torus/core/wait.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> innermost() { co_await sleep(1h); }
constexpr unsigned innermost_line = __LINE__ - 1;
async<> middle() {
    co_await yield_now();
    co_await innermost();
}
async<> outermost() { co_await middle(); }

bool is_in(const stack_frame& frame, std::string_view function) {
    return std::string_view(frame.where.function_name()).find(function) != std::string_view::npos;
}

std::vector<std::string> names(const std::vector<call_graph>& graphs) {
    std::vector<std::string> all;
    for (const call_graph& each : graphs) all.push_back(each.task.name());
    std::sort(all.begin(), all.end());
    return all;
}

TORUS_TEST(stack, S295_shows_every_coroutine_of_a_suspended_task_and_where_it_awaits) {
    auto t = create_task(outermost());
    co_await let_others_run();
    const std::vector<stack_frame> frames = t.stack();
    EXPECT_EQ(frames.size(), 3U);
    if (frames.size() != 3) co_return;
    EXPECT_TRUE(is_in(frames[0], "outermost")) << frames[0].where.function_name();
    EXPECT_TRUE(is_in(frames[1], "middle")) << frames[1].where.function_name();
    EXPECT_TRUE(is_in(frames[2], "innermost")) << frames[2].where.function_name();
    EXPECT_EQ(frames[2].where.line(), innermost_line);
    t.cancel();
}

TORUS_TEST(stack, S295_of_a_task_that_is_ready_it_is_where_it_goes_on) {
    auto inside = []() -> async<> { co_await middle(); };
    auto t = create_task(inside());
    co_await yield_now();  // it has run up to its own
    const std::vector<stack_frame> frames = t.stack();
    EXPECT_EQ(frames.size(), 2U);
    if (frames.size() == 2) EXPECT_EQ(frames[1].where.line(), innermost_line + 3) << "at its yield_now()";
    t.cancel();
}

TORUS_TEST(stack, S295_of_a_task_that_has_not_begun_or_is_done) {
    auto t = create_task(outermost());
    EXPECT_EQ(t.stack().size(), 1U);
    EXPECT_TRUE(is_in(t.stack().at(0), "outermost"));
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_TRUE(t.stack().empty());
}

TORUS_TEST(stack, S295_can_be_printed) {
    auto t = create_task(outermost(), {.name = "printed"});
    co_await let_others_run();
    ::testing::internal::CaptureStderr();
    t.print_stack();
    const std::string written = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(written.find("Stack for printed"), 0U) << written;
    EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 4) << written;
    t.cancel();
}

async<call_graph> look() { co_return co_await capture_call_graph(); }
async<call_graph> look_deeper() { co_return co_await look(); }

TORUS_TEST(call_graph, S296_of_the_running_task_it_begins_where_it_is_captured) {
    auto t = create_task(look_deeper(), {.name = "looking"});
    const call_graph graph = co_await t;
    EXPECT_EQ(graph.task, t);
    EXPECT_EQ(graph.call_stack.size(), 2U);
    if (graph.call_stack.size() != 2) co_return;
    EXPECT_TRUE(is_in(graph.call_stack[0], "look(")) << graph.call_stack[0].where.function_name();
    EXPECT_TRUE(is_in(graph.call_stack[1], "look_deeper"));
    EXPECT_EQ(names(graph.awaited_by), std::vector{"main"s});
}

/// Awaits, gathers and shields `t`, each in a task of its own.
std::vector<task<>> waiting_for(const task<>& t) {
    auto awaiting = [](task<> on) -> async<> { co_await on; };
    auto gathering = [](task<> on) -> async<> { co_await gather(on, sleep(1h)); };
    auto shielding = [](task<> on) -> async<> { co_await shield(on); };
    return {create_task(awaiting(t), {.name = "awaiting"}), create_task(gathering(t), {.name = "gathering"}),
            create_task(shielding(t), {.name = "shielding"})};
}

TORUS_TEST(call_graph, S296_names_all_that_wait_for_a_task) {
    auto t = create_task(innermost(), {.name = "awaited"});
    const std::vector<task<>> waiting = waiting_for(t);
    auto above = [](task<> on) -> async<> { co_await on; };
    auto top = create_task(above(waiting[0]), {.name = "top"});
    co_await let_others_run();
    const call_graph graph = capture_call_graph(t);
    EXPECT_EQ(names(graph.awaited_by), (std::vector{"awaiting"s, "gathering"s, "shielding"s}));
    for (const call_graph& each : graph.awaited_by)
        if (each.task == waiting[0]) EXPECT_EQ(names(each.awaited_by), std::vector{"top"s});
    t.cancel();
    top.cancel();
    for (const task<>& each : waiting) each.record().pass_cancel(nullptr);
}

TORUS_TEST(call_graph, S296_knows_who_waits_for_the_children_of_gathers_groups_and_shields) {
    std::vector<call_graph> seen;
    auto child = [&]() -> async<> {
        co_await yield_now();
        seen.push_back(co_await capture_call_graph());
    };
    auto gathering = [&]() -> async<> { co_await gather(child(), child()); };
    auto shielding = [&]() -> async<> { co_await shield(child()); };
    auto in_body = [&](task_group& tg) -> async<> {
        tg.create_task(child());
        co_await sleep(1s);
    };
    auto joining = [&](task_group& tg) { tg.create_task(child()); };
    auto starting = [&](task_group& tg) -> async<> {
        auto ready = [&](task_status<>& status) -> async<> {
            seen.push_back(co_await capture_call_graph());
            status.started();
        };
        co_await tg.start(ready);
    };
    co_await create_task(gathering(), {.name = "parent"});
    co_await create_task(shielding(), {.name = "parent"});
    co_await create_task(task_group_of(in_body), {.name = "parent"});
    co_await create_task(task_group_of(joining), {.name = "parent"});
    co_await create_task(task_group_of(starting), {.name = "parent"});
    EXPECT_EQ(seen.size(), 6U);
    for (const call_graph& each : seen) EXPECT_EQ(names(each.awaited_by), std::vector{"parent"s});
}

TORUS_TEST(call_graph, S296_ends_also_where_tasks_wait_for_each_other) {
    task<> a;
    task<> b;
    auto awaiting = [&]() -> async<> { co_await b; };
    auto shielding = [&]() -> async<> { co_await shield(a); };
    a = create_task(awaiting(), {.name = "a"});
    b = create_task(shielding(), {.name = "b"});
    co_await let_others_run();
    const call_graph graph = capture_call_graph(a);
    EXPECT_EQ(names(graph.awaited_by), std::vector{"b"s});
    const call_graph& b_in_it = graph.awaited_by.at(0);
    EXPECT_EQ(names(b_in_it.awaited_by), std::vector{"a"s});
    EXPECT_TRUE(b_in_it.awaited_by.at(0).awaited_by.empty());
    b.cancel();
    co_await let_others_run();
}

TORUS_TEST(call_graph, S296_goes_no_further_up_than_anybody_reads) {
    auto awaiting = [](task<> on) -> async<> { co_await on; };
    task<> last = create_task(innermost());
    const task<> first = last;
    for (int i = 0; i < 3 * call_graph_levels; ++i) last = create_task(awaiting(last));
    co_await let_others_run();
    const call_graph graph = capture_call_graph(first);
    int levels = 0;
    for (const call_graph* each = &graph; !each->awaited_by.empty(); each = &each->awaited_by[0]) ++levels;
    EXPECT_EQ(levels, call_graph_levels);
    last.cancel();
    co_await let_others_run();
}

TORUS_TEST(call_graph, S297_in_words_it_is_one_line_for_each_coroutine) {
    auto t = create_task(middle(), {.name = "below"});
    auto awaiting = [](task<> on) -> async<> { co_await on; };
    auto above = create_task(awaiting(t), {.name = "above"});
    co_await let_others_run();
    const std::string text = format_call_graph(capture_call_graph(t));
    EXPECT_EQ(text.find("* below\n  + Call stack:\n  |   File '"), 0U) << text;
    EXPECT_NE(text.find("\n  + Awaited by:\n    * above\n      + Call stack:\n      |   File '"), std::string::npos)
        << text;
    EXPECT_LT(text.find("innermost()"), text.find("middle()")) << text;

    std::FILE* const file = std::tmpfile();
    print_call_graph(t, file);
    co_await print_call_graph(file);
    std::string written(static_cast<std::size_t>(std::ftell(file)), '\0');
    std::rewind(file);
    EXPECT_EQ(std::fread(written.data(), 1, written.size(), file), written.size());
    std::fclose(file);
    EXPECT_EQ(written.find(text), 0U) << written;
    EXPECT_NE(written.find("* main\n", text.size()), std::string::npos) << written;
    above.cancel();
}

TORUS_TEST(call_graph, S296_tells_what_is_above_a_task_once_however_many_ways_lead_there) {
    auto both = [](task<> left, task<> right) -> async<> { co_await gather(left, right); };
    task<> left = create_task(innermost());
    task<> right = create_task(innermost());
    const task<> first = left;
    for (int i = 0; i < call_graph_levels / 2; ++i) {
        auto next_left = create_task(both(left, right));
        right = create_task(both(left, right));
        left = next_left;
    }
    co_await let_others_run();
    const std::string text = format_call_graph(capture_call_graph(first));
    EXPECT_LT(std::count(text.begin(), text.end(), '*'), 3 * call_graph_levels);
    left.cancel();
    co_await expect_throws<cancelled_error>(left);
    co_await expect_throws<cancelled_error>(right);
}

TORUS_TEST(call_graph, S296_names_who_races_or_takes_one_task_after_the_other) {
    auto t = create_task(innermost(), {.name = "awaited"});
    auto racing = [&]() -> async<> { co_await race(t, sleep(1h)); };
    auto taking = [&]() -> async<> {
        auto ends = as_completed(std::vector{t});
        co_await ends.next();
    };
    const std::vector<task<>> only{t};
    auto waiting = [&]() -> async<> { co_await wait(only); };
    std::vector<task<>> above;
    above.push_back(create_task(racing(), {.name = "racing"}));
    above.push_back(create_task(taking(), {.name = "taking"}));
    above.push_back(create_task(waiting(), {.name = "waiting"}));
    co_await let_others_run();
    EXPECT_EQ(names(capture_call_graph(t).awaited_by), (std::vector{"racing"s, "taking"s, "waiting"s}));
    for (const task<>& each : above) each.record().pass_cancel(nullptr);
    co_await let_others_run();
}

TORUS_TEST(call_graph, S296_knows_who_waits_for_the_tasks_of_maps_clean_ups_and_shielded_scopes) {
    std::vector<call_graph> seen;
    auto child = [&]() -> async<> {
        seen.push_back(co_await capture_call_graph());
        co_await yield_now();
        seen.push_back(co_await capture_call_graph());
    };
    const std::vector<int> one{1};
    auto mapping = [&]() -> async<> { co_await map(one, [&](int) -> async<> { co_await child(); }, 1); };
    auto cleaning_up = [&]() -> async<> { co_await finally(yield_now(), child()); };
    auto shielding = [&]() -> async<> { co_await cancel_scope({.shield = true}, child()); };
    co_await create_task(mapping(), {.name = "parent"});
    co_await create_task(cleaning_up(), {.name = "parent"});
    co_await create_task(shielding(), {.name = "parent"});
    EXPECT_EQ(seen.size(), 6U);
    for (const call_graph& each : seen) EXPECT_EQ(names(each.awaited_by), std::vector{"parent"s});
}

TORUS_TEST(stack, S295_goes_through_generators) {
    auto numbers = []() -> generator<int> {
        co_await sleep(1h);
        co_yield 1;
    };
    auto reading = [&]() -> async<> {
        auto all = numbers();
        co_await all.next();
    };
    auto t = create_task(reading());
    co_await let_others_run();
    EXPECT_EQ(t.stack().size(), 2U);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
}

TORUS_TEST(task, S19_who_could_go_on_without_the_child_is_no_part_of_a_cycle) {
    event_loop::current().set_debug(true);
    const task<> self(current_task().record());
    auto joining = [](task<> parent) -> async<> { co_await parent; };
    auto t = create_task(joining(self));
    auto won = co_await race(t, sleep(1s));
    EXPECT_EQ(won.index(), 1U);
    EXPECT_FALSE(t.done());
    event_loop::current().set_debug(false);
}

TORUS_TEST(task, S19_a_child_that_awaits_who_waits_for_it_fails_too) {
    event_loop::current().set_debug(true);
    const any_task self = current_task();
    auto child = [](any_task parent) -> async<> { co_await task<>(parent.record()); };
    co_await expect_throws<deadlock_error>(gather(child(self), sleep(1h)));
    auto body = [&](task_group& tg) { tg.create_task(child(self)); };
    co_await expect_throws<deadlock_error>(task_group_of(body));
    event_loop::current().set_debug(false);
}

}  // namespace
