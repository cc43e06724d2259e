// bench/peers/tokio/src/micro.rs: the micro part for Tokio, on a runtime of the current thread.
mod calls;
mod measure;
mod waits;

use measure::{Case, Session};

fn main() {
    let cases: &[Case] = &[
        ("await", calls::await_at_once),
        ("fib", calls::fib),
        ("spawn", calls::spawn_and_await),
        ("yield", calls::yield_between_two),
        ("gather_10", calls::gather_few),
        ("gather_10000", calls::gather_many),
        ("mutex", waits::lock_free_mutex),
        ("queue", waits::channel_ping_pong),
        ("event", waits::event_wake),
        ("timer_1", waits::timer_among_one),
        ("timer_10000", waits::timer_among_many),
        ("timer_1000000", waits::timer_among_a_million),
        ("sleepers", waits::sleepers),
        ("exception", calls::error_through_frames),
        ("generator", calls::generator_step),
        ("context", calls::context_variable),
        ("cancel", calls::cancel_sleeper),
        ("post_latency", waits::post_latency),
        ("post_throughput", waits::post_throughput),
        ("to_thread", waits::thread_round_trip),
    ];
    std::process::exit(Session::run("tokio", cases));
}
