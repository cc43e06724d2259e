// tests/core/service_test.cpp: what a loop keeps for one purpose, and the order in which things end with it.
#include <torus/core/service.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Where the services of these tests write; each test has its own.
std::string* journal = nullptr;

class noting_service : public loop_service {
public:
    explicit noting_service(char name) : name_(name) { *journal += name_; }
    ~noting_service() override {
        EXPECT_TRUE(all_tasks().empty());
        EXPECT_EQ(event_loop::current().world().in_flight(), 0U) << "the loop and its backend are still there";
        *journal += '~';
        *journal += name_;
    }

private:
    char name_;
};

struct first_service final : noting_service {
    first_service() : noting_service('f') {}
};
struct second_service final : noting_service {
    second_service() : noting_service('s') {}
};

class keeping_a_journal : public ::testing::Test {
protected:
    void SetUp() override { journal = &log; }
    void TearDown() override { journal = nullptr; }
    std::string log;
};
using service = keeping_a_journal;

TEST_F(service, is_made_on_first_use_and_the_same_from_then_on) {
    auto main = [&]() -> async<> {
        const std::string before = log;
        first_service& one = service_of_loop<first_service>();
        EXPECT_EQ(&service_of_loop<first_service>(), &one);
        EXPECT_EQ(log, before + "f");
        co_return;
    };
    run(main());
    EXPECT_EQ(log, "f~f");
    run(main());
    EXPECT_EQ(log, "f~ff~f") << "each loop has its own";
}

TEST_F(service, the_youngest_goes_first) {
    auto main = []() -> async<> {
        service_of_loop<first_service>();
        service_of_loop<second_service>();
        service_of_loop<first_service>();
        co_return;
    };
    run(main());
    EXPECT_EQ(log, "fs~s~f");
}

TEST_F(service, needs_a_loop) {
    EXPECT_THROW(service_of_loop<first_service>(), std::runtime_error);
    EXPECT_EQ(log, "");
}

TEST_F(service, that_cannot_be_made_is_tried_again) {
    static bool allowed = false;
    struct choosy final : loop_service {
        choosy() {
            if (!allowed) throw std::domain_error("not now");
        }
    };
    allowed = false;
    auto main = []() -> async<> {
        EXPECT_THROW(service_of_loop<choosy>(), std::domain_error);
        allowed = true;
        service_of_loop<choosy>();
        co_return;
    };
    run(main());
}

TEST_F(service, S50_tasks_end_first_and_may_use_threads_and_services_until_then) {
    auto leftover = [&]() -> async<> {
        co_await until_cancelled();
        const int answer = co_await to_thread([] { return 42; });
        EXPECT_EQ(answer, 42);
        service_of_loop<first_service>();
        log += " task ";
    };
    auto main = [&]() -> async<> {
        service_of_loop<second_service>();
        spawn(leftover());
        co_await yield_now();
        log += " main ";
    };
    run(main());
    EXPECT_EQ(log, "s main f task ~f~s");
    log.clear();
    event_loop loop;
    service_of_loop<second_service>();
    spawn(leftover(), {.eager = true});
    loop.close(duration::zero());
    EXPECT_EQ(log, "sf task ~f~s") << "of a loop that is closed without run, too";
}

}  // namespace
