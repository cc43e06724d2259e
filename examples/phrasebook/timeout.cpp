// examples/phrasebook/timeout.cpp: refusing to wait for ever.
#include <string>

#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

async<std::string> fetch(std::string url) {
    co_await torus::sleep(url.starts_with("http://slow") ? 20s : 10ms);
    co_return "the page of " + url;
}

// [wait_for]
async<> impatient() {
    try {
        print(co_await torus::timeout(2s, fetch("http://slow/")));
    } catch (const torus::timeout_error&) {
        print("too slow");
    }
}
// [/wait_for]

// [scope]
async<> generous() {
    co_await torus::timeout(10s, [&](torus::timeout_scope& t) -> async<> {
        print(co_await fetch("http://a/"));
        t.reschedule(30s);
        print(co_await fetch("http://slow/"));
    });
}
// [/scope]

// [move_on]
async<> optional_page() {
    if (auto cached = co_await torus::move_on_after(50ms, fetch("http://cache/"))) print(*cached);
    if (auto page = co_await torus::move_on_after(50ms, fetch("http://slow/"))) print(*page);
}
// [/move_on]

async<> amain() {
    co_await impatient();
    co_await generous();
    co_await optional_page();
}

int main() { torus::run(amain(), {.clock = torus::clock_kind::simulated}); }
