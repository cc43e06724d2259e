// bench/peers/asio/main.cpp: the micro part for Asio's coroutines. It has no lock between coroutines.
#include "peers/asio/cases.hpp"

int main(int argc, char** argv) {
    using namespace asio_peer;
    constexpr bench::benchmark_case cases[] = {
        {"await", timed<await_at_once>},
        {"fib", timed<fib>},
        {"spawn", timed<spawn_and_await>},
        {"yield", timed<yield_between_two>},
        {"gather_10", timed<gather_few>},
        {"gather_10000", timed<gather_many>},
        {"queue", timed<channel_ping_pong>},
        {"event", timed<event_wake>},
        {"timer_1", timed<timer_among_one>},
        {"timer_10000", timed<timer_among_many>},
        {"timer_1000000", timed<timer_among_a_million>},
        {"sleepers", sleepers},
        {"exception", timed<exception_through_frames>},
        {"cancel", timed<cancel_sleeper>},
        {"post_latency", post_latency},
        {"post_throughput", post_throughput},
        {"to_thread", timed<thread_round_trip>},
    };
    return session("asio").run(cases, argc, argv);
}
