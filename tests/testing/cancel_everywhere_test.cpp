// tests/testing/cancel_everywhere_test.cpp: the helpers that wait, cancelled at every moment.
#include <torus/testing/cancel_everywhere.hpp>

#include <torus/testing/steps.hpp>

#include "cancelled_everywhere.hpp"

namespace torus::testing {
namespace {

CANCELLED_EVERYWHERE(testing_everywhere, wait_all_blocked) {
    auto busy = []() -> async<> {
        for (int i = 0; i < 3; ++i) co_await yield_now();
    };
    co_await gather(busy(), wait_all_blocked());
}

CANCELLED_EVERYWHERE(testing_everywhere, turn) {
    sequencer order;
    auto take = [&](std::size_t number) -> async<> {
        const auto turn = co_await order.turn(number);
        co_await yield_now();
    };
    co_await gather(take(2), take(0), take(1));
}

}  // namespace
}  // namespace torus::testing
