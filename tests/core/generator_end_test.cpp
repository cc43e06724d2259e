// tests/core/generator_end_test.cpp: closing generators, and what becomes of those that nobody has closed.
#include <torus/core/generator.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <torus/core/run.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/noting.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Yields for ever; when it ends, however that is, it cleans up for a second and notes its name.
generator<int> cleaning(std::string& log, char name) {
    std::exception_ptr why;
    try {
        for (int i = 0;; ++i) co_yield i;
    } catch (...) {
        why = std::current_exception();
    }
    co_await sleep(1s);
    log += name;
    if (why) std::rethrow_exception(why);
}

TORUS_TEST(generator, S235_closing_waits_for_its_cleanup) {
    std::string log;
    auto values = cleaning(log, 'c');
    co_await values.next();
    co_await values.aclose();
    EXPECT_EQ(log, "c");
    EXPECT_EQ(elapsed(), 1s);
    EXPECT_EQ(co_await values.next(), std::nullopt);
    co_await values.aclose();
}

TORUS_TEST(generator, S235_dropping_it_without_closing_leaves_the_cleanup_out) {
    std::string log;
    {
        auto values = cleaning(log, 'c');
        co_await values.next();
    }
    co_await sleep(1h);
    EXPECT_EQ(log, "");
}

TORUS_TEST(generator, S337_closing_one_that_has_not_begun_runs_none_of_it) {
    std::string log;
    auto values = cleaning(log, 'c');
    co_await values.aclose();
    EXPECT_EQ(log, "");
    EXPECT_EQ(elapsed(), 0s);
    EXPECT_EQ(co_await values.next(), std::nullopt);
}

TORUS_TEST(generator, S337_one_that_swallows_the_exit_and_ends_is_closed) {
    auto quiet = []() -> generator<int> {
        try {
            co_yield 1;
        } catch (const generator_exit&) {}
    };
    auto values = quiet();
    co_await values.next();
    co_await values.aclose();
    EXPECT_EQ(co_await values.next(), std::nullopt);
}

TORUS_TEST(generator, S337_what_it_throws_instead_comes_out) {
    auto failing = []() -> generator<int> {
        try {
            co_yield 1;
        } catch (const generator_exit&) {
            throw std::out_of_range("there");
        }
    };
    auto values = failing();
    co_await values.next();
    co_await expect_throws<std::out_of_range>(values.aclose());
    EXPECT_EQ(co_await values.next(), std::nullopt);
}

TORUS_TEST(generator, S337_one_that_yields_again_is_destroyed_and_that_is_an_error) {
    std::string log;
    auto stubborn = [](std::string& text) -> generator<int> {
        const noting local(text, 'l');
        for (int i = 0; i < 2; ++i) {
            try {
                co_yield i;
            } catch (const generator_exit&) {}
        }
    };
    auto values = stubborn(log);
    co_await values.next();
    co_await expect_throws<invalid_state_error>(values.aclose());
    EXPECT_EQ(log, "l");
    EXPECT_EQ(co_await values.next(), std::nullopt);
}

TORUS_TEST(generator, S337_cancelling_the_closing_interrupts_the_cleanup) {
    std::string log;
    auto values = cleaning(log, 'c');
    co_await values.next();
    auto closer = create_task([](generator<int>& closed) -> async<> { co_await closed.aclose(); }, std::ref(values));
    co_await let_others_run();
    closer.cancel();
    co_await expect_throws<cancelled_error>(closer);
    EXPECT_EQ(log, "");
    EXPECT_EQ(co_await values.next(), std::nullopt);
}

/// Outlives the loops of a test.
class lasting {
public:
    generator<int>& keep(generator<int> values) { return kept_.emplace_back(std::move(values)); }

private:
    std::deque<generator<int>> kept_;
};

run_options on_virtual_time() {
    run_options options;
    options.clock = clock_kind::simulated;
    options.task_grace = 1min;
    return options;
}

TEST(generator, S235_run_closes_those_that_are_left_the_youngest_first) {
    std::string log;
    lasting kept;
    auto main = [&]() -> async<> {
        for (char name : {'a', 'b', 'c'}) co_await kept.keep(cleaning(log, name)).next();
        co_await kept.keep(cleaning(log, 'd')).aclose();
    };
    run(main(), on_virtual_time());
    EXPECT_EQ(log, "cba");
}

TEST(generator, S235_and_a_loop_without_run_does_too) {
    std::string log;
    std::optional<generator<int>> values(cleaning(log, 'c'));
    {
        event_loop loop({.clock = clock_kind::simulated});
        auto user = create_task([&]() -> async<> { co_await values->next(); });
        while (!user.done()) loop.run_once();
    }
    EXPECT_EQ(log, "c");
}

