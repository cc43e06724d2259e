// tests/core/throwing_moves_test.cpp: whatever move of a user's object throws, the loop is intact and nothing is left.
#include <atomic>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// What a scenario's coroutines hold: when it is over, nobody may.
using token = std::shared_ptr<int>;

/// Throws when it is moved or copied for the n-th time from now, on whatever thread; once.
class fragile {
public:
    static constexpr int never = std::numeric_limits<int>::max();
    static inline std::atomic<int> moves_left = never;
    static inline std::atomic<bool> broken = false;

    explicit fragile(token held) noexcept : held_(std::move(held)) {}
    fragile(fragile&& other) : held_(other.moving()) {}
    fragile(const fragile& other) : held_(other.moving()) {}
    fragile& operator=(const fragile&) = delete;
    ~fragile() = default;

private:
    const token& moving() const {
        if (moves_left.fetch_sub(1) == 0) {
            broken = true;
            throw std::domain_error("too fragile to be moved");
        }
        return held_;
    }
    token held_;
};

async<fragile> give(token t) {
    co_await yield_now();
    fragile result(std::move(t));
    co_return std::move(result);
}

async<> take(fragile) { co_await yield_now(); }

/// Runs the scenario again and again, each time with another move that throws, until none does.
template <class Scenario> async<> whatever_breaks(Scenario scenario) {
    constexpr int many = 1'000;  // no scenario moves so often
    int number = 0;
    for (bool broken = true; broken; ++number) {
        const auto held = std::make_shared<int>();
        fragile::broken = false;
        fragile::moves_left = number;
        try {
            co_await scenario(held);
        } catch (const std::domain_error&) {}
        co_await sleep(1h);  // whatever is still on its way arrives
        fragile::moves_left = fragile::never;
        broken = fragile::broken;
        take_reports();
        EXPECT_EQ(all_tasks().size(), 1U) << "move " << number;
        EXPECT_EQ(held.use_count(), 1) << "move " << number;
        EXPECT_EQ(current_task().cancelling(), 0) << "move " << number;
        if (::testing::Test::HasFailure()) co_return;
        if (number == many) throw std::logic_error("it never finishes");
    }
    EXPECT_GT(number, 1) << "nothing was moved";
}

TORUS_TEST(throwing_moves, of_results) {
    auto scenario = [](token t) -> async<> {
        const fragile awaited = co_await give(t);
        auto running = create_task(give(t));
        const fragile copied = co_await running;
        const fragile taken = co_await std::move(running);
    };
    co_await whatever_breaks(scenario);
}

TORUS_TEST(throwing_moves, of_arguments) {
    auto scenario = [](token t) -> async<> {
        const fragile argument(t);
        co_await take(argument);
        auto running = create_task(take(argument));
        auto owning = create_task(take, argument);
        spawn(take, argument);
        spawn([argument]() -> async<> { co_await take(argument); });
        co_await running;
        co_await owning;
    };
    co_await whatever_breaks(scenario);
}

TORUS_TEST(throwing_moves, in_a_gather) {
    auto scenario = [](token t) -> async<> {
        auto running = create_task(give(t));
        const auto three = co_await gather(give(t), running, give(t));
        std::vector<async<fragile>> coroutines;
        for (int i = 0; i < 3; ++i) coroutines.push_back(give(t));
        const std::vector<fragile> all = co_await gather(std::move(coroutines));
        EXPECT_EQ(all.size(), 3U);
    };
    co_await whatever_breaks(scenario);
}

TORUS_TEST(throwing_moves, in_races_and_outcomes) {
    auto scenario = [](token t) -> async<> {
        auto running = create_task(give(t));
        static_cast<void>(co_await race(give(t), running, give(t)));
        std::vector<async<fragile>> coroutines;
        for (int i = 0; i < 3; ++i) coroutines.push_back(give(t));
        const auto winner = co_await race(std::move(coroutines));
        EXPECT_EQ(winner.index, 0U);
        const auto outcomes = co_await gather(return_exceptions, give(t), running);
        const auto tried = co_await try_(give(t));
        if (!tried) std::rethrow_exception(tried.exception());
    };
    co_await whatever_breaks(scenario);
}

