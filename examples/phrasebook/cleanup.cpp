// examples/phrasebook/cleanup.cpp: what is done at the end, with awaits, however it comes.
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

/// Stands in for a connection to a database.
class session {
public:
    explicit session(std::string name) : name_(std::move(name)) {}

    async<> execute(std::string statement) {
        co_await torus::sleep(10ms);
        if (statement == "nonsense") throw std::runtime_error("syntax error");
        print(name_, ": ", statement);
    }
    async<> close() {
        co_await torus::sleep(10ms);
        print(name_, ": closed");
    }

private:
    std::string name_;
};

// [finally]
async<> store(session& db) {
    co_await torus::finally(db.execute("insert"), db.close());  // try: … finally: await db.close()
}
// [/finally]

// [except]
async<> store_if_it_can(session& db) {
    auto stored = co_await torus::try_(db.execute("nonsense"));  // try: … except Exception as e:
    if (!stored) {
        print("failed: ", stored.what());
        co_await db.execute("rollback");
    }
}
// [/except]

// [stack]
async<> store_twice(session& here, session& there) {
    co_await torus::exit_stack([&](torus::exit_stack& stack) -> async<> {  // async with AsyncExitStack() as stack:
        stack.callback([&] { return here.close(); });
        stack.callback([&] { return there.close(); });
        co_await torus::gather(here.execute("insert"), there.execute("insert"));
    });  // the last one first
}
// [/stack]

// [cancel]
async<> work() {
    torus::defer left{[] { print("left"); }};  // finally:, without an await
    try {
        co_await torus::sleep_forever();
    } catch (const torus::cancelled_error& e) {  // except asyncio.CancelledError as e:
        print("told to stop: ", e.what());
        throw;  // always
    }
}
// [/cancel]

async<> amain() {
    session here("here"), there("there");
    co_await store(here);
    co_await store_if_it_can(here);
    co_await store_twice(here, there);

    auto job = torus::create_task(work());
    co_await torus::sleep(1s);
    job.cancel("shutting down");
    std::vector jobs{job};
    auto [done, pending] = co_await torus::wait(jobs);
    print(done.size(), " done");
}

int main() { torus::run(amain(), {.clock = torus::clock_kind::simulated}); }
