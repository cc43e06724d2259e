// tests/core/timer_wheel_test.cpp: the wheel against a model that is slow and obvious.
#include "../../src/core/timer_wheel.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace torus;

class numbered final : public timer {
public:
    numbered(std::int64_t when, int which) : timer(wait_kind::other, time_point(duration(when))), number(which) {}
    const int number;

private:
    void expired() noexcept override {}
    void cancel() noexcept override {}
};

/// All the timers there are, in the order in which they must expire: a multimap keeps equal keys in order of insertion.
class model {
public:
    explicit model(std::uint64_t seed, std::int64_t origin)
        : random_(seed), now_(origin), wheel_(time_point(duration(origin))) {}

    void insert(std::int64_t deadline) {
        auto made = std::make_unique<numbered>(deadline, next_number_++);
        wheel_.insert(*made);
        expected_.emplace(std::max(deadline, now_), std::move(made));
    }

    /// A deadline at any order of magnitude from now; often one that exists already.
    void insert_somewhere() {
        const int bits = std::uniform_int_distribution(0, 55)(random_);
        std::int64_t deadline = now_ + static_cast<std::int64_t>(random_() & ((std::uint64_t{1} << bits) - 1));
        if (!expected_.empty() && random_() % 4 == 0) deadline = some()->first;
        insert(deadline);
    }

    void erase_some() {
        if (expected_.empty()) return;
        const auto chosen = some();
        wheel_.erase(*chosen->second);
        expected_.erase(chosen);
    }

    /// Lets time pass, to a deadline or by any span, and compares what expires.
    void advance() {
        const int bits = std::uniform_int_distribution(0, 45)(random_);
        std::int64_t now = now_ + static_cast<std::int64_t>(random_() & ((std::uint64_t{1} << bits) - 1));
        if (!expected_.empty() && random_() % 2 == 0) now = std::max(now_, expected_.begin()->first);
        advance_to(now);
    }

    void advance_to(std::int64_t now) {
        while (const timer* t = wheel_.pop(time_point(duration(now)))) {
            ASSERT_FALSE(expected_.empty());
            const auto first = expected_.begin();
            ASSERT_EQ(static_cast<const numbered*>(t)->number, first->second->number);
            ASSERT_LE(first->first, now);
            expected_.erase(first);
        }
        now_ = now;
        ASSERT_TRUE(expected_.empty() || expected_.begin()->first > now);
        check();
    }

    void check() const {
        ASSERT_EQ(wheel_.size(), expected_.size());
        if (expected_.empty()) {
            ASSERT_EQ(wheel_.next(), time_point::max());
            return;
        }
        ASSERT_LE(wheel_.next().time_since_epoch().count(), expected_.begin()->first) << "it would wake too late";
        if (expected_.size() <= 16) ASSERT_EQ(wheel_.next().time_since_epoch().count(), expected_.begin()->first);
    }

    /// Sleeping until next(), again and again, is to get there in few steps.
    void drain() {
        for (int steps = 0; !expected_.empty(); ++steps) {
            ASSERT_LT(steps, 100'000);
            advance_to(std::max(now_, wheel_.next().time_since_epoch().count()));
        }
    }

    std::uint64_t random() { return random_(); }

private:
    std::multimap<std::int64_t, std::unique_ptr<numbered>>::iterator some() {
        auto chosen = expected_.begin();
        std::advance(chosen, static_cast<std::ptrdiff_t>(random_() % std::min<std::size_t>(expected_.size(), 50)));
        return chosen;
    }

    std::mt19937_64 random_;
    std::int64_t now_;
    std::multimap<std::int64_t, std::unique_ptr<numbered>> expected_;
    timer_wheel wheel_;
    int next_number_ = 0;
};

TEST(timer_wheel, agrees_with_a_sorted_list_over_all_magnitudes) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        model m(seed, seed % 2 == 0 ? 86'400'000'000'000 : static_cast<std::int64_t>(seed * 1'234'567'890'123));
        for (int step = 0; step < 2'000; ++step) {
            switch (m.random() % 8) {
            case 0:
            case 1:
            case 2:
            case 3: m.insert_somewhere(); break;
            case 4: m.erase_some(); break;
            default: m.advance();
            }
            m.check();
            if (::testing::Test::HasFatalFailure()) return;
        }
        m.drain();
        if (::testing::Test::HasFatalFailure()) return;
    }
}

TEST(timer_wheel, takes_the_first_and_the_last_moment_there_is) {
    constexpr std::int64_t last = duration::max().count();
    model m(1, 0);
    for (std::int64_t deadline : {std::int64_t{0}, std::int64_t{1}, last, last - 1, last}) m.insert(deadline);
    m.advance_to(0);
    m.advance_to(1);
    m.advance_to(last - 2);
    m.advance_to(last - 1);
    m.advance_to(last);
}

TEST(timer_wheel, what_is_overdue_expires_at_once_in_order_of_insertion) {
    model m(1, 1'000'000);
    m.insert(500);
    m.insert(-7);
    m.insert(1'000'000);
    m.insert(0);
    m.advance_to(1'000'000);
}

TEST(timer_wheel, many_with_one_deadline_keep_their_order) {
    model m(1, 12'345);
    for (int i = 0; i < 1'000; ++i) {
        m.insert(10'000'000'000);
        if (i % 100 == 0) m.advance_to(12'345 + i * 9'000'000LL);
    }
    m.drain();
}

}  // namespace