TEST(generator, S338_an_error_in_that_is_reported_and_the_others_are_closed) {
    std::string log;
    lasting kept;
    auto failing = []() -> generator<int> {
        try {
            co_yield 1;
        } catch (const generator_exit&) {
            throw std::out_of_range("there");
        }
    };
    auto main = [&]() -> async<> {
        co_await kept.keep(cleaning(log, 'a')).next();
        co_await kept.keep(failing()).next();
    };
    ::testing::internal::CaptureStderr();
    run(main(), on_virtual_time());
    const std::string reported = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(log, "a");
    EXPECT_NE(reported.find("std::out_of_range: there"), std::string::npos) << reported;
}

TEST(generator, S338_a_cleanup_that_does_not_end_is_cancelled_after_the_grace) {
    std::string log;
    lasting kept;
    auto hanging = [](std::string& text) -> generator<int> {
        const noting local(text, 'l');
        try {
            co_yield 1;
        } catch (const generator_exit&) {}
        co_await sleep_forever();
    };
    auto main = [&]() -> async<> {
        co_await kept.keep(cleaning(log, 'a')).next();
        co_await kept.keep(hanging(log)).next();
    };
    ::testing::internal::CaptureStderr();
    run(main(), on_virtual_time());
    const std::string reported = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(log, "la") << reported;
    EXPECT_NE(reported.find("cancelled"), std::string::npos) << reported;
}

TEST(generator, S338_one_whose_cleanup_refuses_to_end_is_destroyed) {
    std::string log;
    lasting kept;
    auto refusing = [](std::string& text) -> generator<int> {
        const noting local(text, 'l');
        for (;;) {
            try {
                co_await sleep_forever();
            } catch (const cancelled_error&) {}
        }
        co_yield 1;
    };
    auto stubborn = [&](std::string& text) -> generator<int> {
        try {
            co_yield 1;
        } catch (const generator_exit&) {}
        auto inner = refusing(text);
        co_await inner.next();
    };
    auto main = [&]() -> async<> {
        co_await kept
            .keep([](std::string& text) -> generator<int> {
                const noting local(text, 'o');
                co_yield 1;
            }(log))
            .next();
        co_await kept.keep(stubborn(log)).next();
    };
    ::testing::internal::CaptureStderr();
    run(main(), on_virtual_time());
    const std::string reported = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(log, "lo") << "and so is the one whose turn never came";
    EXPECT_NE(reported.find("closing generators"), std::string::npos) << reported;
}

TEST(generator, S339_a_dropped_task_takes_the_generator_with_it_in_which_it_waits) {
    std::string log;
    lasting kept;
    auto refusing = [](std::string& text) -> generator<int> {
        const noting local(text, 'g');
        co_yield 1;
        for (;;) {
            try {
                co_await sleep_forever();
            } catch (const cancelled_error&) {}
        }
    };
    auto main = [&]() -> async<> {
        generator<int>& values = kept.keep(refusing(log));
        spawn(
            [](generator<int>& from, std::string& text) -> async<> {
                const noting local(text, 't');
                while (co_await from.next()) {}
            },
            std::ref(values), std::ref(log));
        co_await let_others_run();
    };
    ::testing::internal::CaptureStderr();
    run(main(), on_virtual_time());
    ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(log, "gt");
    auto after = [&]() -> async<> { EXPECT_EQ(co_await kept.keep(cleaning(log, 'x')).next(), 0); };
    run(after(), on_virtual_time());
}

TEST(generator, S340_outside_of_the_loop_it_has_begun_on_it_gives_nothing_more) {
    std::optional<generator<int>> values;
    auto counting = []() -> generator<int> {
        for (int i = 0;; ++i) co_yield i;
    };
    values.emplace(counting());
    auto main = [&]() -> async<int> { co_return (co_await values->next()).value_or(-1); };
    EXPECT_EQ(run(main()), 0);
    EXPECT_EQ(run(main()), -1) << "the first run has closed it";
}

TEST(generator, S340_another_loop_than_that_may_not_step_it) {
    std::optional<generator<int>> values;
    auto counting = []() -> generator<int> {
        for (int i = 0;; ++i) co_yield i;
    };
    auto main = [&]() -> async<> {
        values.emplace(counting());
        co_await values->next();
        auto elsewhere = [&] {
            auto foreign = [&]() -> async<> {
                co_await expect_throws<invalid_state_error>(values->next());
                co_await expect_throws<invalid_state_error>(values->aclose());
            };
            run(foreign());
        };
        co_await to_thread(elsewhere);
        EXPECT_EQ(co_await values->next(), 1);
    };
    run(main());
}

}  // namespace
