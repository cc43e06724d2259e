// src/testing/test.cpp: running a test's coroutine.
#include <torus/testing/test.hpp>

#include <utility>

#include "testing/in_words.hpp"
#include "testing/world.hpp"

namespace torus::inline v0::testing {

namespace {

std::vector<std::string> reports;
time_point beginning;

class recorder final : public error_handler {
    void handle(const error_context& context) override {
        std::string text = context.message + ": " + context.task;
        if (context.error) text += ": " + in_words(context.error);
        reports.push_back(std::move(text));
    }
};

async<> supervised(async<> (*body)()) {
    event_loop::current().set_error_handler(std::make_unique<recorder>());
    beginning = clock::now();
    co_await body();
}

}  // namespace

void run_test(async<> (*body)(), clock_kind clock) {
    reports.clear();
    try {
        run(supervised(body), {.world = world_of_environment(),
                               .clock = clock,
                               .blocked_after = duration::zero()});  // a loaded machine blocks, too
    } catch (const std::exception& e) {
        ADD_FAILURE() << "the test threw: " << e.what();
    } catch (const cancelled_error& e) {
        ADD_FAILURE() << "the test was cancelled: " << e.what();
    }
    for (const std::string& each : reports) ADD_FAILURE() << "reported to the error handler: " << each;
}

duration elapsed() { return clock::now() - beginning; }

std::vector<std::string> take_reports() { return std::exchange(reports, {}); }

}  // namespace torus::inline v0::testing
