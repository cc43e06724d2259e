// bench/peers/tokio/src/waits.rs: locks, channels, notifications, timers, sleepers, threads.
use std::future::Future;
use std::hint::black_box;
use std::pin::{pin, Pin};
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::sync::{mpsc, Mutex, Notify};
use tokio::time::{sleep, Sleep};

use crate::measure::{peak_memory, processor_time, runtime, wall_time, Sampler, Session};

const MILLION: u64 = 1_000_000;
const SLEEP_MILLISECONDS: u64 = 2_000;
const SLEEP_SPREAD_MILLISECONDS: u64 = 500;
const POST_PAUSE_MICROSECONDS: u64 = 100;
const POSTS_PER_PRODUCER: u64 = 200_000;
const PRODUCERS: u64 = 2;

fn sleep_of(i: u64) -> Duration {
    Duration::from_millis(SLEEP_MILLISECONDS + i * 7919 % SLEEP_SPREAD_MILLISECONDS)
}

fn timer_of(i: u64) -> Duration {
    Duration::from_secs(60 + i * 7919 % 7140)
}

pub fn lock_free_mutex(session: &Session) {
    session.timed(|mut sampler| async move {
        let mutex = Mutex::new(0_u64);
        while let Some(n) = sampler.next() {
            for _ in 0..n {
                *black_box(mutex.lock().await) += 1;
            }
        }
        sampler
    });
}

pub fn channel_ping_pong(session: &Session) {
    session.timed(|mut sampler| async move {
        sampler.each_is(2.0);
        while let Some(n) = sampler.next() {
            let (to_other, mut from_here) = mpsc::channel::<u64>(1);
            let (to_here, mut from_other) = mpsc::channel::<u64>(1);
            let other = tokio::spawn(async move {
                while let Some(message) = from_here.recv().await {
                    to_here.send(message).await.expect("the other end is there");
                }
            });
            for i in 0..n {
                to_other.send(i).await.expect("the other end is there");
                black_box(from_other.recv().await);
            }
            drop(to_other);
            other.await.expect("it doesn't panic");
        }
        sampler
    });
}

pub fn event_wake(session: &Session) {
    session.timed(|mut sampler| async move {
        sampler.each_is(2.0);
        let (asked, answered) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        while let Some(n) = sampler.next() {
            let (theirs_asked, theirs_answered) = (asked.clone(), answered.clone());
            let other = tokio::spawn(async move {
                for _ in 0..n {
                    theirs_asked.notified().await;
                    theirs_answered.notify_one();
                }
            });
            for _ in 0..n {
                asked.notify_one();
                answered.notified().await;
            }
            other.await.expect("it doesn't panic");
        }
        sampler
    });
}

/// A Sleep is in the wheel once it has been polled; dropping it takes it out.
fn set(timer: Pin<&mut Sleep>) {
    let mut context = Context::from_waker(Waker::noop());
    assert!(timer.poll(&mut context).is_pending());
}

fn timer_among(session: &Session, live: u64) {
    session.timed(|mut sampler: Sampler| async move {
        let mut others: Vec<Pin<Box<Sleep>>> = (0..live).map(|i| Box::pin(sleep(timer_of(i)))).collect();
        for other in &mut others {
            set(other.as_mut());
        }
        while let Some(n) = sampler.next() {
            for i in 0..n {
                let timeout = pin!(sleep(timer_of(i)));
                set(timeout);
            }
            // A runtime that is never left would not serve its timers.
            tokio::task::yield_now().await;
        }
        sampler
    });
}

pub fn timer_among_one(session: &Session) {
    timer_among(session, 1);
}

pub fn timer_among_many(session: &Session) {
    timer_among(session, 10_000);
}

pub fn timer_among_a_million(session: &Session) {
    timer_among(session, MILLION);
}

pub fn sleepers(session: &Session) {
    let (memory, begin) = (peak_memory(), processor_time());
    runtime().block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for i in 0..MILLION {
            tasks.spawn(sleep(sleep_of(i)));
        }
        tasks.join_all().await;
    });
    let count = MILLION as f64;
    session.report("sleepers_cpu", (processor_time() - begin) as f64 / count, "ns", &[("count", count)]);
    session.report("sleepers_memory", (peak_memory() - memory) as f64 / count, "bytes", &[("count", count)]);
}

pub fn post_latency(session: &Session) {
    let posts = ((session.seconds * 1e6 / (POST_PAUSE_MICROSECONDS + 100) as f64) as usize).max(100);
    let (sender, mut receiver) = mpsc::unbounded_channel::<i64>();
    let thread = std::thread::spawn(move || {
        for _ in 0..posts {
            std::thread::sleep(Duration::from_micros(POST_PAUSE_MICROSECONDS));
            sender.send(wall_time()).expect("the loop is there");
        }
    });
    let delays = runtime().block_on(async move {
        let mut delays = Vec::with_capacity(posts);
        while let Some(sent) = receiver.recv().await {
            delays.push(wall_time() - sent);
        }
        delays
    });
    thread.join().expect("it doesn't panic");
    session.report_delays("post_latency", delays);
}

pub fn post_throughput(session: &Session) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<u64>();
    let begin = wall_time();
    let threads: Vec<_> = (0..PRODUCERS)
        .map(|_| {
            let sender = sender.clone();
            std::thread::spawn(move || (0..POSTS_PER_PRODUCER).for_each(|i| sender.send(i).expect("the loop is there")))
        })
        .collect();
    drop(sender);
    let received = runtime().block_on(async move {
        let mut received = 0_u64;
        while receiver.recv().await.is_some() {
            received += 1;
        }
        received
    });
    let seconds = (wall_time() - begin) as f64 * 1e-9;
    threads.into_iter().for_each(|thread| thread.join().expect("it doesn't panic"));
    session.report("post_throughput", received as f64 / seconds, "posts/s", &[]);
}

pub fn thread_round_trip(session: &Session) {
    session.timed(|mut sampler| async move {
        sampler.use_wall_clock();
        let mut counted = 0_u64;
        while let Some(n) = sampler.next() {
            for _ in 0..n {
                counted = tokio::task::spawn_blocking(move || counted + 1).await.expect("it doesn't panic");
            }
        }
        black_box(counted);
        sampler
    });
}
