// tests/whole/core_parts.cpp: tasks, times, callbacks, generators and threads.
#include "whole/parts.hpp"

#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/callback.hpp>
#include <torus/core/core.hpp>
#include <torus/core/signal.hpp>
#include <torus/core/submitted.hpp>
#include <torus/core/thread.hpp>
#include <torus/core/thread_pool.hpp>

using namespace std::literals;
using namespace torus;

namespace {

async<int> give(int number) {
    co_await sleep(1ms);
    co_return number;
}

async<int> fail() {
    co_await yield_now();
    throw std::out_of_range("as it is meant to");
}

async<> sleep_for_ever() { co_await sleep(duration::max()); }

async<> use_gathers() {
    const auto [one, two] = co_await gather(give(1), give(2));
    require(one + two == 3);
    std::vector<async<int>> many;
    for (int i = 0; i < 100; ++i) many.push_back(give(i));
    const std::vector<int> numbers = co_await gather(std::move(many));
    require(numbers.size() == 100);
    const auto [good, bad] = co_await gather(return_exceptions, give(1), fail());
    require(good && !bad);
    const auto failed = co_await try_(gather(fail(), give(1)));
    require(!failed);
    const auto first = co_await race(give(1), sleep_for_ever());
    require(first.index() == 0);
    const auto doubled = co_await map(numbers, [](int n) { return give(2 * n); }, 10);
    require(doubled.back() == 198);
}

async<> use_waits() {
    std::vector<task<int>> jobs;
    for (int i = 0; i < 10; ++i) jobs.push_back(create_task(give(i)));
    int sum = 0;
    auto finished = as_completed(jobs);
    while (auto job = co_await finished.next()) sum += co_await *job;
    require(sum == 45);
    task<> never = create_task(sleep_for_ever());
    const std::vector<task<>> sleepers{never};
    const auto [done, pending] = co_await wait(sleepers, {.timeout = 1ms});
    require(done.empty() && pending.size() == 1);
    never.cancel("enough");
    const auto ended = co_await try_([&]() -> async<> { co_await never; }());
    require(!ended && never.cancelled());
}

async<> report_readiness(task_status<int>& status) {
    status.started(7);
    co_await sleep_for_ever();
}

async<> use_groups() {
    co_await task_group([](task_group& tg) -> async<> {
        const task<int> child = tg.create_task(give(1));
        tg.create_task(sleep_for_ever());
        require(co_await tg.start(report_readiness) == 7);
        require(co_await child == 1);
        tg.cancel();
    });
    const auto group_that_fails = []() -> async<> {
        co_await task_group([](task_group& tg) -> async<> {
            tg.create_task(fail());
            co_await sleep_for_ever();
        });
    };
    const auto failed = co_await try_(group_that_fails());
    require(!failed);
}

async<> use_cleanups() {
    std::string order;
    {
        defer last{[&] { order += 'c'; }};
        const auto failed = co_await try_(finally([]() -> async<> { co_await fail(); },
                                                  [&]() -> async<> {
                                                      co_await yield_now();
                                                      order += 'a';
                                                  }));
        require(!failed);
        co_await exit_stack([&](exit_stack& stack) -> async<> {
            stack.callback([&order]() -> async<> {
                co_await yield_now();
                order += 'b';
            });
            co_await yield_now();
        });
    }
    require(order == "abc");
    require(co_await shield(give(4)) == 4);
}

generator<int> count_to(int n) {
    for (int i = 1; i <= n; ++i) {
        co_await yield_now();
        co_yield i;
    }
}

int add(int a, int b) { return a + b; }

}  // namespace

async<> use_tasks() {
    co_await use_gathers();
    co_await use_waits();
    co_await use_groups();
    co_await use_cleanups();
    const task<int> handled = create_task(give(5));
    int seen = 0;
    handled.add_done_callback([&](const task<int>& t) { seen = t.result(); });
    co_await handled;
    co_await yield_now();
    require(seen == 5);
}

async<> use_times() {
    require(!co_await move_on_after(1ms, sleep_for_ever()));
    const auto late = co_await try_(timeout(1ms, sleep_for_ever()));
    require(!late);
    co_await timeout(1h, [](timeout_scope& t) -> async<> {
        t.reschedule(2h);
        co_await sleep(1ms);
    });
    const auto waited = co_await try_(wait_for(give(1), 1h));
    require(waited && *waited == 1);
    co_await sleep_until(get_running_loop().time() + 1ms);
}

async<> use_callbacks() {
    event_loop& loop = get_running_loop();
    promise<int> given;
    const future<int> later = given.future();
    loop.call_soon([&] { given.set_value(3); });
    require(co_await later == 3);
    timer_handle never = loop.call_later(1h, [] { require(false); });
    never.cancel();
    promise<> called;
    const future<> done = called.future();
    loop.call_later(1ms, [&] { called.set_value(); });
    co_await done;
    const context_var<std::string> user("nobody");
    user.set("somebody");
    const auto name = [&]() -> async<std::string> { co_return user.get(); };
    require(co_await create_task(name()) == "somebody");
}

async<> use_generators() {
    int sum = 0;
    auto numbers = count_to(10);
    while (const auto n = co_await numbers.next()) sum += *n;
    require(sum == 55);
    auto left_alone = count_to(10);
    co_await left_alone.next();
    co_await left_alone.aclose();
}

async<> use_threads() {
    require(co_await to_thread(add, 1, 2) == 3);
    thread_pool cpu{2};
    const auto [a, b] = co_await gather(run_in_executor(cpu, add, 1, 1), run_in_executor(cpu, add, 2, 2));
    require(a + b == 6);
    event_loop& loop = get_running_loop();
    const int from_elsewhere = co_await to_thread([&loop] { return loop.submit(give, 9).get(); });
    require(from_elsewhere == 9);
    signals noticed{SIGUSR1};
    ::raise(SIGUSR1);
    require(*co_await noticed.next() == SIGUSR1);
}
