// bench/peers/tokio/src/calls.rs: futures that call, spawn, join and abort futures.
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{unfold, Stream, StreamExt};

use crate::measure::Session;

pub const FIB_ARGUMENT: u32 = 20;
pub const FIB_CALLS: f64 = 21891.0;
pub const MANY: usize = 10_000;
pub const THROWING_FRAMES: u32 = 5;

// Boxed: an async fn that is awaited in place is no call at all, its state machine becomes part of the caller's. What
// another crate's trait object returns, or recursion needs, is a box.
fn answer_boxed(i: u64) -> Pin<Box<dyn Future<Output = u64>>> {
    Box::pin(async move { i })
}

async fn answer(i: u64) -> u64 {
    i
}

fn fib_of(n: u32) -> Pin<Box<dyn Future<Output = u64>>> {
    Box::pin(async move {
        if n < 2 {
            return u64::from(n);
        }
        let before = fib_of(n - 1).await;
        before + fib_of(n - 2).await
    })
}

#[derive(Debug)]
struct Thrown;

// Rust's errors are values: this is what they cost, not what a panic does.
fn fail_below(frames: u32) -> Pin<Box<dyn Future<Output = Result<u32, Box<Thrown>>>>> {
    Box::pin(async move {
        if frames == 1 {
            return Err(Box::new(Thrown));
        }
        fail_below(frames - 1).await
    })
}

pub fn await_at_once(session: &Session) {
    session.timed(|mut sampler| async move {
        while let Some(n) = sampler.next() {
            for i in 0..n {
                black_box(answer_boxed(black_box(i)).await);
            }
        }
        sampler
    });
}

pub fn fib(session: &Session) {
    session.timed(|mut sampler| async move {
        sampler.each_is(FIB_CALLS);
        while let Some(n) = sampler.next() {
            for _ in 0..n {
                black_box(fib_of(black_box(FIB_ARGUMENT)).await);
            }
        }
        sampler
    });
}

pub fn error_through_frames(session: &Session) {
    session.timed(|mut sampler| async move {
        while let Some(n) = sampler.next() {
            for _ in 0..n {
                black_box(fail_below(black_box(THROWING_FRAMES)).await.is_err());
            }
        }
        sampler
    });
}

// Boxed, as the calls are.
fn count_up() -> Pin<Box<dyn Stream<Item = u64>>> {
    Box::pin(unfold(0, |i| async move { Some((i, i + 1)) }))
}

pub fn generator_step(session: &Session) {
    session.timed(|mut sampler| async move {
        let mut numbers = count_up();
        while let Some(n) = sampler.next() {
            for _ in 0..n {
                black_box(numbers.next().await);
            }
        }
        sampler
    });
}

tokio::task_local! {
    static REQUEST: u64;
}

pub fn context_variable(session: &Session) {
    session.timed(|mut sampler| async move {
        while let Some(n) = sampler.next() {
            for i in 0..n {
                black_box(REQUEST.sync_scope(black_box(i), || REQUEST.with(|r| *r)));
            }
        }
        sampler
    });
}

pub fn spawn_and_await(session: &Session) {
    session.timed(|mut sampler| async move {
        while let Some(n) = sampler.next() {
            for i in 0..n {
                black_box(tokio::spawn(answer(i)).await.expect("it doesn't panic"));
            }
        }
        sampler
    });
}

async fn yield_often(times: u64) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

pub fn yield_between_two(session: &Session) {
    session.timed(|mut sampler| async move {
        sampler.each_is(2.0);
        while let Some(n) = sampler.next() {
            let (one, other) = (tokio::spawn(yield_often(n)), tokio::spawn(yield_often(n)));
            one.await.expect("it doesn't panic");
            other.await.expect("it doesn't panic");
        }
        sampler
    });
}

// As tasks of their own: join! would poll all of them in this one.
pub fn gather_few(session: &Session) {
    session.timed(|mut sampler| async move {
        sampler.each_is(10.0);
        while let Some(n) = sampler.next() {
            for i in 0..n {
                let children: [_; 10] = std::array::from_fn(|c| tokio::spawn(answer(i + c as u64)));
                for child in children {
                    black_box(child.await.expect("it doesn't panic"));
                }
            }
        }
        sampler
    });
}

pub fn gather_many(session: &Session) {
    session.timed(|mut sampler| async move {
        sampler.each_is(MANY as f64);
        while let Some(n) = sampler.next() {
            for _ in 0..n {
                black_box(join_all((0..MANY as u64).map(|c| tokio::spawn(answer(c)))).await);
            }
        }
        sampler
    });
}

pub fn cancel_sleeper(session: &Session) {
    session.timed(|mut sampler| async move {
        while let Some(n) = sampler.next() {
            for _ in 0..n {
                let sleeper = tokio::spawn(tokio::time::sleep(Duration::from_secs(3600)));
                tokio::task::yield_now().await;
                sleeper.abort();
                black_box(sleeper.await.is_err());
            }
        }
        sampler
    });
}
