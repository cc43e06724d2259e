// examples/phrasebook/task_group.cpp: children that end with the block that began them.
#include <stdexcept>
#include <string>

#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

struct user {
    std::string name;
};

async<user> fetch_user(int id) {
    co_await torus::sleep(id * 10ms);
    if (id < 1) throw std::invalid_argument("there is no user " + std::to_string(id));
    co_return user{id == 1 ? "Ann" : "Bob"};
}

// [group]
async<> introduce() {
    co_await torus::task_group([&](torus::task_group& tg) -> async<> {
        auto ann = tg.create_task(fetch_user(1));
        auto bob = tg.create_task(fetch_user(2));
        print((co_await ann).name, " & ", (co_await bob).name);
    });  // here every child is done
}
// [/group]

// [error]
async<> miss() {
    try {
        co_await torus::task_group([](torus::task_group& tg) {
            tg.create_task(fetch_user(0));
            tg.create_task(fetch_user(1));  // cancelled, and awaited
        });
    } catch (const std::invalid_argument& e) {  // the first error, as it was thrown
        print("bad value: ", e.what());
    }
}
// [/error]

// [strict]
async<> miss_several() {
    try {
        co_await torus::task_group(torus::strict_groups, [](torus::task_group& tg) {
            tg.create_task(fetch_user(0));
            tg.create_task(fetch_user(-1));
        });
    } catch (torus::exception_group& eg) {  // all of them: except* ValueError
        eg.handle<std::invalid_argument>([](auto& e) { print("bad value: ", e.what()); });
        eg.rethrow_rest();
    }
}
// [/strict]

async<> amain() {
    co_await introduce();
    co_await miss();
    co_await miss_several();
}

int main() { torus::run(amain(), {.clock = torus::clock_kind::simulated}); }
