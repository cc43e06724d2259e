// tests/core/as_completed_bounded_test.cpp: results of coroutines as they come, not too many at once.
#include <torus/core/as_completed.hpp>

#include <algorithm>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/time.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Counts how many of its coroutines were made, and how many run at once.
class workshop {
public:
    int made = 0;
    int running = 0;
    int most = 0;

    /// Gives `n` after `n` seconds.
    async<int> work(int n) {
        ++made;
        return working(n);
    }

private:
    async<int> working(int n) {
        ++running;
        most = std::max(most, running);
        try {
            co_await sleep(1s * n);
        } catch (const cancelled_error&) {
            --running;
            throw;
        }
        --running;
        co_return n;
    }
};

/// The next result, or a mark for an error.
async<std::string> next_in_words(completions<int>& finished) {
    try {
        auto each = co_await finished.next();
        co_return std::to_string(each->result());
    } catch (const std::out_of_range&) {
        co_return "!";
    }
}

TORUS_TEST(as_completed_bounded, S251_not_more_than_the_limit_run_or_wait_to_be_taken) {
    workshop shop;
    auto jobs = std::views::iota(1, 8) | std::views::transform([&](int n) { return shop.work(n); });
    std::string log;
    co_await as_completed(jobs, {.limit = 3}, [&](completions<int>& finished) -> async<> {
        EXPECT_EQ(shop.made, 0) << "none is made before it is asked for";
        auto first = co_await finished.next();
        log += std::to_string(co_await *first);
        EXPECT_EQ(shop.made, 3);
        co_await sleep(1h);
        EXPECT_EQ(shop.made, 3) << "what is not taken counts";
        while (auto each = co_await finished.next()) log += std::to_string(co_await *each);
    });
    EXPECT_EQ(log, "1234567");
    EXPECT_EQ(shop.most, 3);
    EXPECT_EQ(shop.made, 7);
}

TORUS_TEST(as_completed_bounded, S251_without_a_limit_all_run_at_once) {
    std::vector<async<int>> jobs;
    for (int n : {3, 1, 2}) jobs.push_back(slowly(1s * n, n));
    std::string log;
    const bounded_options unbounded;
    co_await as_completed(std::move(jobs), unbounded, [&](auto& finished) -> async<> {
        while (auto each = co_await finished.next()) log += std::to_string(co_await *each);
        auto nothing = co_await finished.next();
        EXPECT_FALSE(nothing);
    });
    EXPECT_EQ(log, "123");
    EXPECT_EQ(elapsed(), 3s);
}

TORUS_TEST(as_completed_bounded, S251_a_limit_of_zero_is_refused) {
    std::vector<async<int>> none;
    auto body = [](completions<int>&) -> async<> { co_return; };
    EXPECT_THROW(static_cast<void>(as_completed(none, {.limit = 0}, body)), std::invalid_argument);
    co_return;
}

TORUS_TEST(as_completed_bounded, S252_when_the_closure_returns_the_rest_is_cancelled_and_awaited) {
    std::string log;
    const auto job = [&](int n) { return note_end(log, static_cast<char>('a' + n), 1s * n); };
    auto jobs = std::views::iota(0, 10) | std::views::transform(job);
    co_await as_completed(jobs, {.limit = 3}, [](completions<void>& finished) -> async<> {
        auto none = co_await move_on_after(1s, finished.next());
        EXPECT_FALSE(none);
    });
    EXPECT_EQ(log, "abc") << "those that had begun, and no other";
    EXPECT_EQ(elapsed(), 3s);
    EXPECT_EQ(all_tasks().size(), 1U);
}

TORUS_TEST(as_completed_bounded, S252_also_if_it_throws) {
    std::string log;
    std::vector<async<>> jobs;
    jobs.push_back(fail_after<std::out_of_range>(1s));
    jobs.push_back(note_end(log, 'a', 2s));
    auto all = [](completions<void>& finished) -> async<> {
        while (auto each = co_await finished.next()) co_await *each;
    };
    co_await expect_throws<std::out_of_range>(as_completed(std::move(jobs), {.limit = 2}, all));
    EXPECT_EQ(log, "a");
    EXPECT_EQ(elapsed(), 3s);
}

TORUS_TEST(as_completed_bounded, S252_also_if_it_is_cancelled) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        std::vector<async<>> jobs;
        jobs.push_back(note_end(log, 'a', 2s));
        co_await as_completed(std::move(jobs), {.limit = 2}, [&](completions<void>& finished) -> async<> {
            try {
                co_await finished.next();
            } catch (const cancelled_error&) {
                log += "told, ";
                throw;
            }
        });
    });
    co_await let_others_run();
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "told, a");
}

TORUS_TEST(as_completed_bounded, S252_cancelled_while_it_awaits_the_rest_it_hurries_them) {
    std::string log;
    auto t = create_task([&]() -> async<> {
        std::vector<async<>> jobs;
        jobs.push_back(note_end(log, 'a', 1h));
        co_await as_completed(std::move(jobs), {.limit = 2}, [](completions<void>& finished) -> async<> {
            co_await move_on_after(1s, finished.next());
        });
        log += "returned";
        co_await sleep(1h);
    });
    co_await sleep(2s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "returned") << "and the cancellation stays pending";
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(as_completed_bounded, S252_an_error_that_nobody_takes_is_reported) {
    std::vector<async<>> jobs;
    jobs.push_back(fail_after(1s));
    co_await as_completed(std::move(jobs), {.limit = 1}, [](completions<void>& finished) -> async<> {
        auto first = co_await finished.next();
        EXPECT_TRUE(first->done());
    });
    EXPECT_EQ(take_reports().size(), 1U);
}

TORUS_TEST(as_completed_bounded, S253_after_the_deadline_next_throws_where_it_would_wait) {
    std::string log;
    std::vector<async<int>> jobs;
    for (int n : {1, 5}) jobs.push_back(slowly(1s * n, n));
    auto all = [&](completions<int>& finished) -> async<> {
        while (auto each = co_await finished.next()) log += std::to_string(co_await *each);
    };
    co_await expect_throws<timeout_error>(as_completed(std::move(jobs), {.timeout = 2s}, all));
    EXPECT_EQ(log, "1");
    EXPECT_EQ(elapsed(), 2s);
    EXPECT_EQ(all_tasks().size(), 1U);
}

TORUS_TEST(as_completed_bounded, S253_what_making_an_element_throws_comes_out_of_next) {
    const auto make = [](int n) {
        if (n == 2) throw std::out_of_range("no such job");
        return slowly(1s, n);
    };
    auto jobs = std::views::iota(0, 4) | std::views::transform(make);
    std::string log;
    co_await as_completed(jobs, {.limit = 1}, [&](completions<int>& finished) -> async<> {
        for (int i = 0; i < 4; ++i) log += co_await next_in_words(finished);
    });
    EXPECT_EQ(log, "01!3") << "and the others follow";
}

}  // namespace
