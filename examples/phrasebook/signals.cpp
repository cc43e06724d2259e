// examples/phrasebook/signals.cpp: waiting for signals.
#include <csignal>

#include <torus/torus.hpp>

using namespace std::literals;
using torus::async, torus::print;

async<> work() { co_await torus::sleep(1h); }

// [once]
async<> serve() {
    auto job = torus::create_task(work());
    int sig = co_await torus::signal(SIGINT, SIGTERM);  // what they did before is back when it returns
    print("got signal ", sig);
    job.cancel("shutting down");
}
// [/once]

// [stream]
async<> reload_on_hup() {
    torus::signals sigs{SIGHUP, SIGUSR1};  // a subscription, as long as it lives
    while (auto sig = co_await sigs.next()) print("got signal ", *sig);
}
// [/stream]

/// Somebody who runs kill(1).
async<> send_signals() {
    for (int sig : {SIGHUP, SIGUSR1, SIGTERM}) std::raise(sig);
    co_return;
}

async<> amain() {
    auto reloading = torus::create_task(reload_on_hup());
    co_await torus::gather(serve(), send_signals());
}

int main() { torus::run(amain()); }
