// tests/core/reentrancy_test.cpp: destructors that start, cancel and drop tasks at the worst moments.
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/gate.hpp"
#include "core/thread_gate.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Calls something when it dies.
class dying_wish {
public:
    explicit dying_wish(std::function<void()> wish) : wish_(std::move(wish)) {}
    dying_wish(dying_wish&& other) noexcept : wish_(std::exchange(other.wish_, nullptr)) {}
    ~dying_wish() {
        if (wish_) wish_();
    }

private:
    std::function<void()> wish_;
};

async<> hold(dying_wish) { co_await sleep_forever(); }
async<> hold_briefly(dying_wish) { co_await yield_now(); }
async<> hold_at_once(dying_wish) { co_return; }

TORUS_TEST(reentrancy, an_argument_that_starts_a_task_when_its_own_ends) {
    std::string log;
    spawn(hold_briefly(dying_wish([&] { spawn(note(log, 'a')); })));
    auto held = create_task(hold_briefly(dying_wish([&] { spawn(note(log, 'b')); })));
    co_await let_others_run();
    EXPECT_EQ(log, "a");
    held = {};
    co_await let_others_run();
    EXPECT_EQ(log, "ab");
    auto unstarted = create_task(hold(dying_wish([&] { spawn(note(log, 'c')); })));
    unstarted.cancel();
    co_await let_others_run();
    EXPECT_EQ(log, "abc");
    create_task(hold_at_once(dying_wish([&] { spawn(note(log, 'd'), {.eager = true}); })), {.eager = true});
    EXPECT_EQ(log, "abcd");
}

TORUS_TEST(reentrancy, an_argument_that_cancels_its_own_task_changes_nothing) {
    task<> t;
    int asked = 0;
    t = create_task(hold(dying_wish([&] {
        EXPECT_LE(t.cancelling(), 2);
        t.cancel();
        ++asked;
    })));
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(asked, 1) << "it never began";
    {
        task<> begun;
        begun = create_task(hold(dying_wish([&] { asked += begun.cancel() ? 10 : 1; })));
        co_await yield_now();
        begun.cancel();
        co_await expect_throws<cancelled_error>(begun);
        EXPECT_EQ(asked, 1);
    }
    EXPECT_EQ(asked, 2) << "it had ended";
}

TORUS_TEST(reentrancy, a_child_that_cancels_whoever_gathers_it_when_it_dies) {
    for (bool begun : {true, false}) {
        task<> parent;
        std::string log;
        parent = create_task([&]() -> async<> {
            auto dies = [&](int passes) -> async<> {
                const dying_wish local([&] { parent.cancel("from a child"); });
                co_await let_others_run(passes);
            };
            try {
                co_await gather(dies(1), hold(dying_wish([&] { parent.cancel("from an argument"); })), dies(2));
            } catch (const cancelled_error&) {
                log += "cancelled";
                throw;
            }
        });
        co_await let_others_run(begun ? 2 : 0);
        parent.cancel();
        co_await expect_throws<cancelled_error>(parent);
        EXPECT_EQ(log, begun ? "cancelled" : "");
    }
}

TORUS_TEST(reentrancy, an_argument_for_a_thread_that_cancels_and_starts_when_it_is_withdrawn) {
    task<> t;
    std::string log;
    thread_gate b;
    const std::vector<task<>> busy = co_await occupy_threads(b, max_threads);
    auto call = [&]() -> async<> {
        auto wish = std::make_shared<dying_wish>([&] {
            t.cancel("again");
            spawn(note(log, 'n'));
        });
        auto never = [](const std::shared_ptr<dying_wish>&) { ADD_FAILURE() << "it ran"; };
        co_await to_thread(never, std::move(wish));
    };
    t = create_task(call());
    co_await yield_now();
    t.cancel("once");
    try {
        co_await t;
    } catch (const cancelled_error&) {}
    co_await let_others_run();
    EXPECT_EQ(log, "n");
    b.open();
    co_await gather(busy);
}

TORUS_TEST(reentrancy, an_error_handler_that_starts_a_task_and_drops_handles) {
    std::string log;
    task<> kept;
    struct busy final : error_handler {
        std::string& to;
        task<>& drops;
        busy(std::string& text, task<>& handle) : to(text), drops(handle) {}
        void handle(const error_context&) override {
            to += 'h';
            drops = {};
            spawn(note(to, 's'));
        }
    };
    event_loop& loop = event_loop::current();
    auto before = loop.set_error_handler(std::make_unique<busy>(log, kept));
    auto fails = []() -> async<> {
        throw std::runtime_error("failed");
        co_return;
    };
    kept = create_task(fails());
    co_await yield_now();
    spawn(fails());
    co_await let_others_run();
    loop.set_error_handler(std::move(before));
    EXPECT_EQ(log, "hhss") << "its own report, and that of the one it has dropped";
}

TORUS_TEST(reentrancy, handles_of_each_other_in_a_ring_of_finished_tasks) {
    struct box {
        task<> other;
    };
    auto first = std::make_shared<box>();
    auto second = std::make_shared<box>();
    auto keeps = [](std::shared_ptr<box>) -> async<> { co_return; };
    first->other = create_task(keeps(second));
    second->other = create_task(keeps(first));
    co_await gather(first->other, second->other);
    const std::weak_ptr<box> one = first;
    const std::weak_ptr<box> other = second;
    first->other = {};
    first = {};
    second = {};
    EXPECT_TRUE(one.expired() && other.expired());
}

TORUS_TEST(reentrancy, a_result_that_drops_the_last_handle_of_its_task) {
    struct owning_itself {
        std::shared_ptr<task<owning_itself>> self;
    };
    auto handle = std::make_shared<task<owning_itself>>();
    auto gives = [](std::shared_ptr<task<owning_itself>> own) -> async<owning_itself> {
        co_await yield_now();
        co_return owning_itself{own};
    };
    *handle = create_task(gives(handle));
    co_await let_others_run();
    EXPECT_TRUE(handle->done());
    const owning_itself taken = co_await std::move(*handle);
    EXPECT_TRUE(taken.self);
}

TORUS_TEST(reentrancy, a_waiter_that_is_opened_and_cancelled_in_every_order) {
    for (int order = 0; order < 4; ++order) {
        gate open;
        auto t = create_task(
            [](gate& g) -> async<bool> {
                bool passed = false;
                try {
                    co_await g.pass();
                    passed = true;
                    co_await yield_now();
                } catch (const cancelled_error&) {}
                co_return passed;
            },
            std::ref(open));
        if (order % 2 == 0) co_await yield_now();
        if (order < 2) {
            open.open();
            t.cancel();
        } else {
            t.cancel();
            open.open();
        }
        if (order % 2 == 1) co_await expect_throws<cancelled_error>(t);
        else EXPECT_EQ(co_await t, order == 0);
    }
}

}  // namespace
