// tests/core/context_callback_test.cpp: the contexts in which functions run that nobody awaits.
#include <torus/core/context.hpp>

#include <csignal>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/callback.hpp>
#include <torus/core/core.hpp>
#include <torus/core/signal.hpp>
#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

context_var<int> level{0};

TORUS_TEST(context, S230_callbacks_run_in_the_context_of_their_registration) {
    event_loop& loop = event_loop::current();
    std::string seen;
    auto note_level = [&](char which) {
        return [&, which] {
            seen += which + std::to_string(level.get()) + ' ';
            level.set(99);
        };
    };
    level.set(1);
    auto child = create_task([]() -> async<> { co_await yield_now(); });
    loop.call_soon(note_level('s'));
    level.set(2);
    loop.call_later(1s, note_level('l'));
    level.set(3);
    child.add_done_callback(note_level('d'));
    level.set(4);
    loop.call_soon_threadsafe(note_level('t'));
    level.set(5);
    co_await sleep(2s);
    EXPECT_NE(seen.find("s1 "), std::string::npos) << seen;
    EXPECT_NE(seen.find("l2 "), std::string::npos) << seen;
    EXPECT_NE(seen.find("d3 "), std::string::npos) << seen;
    EXPECT_NE(seen.find("t4 "), std::string::npos) << seen;
    EXPECT_EQ(level.get(), 5);
}

TORUS_TEST(context, S230_what_a_callback_sets_stays_with_it_also_where_nothing_was_set) {
    event_loop& loop = event_loop::current();
    int seen = 0;
    loop.call_soon([] { level.set(7); });
    loop.call_soon([&] { seen = level.get() + 1; });
    co_await let_others_run();
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(level.get(), 0);
}

TORUS_TEST(context, S230_a_task_that_a_callback_starts_copies_that_ones) {
    event_loop& loop = event_loop::current();
    int seen = 0;
    level.set(1);
    loop.call_soon([&] {
        level.set(level.get() + 1);
        spawn(
            [](int& into) -> async<> {
                into = level.get();
                co_return;
            },
            std::ref(seen));
    });
    co_await let_others_run();
    EXPECT_EQ(seen, 2);
}

TORUS_TEST(context, S230_a_signal_handler_runs_in_the_context_of_its_registration) {
    event_loop& loop = event_loop::current();
    std::vector<int> seen;
    auto note_level = [&] {
        seen.push_back(level.get());
        level.set(level.get() + 10);
    };
    level.set(3);
    loop.add_signal_handler(SIGUSR2, note_level);
    level.set(4);
    for (std::size_t calls = 1; calls <= 2; ++calls) {
        std::raise(SIGUSR2);
        while (seen.size() < calls) co_await yield_now();
    }
    loop.remove_signal_handler(SIGUSR2);
    const std::vector expected{3, 13};
    EXPECT_EQ(seen, expected) << "each call runs in the same one";
    EXPECT_EQ(level.get(), 4);
}

class noting_level final : public error_handler {
public:
    explicit noting_level(int& seen) : seen_(seen) {}
    void handle(const error_context&) override { seen_ = level.get(); }

private:
    int& seen_;
};

TORUS_TEST(context, S230_the_error_handler_is_told_of_a_task_in_that_ones_context) {
    event_loop& loop = event_loop::current();
    int seen = 0;
    auto before = loop.set_error_handler(std::make_unique<noting_level>(seen));
    level.set(1);
    spawn([]() -> async<> {
        level.set(2);
        co_await yield_now();
        throw std::runtime_error("lost");
    });
    co_await let_others_run();
    loop.set_error_handler(std::move(before));
    EXPECT_EQ(seen, 2);
    EXPECT_EQ(level.get(), 1);
}

}  // namespace
