// tests/tutorial/tutorial_test.cpp: the tests that docs/testing.md shows.
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <torus/core/core.hpp>
#include <torus/sync/sync.hpp>
#include <torus/testing/cancel_everywhere.hpp>
#include <torus/testing/explore.hpp>
#include <torus/testing/test.hpp>

namespace {

using namespace std::chrono_literals;
using torus::async;
using torus::testing::cancel_everywhere;
using torus::testing::elapsed;
using torus::testing::explore;

// [retries]
/// Tries again after a second, after two, after four …, and throws what the last attempt threw.
template <class Attempt> async<std::string> with_retries(Attempt attempt, int times) {
    for (auto pause = 1s;; pause *= 2) {
        try {
            co_return co_await attempt();
        } catch (const std::runtime_error&) {
            if (--times == 0) throw;
        }
        co_await torus::sleep(pause);
    }
}
// [/retries]

// [virtual_time]
TORUS_TEST(with_retries, waits_longer_each_time) {
    int attempts = 0;
    auto fail_twice = [&]() -> async<std::string> {
        if (++attempts < 3) throw std::runtime_error("not yet");
        co_return "page";
    };
    EXPECT_EQ(co_await with_retries(fail_twice, 5), "page");
    EXPECT_EQ(elapsed(), 3s);
}
// [/virtual_time]

// [counter]
/// How many are at work now.
class workers {
public:
    async<> work() {
        ++at_work;
        co_await torus::sleep(1s);
        --at_work;
    }
    int at_work = 0;
};
// [/counter]

// [everywhere]
TEST(workers, leave_wherever_they_are_cancelled) {
    workers all;
    auto work = [&] { return all.work(); };
    auto nobody_is_left = [&] {
        if (all.at_work != 0) throw std::logic_error("somebody is still counted");
    };
    EXPECT_EQ(cancel_everywhere(work, nobody_is_left).text(), "cancelled in pass 1: somebody is still counted\n");
}
// [/everywhere]

// [cache]
/// Loads a page once, however many ask for it at the same time.
class cache {
public:
    async<std::string> get() {
        if (loading_) co_await loaded_.wait();
        if (!page_) {
            loading_ = true;
            co_await torus::sleep(1s);  // a server takes its time
            page_ = "page";
            loading_ = false;
            loaded_.set();
        }
        co_return *page_;
    }

private:
    bool loading_ = false;
    torus::event loaded_;
    std::optional<std::string> page_;
};
// [/cache]

// [orders]
/// Two want the page; one of them changes its mind.
template <class Cache> async<> two_readers() {
    Cache pages;
    auto read = [&]() -> async<> { co_await pages.get(); };
    auto readers = [&](torus::task_group& group) -> async<> {
        std::optional<torus::task<>> fickle;
        auto change_its_mind = [&]() -> async<> {
            fickle->cancel();
            co_return;
        };
        const torus::task<> change = group.create_task(change_its_mind());
        fickle = group.create_task(read());
        group.create_task(read());
        co_await change;
    };
    co_await torus::task_group(readers);
}

TEST(cache, serves_who_stays) {
    const std::string problem = explore(two_readers<cache>).problem;
    EXPECT_TRUE(problem.starts_with("with the choices 1 at 0: nothing can happen any more:\n")) << problem;
}
// [/orders]

// [mended]
/// The next who wants the page loads it if the one who began was cancelled.
class mended_cache {
public:
    async<std::string> get() {
        auto load = []() -> async<std::string> {
            co_await torus::sleep(1s);
            co_return "page";
        };
        co_return co_await page_.call(load);
    }

private:
    torus::once<std::string> page_;
};

TEST(mended_cache, serves_who_stays_in_every_order) {
    const auto all = explore(two_readers<mended_cache>);
    EXPECT_EQ(all.problem, "");
    EXPECT_TRUE(all.complete);
}
// [/mended]

}  // namespace
