// tests/sync/queue_throwing_test.cpp: items that throw when they are moved, and memory that runs out.
#include <torus/sync/queue.hpp>

#include <stdexcept>
#include <utility>

#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;

/// Throws once, at its n-th move from now, and counts how many of its kind are alive.
class brittle {
public:
    static inline int moves_left = -1;  // negative: it never throws
    static inline int alive = 0;

    explicit brittle(int value) : value_(value) { ++alive; }
    brittle(brittle&& other) : value_(other.value_) {
        if (moves_left >= 0 && moves_left-- == 0) throw std::runtime_error("too brittle to move");
        ++alive;
    }
    ~brittle() { --alive; }
    int value() const noexcept { return value_; }

private:
    int value_;
};

class queue_throwing : public ::testing::Test {
protected:
    void SetUp() override { brittle::moves_left = -1; }
};

async<> puts_that_throw() {
    queue<brittle> q{2};
    co_await q.put(brittle(1));
    brittle::moves_left = 0;
    EXPECT_THROW(q.put_nowait(brittle(2)), std::runtime_error);
    for (int moves : {0, 1}) {
        brittle item(2);
        brittle::moves_left = moves;
        bool thrown = false;
        try {
            co_await q.put(std::move(item));
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown) << moves;
    }
    EXPECT_EQ(q.qsize(), 1U);
    q.task_done();
    EXPECT_THROW(q.task_done(), invalid_state_error) << "what could not be put does not count";
    brittle got = co_await q.get();
    EXPECT_EQ(got.value(), 1);
}

TEST_F(queue_throwing, a_put_that_throws_puts_nothing) {
    run(puts_that_throw());
    EXPECT_EQ(brittle::alive, 0);
}

async<> gets_that_throw() {
    queue<brittle> q{2};
    q.put_nowait(brittle(1));
    q.put_nowait(brittle(2));
    brittle::moves_left = 0;
    EXPECT_THROW(q.get_nowait(), std::runtime_error);
    brittle::moves_left = 0;
    EXPECT_THROW(q.try_get(), std::runtime_error);
    brittle::moves_left = 0;
    bool thrown = false;
    try {
        static_cast<void>(co_await q.next());
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    EXPECT_TRUE(thrown);
    EXPECT_EQ(q.qsize(), 2U);
    EXPECT_TRUE(q.full());
    EXPECT_EQ(q.get_nowait().value(), 1) << "it is still the first";
    EXPECT_EQ(q.get_nowait().value(), 2);
}

TEST_F(queue_throwing, a_get_that_throws_leaves_the_item_where_it_was) {
    run(gets_that_throw());
    EXPECT_EQ(brittle::alive, 0);
}

async<int> get_value(queue<brittle>& q) {
    brittle got = co_await q.get();
    co_return got.value();
}

async<> hand_overs_that_throw() {
    queue<brittle> q;
    auto first = create_task(get_value(q));
    auto second = create_task(get_value(q));
    co_await let_others_run();
    q.put_nowait(brittle(1));
    brittle::moves_left = 0;
    bool thrown = false;
    try {
        co_await first;
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    EXPECT_TRUE(thrown);
    EXPECT_EQ(co_await second, 1) << "the next in line has it then";
    EXPECT_TRUE(q.empty());
}

TEST_F(queue_throwing, an_item_that_its_getter_cannot_take_goes_to_the_next) {
    run(hand_overs_that_throw());
    EXPECT_EQ(brittle::alive, 0);
}

async<> waiting_putter_behind_a_throwing_get() {
    queue<brittle> q{1};
    q.put_nowait(brittle(1));
    auto putter = create_task([](queue<brittle>& into) -> async<> { co_await into.put(brittle(2)); }, std::ref(q));
    co_await let_others_run();
    brittle::moves_left = 0;
    EXPECT_THROW(q.get_nowait(), std::runtime_error);
    co_await putter;
    EXPECT_EQ(q.get_nowait().value(), 1);
    EXPECT_FALSE(q.empty());
    EXPECT_EQ(q.get_nowait().value(), 2);
    EXPECT_TRUE(q.empty());
}

TEST_F(queue_throwing, a_putter_that_took_the_place_of_an_item_which_came_back_keeps_it) {
    run(waiting_putter_behind_a_throwing_get());
    EXPECT_EQ(brittle::alive, 0);
}

}  // namespace