TORUS_TEST(throwing_moves, in_a_map_and_in_cleaning_up) {
    auto scenario = [](token t) -> async<> {
        const std::vector<fragile> arguments(3, fragile(t));
        const auto copy = [](fragile each) -> async<fragile> {
            co_await yield_now();
            co_return std::move(each);
        };
        const std::vector<fragile> results = co_await map(arguments, copy, 2);
        EXPECT_EQ(results.size(), 3U);
        const fragile captured(t);
        auto clean_up = [captured]() -> async<> { co_await take(captured); };
        const fragile result = co_await finally(give(t), clean_up);
        auto body = [captured](exit_stack& stack) -> async<> {
            stack.callback([captured]() -> async<> { co_await take(captured); });
            stack.callback([captured] {});
            co_return;
        };
        co_await exit_stack(body);
    };
    co_await whatever_breaks(scenario);
}

TORUS_TEST(throwing_moves, in_timeouts_and_shields) {
    auto scenario = [](token t) -> async<> {
        const fragile in_time = co_await timeout(5s, give(t));
        const std::optional<fragile> perhaps = co_await move_on_after(5s, give(t));
        EXPECT_TRUE(perhaps);
        const fragile shielded = co_await shield(give(t));
        auto running = create_task(give(t));
        const fragile of_a_task = co_await shield(running);
        const fragile captured(t);
        auto closure = [captured](timeout_scope&) -> async<> { co_await take(captured); };
        co_await timeout(5s, closure);
        auto plain = [captured]() -> async<fragile> { co_return captured; };
        const std::optional<fragile> of_a_closure = co_await move_on_after(5s, plain);
        EXPECT_TRUE(of_a_closure);
        const fragile later = co_await sleep(1s, captured);
    };
    co_await whatever_breaks(scenario);
}

TORUS_TEST(throwing_moves, in_a_group) {
    auto scenario = [](token t) -> async<> {
        const fragile captured(t);
        auto body = [captured, t](task_group& tg) -> async<> {
            auto child = tg.create_task(give(t));
            tg.create_task(take, captured);
            tg.create_task([captured]() -> async<> { co_await take(captured); });
            const fragile result = co_await child;
            co_await sleep(1s);
        };
        co_await task_group(body);
    };
    co_await whatever_breaks(scenario);
}

TORUS_TEST(throwing_moves, on_the_way_to_a_thread_and_back) {
    auto scenario = [](token t) -> async<> {
        const fragile argument(t);
        auto work = [argument](const fragile& given) { return fragile(given); };
        const fragile result = co_await to_thread(work, argument);
    };
    co_await whatever_breaks(scenario);
}

TORUS_TEST(throwing_moves, of_functions_for_the_loop) {
    auto scenario = [](token t) -> async<> {
        const fragile captured(t);
        event_loop::current().call_soon_threadsafe([captured] {});
        co_await sleep(1s);
    };
    co_await whatever_breaks(scenario);
}

TEST(throwing_moves, of_what_main_returns) {
    for (int number = 0;; ++number) {
        const auto held = std::make_shared<int>();
        fragile::broken = false;
        fragile::moves_left = number;
        try {
            const fragile result = run(give(held));
            EXPECT_EQ(held.use_count(), 2);
        } catch (const std::domain_error&) {}
        fragile::moves_left = fragile::never;
        ASSERT_EQ(held.use_count(), 1) << "move " << number;
        ASSERT_EQ(running.loop, nullptr);
        if (fragile::broken) continue;
        EXPECT_GT(number, 0) << "nothing was moved";
        break;
    }
}

}  // namespace
