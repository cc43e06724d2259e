// bench/micro/torus_main.cpp: the micro part for torus.
#include "micro/torus_cases.hpp"

int main(int argc, char** argv) {
    using namespace bench;
    constexpr benchmark_case cases[] = {
        {"await", timed<await_at_once>},
        {"fib", timed<fib>},
        {"spawn", timed<create_and_await>},
        {"yield", timed<yield_between_two>},
        {"gather_10", timed<gather_few>},
        {"gather_10000", timed<gather_many>},
        {"mutex", timed<lock_free_mutex>},
        {"queue", timed<queue_ping_pong>},
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
    return session("torus").run(cases, argc, argv);
}
