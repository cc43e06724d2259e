// bench/peers/tokio/src/measure.rs: the command line, the clocks, the samples: as bench/common/session.hpp does it.
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::Future;

/// Counts what is asked of the global allocator on each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn time_of(clock: libc::clockid_t) -> i64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(clock, &mut now) };
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

pub fn processor_time() -> i64 {
    time_of(libc::CLOCK_PROCESS_CPUTIME_ID)
}

pub fn wall_time() -> i64 {
    time_of(libc::CLOCK_MONOTONIC)
}

pub fn peak_memory() -> i64 {
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut used) };
    used.ru_maxrss * 1024
}

const SAMPLES: usize = 10;

/// How often a case is repeated, and how long that took.
pub struct Sampler {
    seconds: f64,
    count: u64,
    each: f64,
    wall_clock: bool,
    running: bool,
    reached: bool,
    calibrated: bool,
    spent: f64,
    last: f64,
    allocations_before: u64,
    allocations_each: f64,
    begun: i64,
    samples: Vec<f64>,
}

impl Sampler {
    pub fn new(seconds: f64) -> Self {
        Sampler {
            seconds,
            count: 0,
            each: 1.0,
            wall_clock: false,
            running: false,
            reached: false,
            calibrated: false,
            spent: 0.0,
            last: 0.0,
            allocations_before: 0,
            allocations_each: 0.0,
            begun: 0,
            samples: Vec::with_capacity(SAMPLES * 2),
        }
    }

    pub fn each_is(&mut self, operations: f64) {
        self.each = operations;
    }

    pub fn use_wall_clock(&mut self) {
        self.wall_clock = true;
    }

    fn time(&self) -> i64 {
        if self.wall_clock { wall_time() } else { processor_time() }
    }

    fn end(&mut self) {
        if !std::mem::take(&mut self.running) {
            return;
        }
        self.last = (self.time() - self.begun) as f64 * 1e-9;
        let allocations = ALLOCATIONS.with(Cell::get) - self.allocations_before;
        self.allocations_each = allocations as f64 / self.count as f64;
        if self.calibrated {
            self.spent += self.last;
            self.samples.push(self.last * 1e9 / self.count as f64);
        }
    }

    /// Ends the sample that runs and begins the next: how many repetitions; none when there are enough.
    pub fn next(&mut self) -> Option<u64> {
        self.end();
        if self.count == 0 {
            self.count = 1;
        } else if !self.calibrated {
            let wanted = self.seconds / SAMPLES as f64;
            let reached_before = std::mem::replace(&mut self.reached, self.last > wanted / 2.0);
            if self.reached {
                self.calibrated = reached_before;
            } else {
                self.count = (self.count as f64 * (wanted / self.last).min(10.0)) as u64 + 1;
            }
        }
        if self.spent >= self.seconds || self.samples.len() >= SAMPLES * 2 {
            return None;
        }
        self.allocations_before = ALLOCATIONS.with(Cell::get);
        self.running = true;
        self.begun = self.time();
        Some(self.count)
    }
}

pub type Case = (&'static str, fn(&Session));

pub struct Session {
    who: &'static str,
    case: std::cell::RefCell<String>,
    pub seconds: f64,
}

impl Session {
    pub fn run(who: &'static str, cases: &[Case]) -> i32 {
        let mut session = Session { who, case: Default::default(), seconds: 0.5 };
        let (mut list, mut wanted) = (false, Vec::new());
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--list" => list = true,
                "--seconds" => session.seconds = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(0.5),
                name if cases.iter().any(|(known, _)| *known == name) => wanted.push(argument),
                _ => {
                    eprintln!("usage: micro [--list] [--seconds S] [CASE...]");
                    return 2;
                }
            }
        }
        for (name, case) in cases {
            if list {
                println!("{name}");
            } else if wanted.is_empty() || wanted.iter().any(|w| w == name) {
                session.case.replace(name.to_string());
                case(&session);
            }
        }
        0
    }

    /// Runs a future that repeats something, on a runtime of this thread, and reports what one repetition takes.
    pub fn timed<F: Future<Output = Sampler>>(&self, body: impl FnOnce(Sampler) -> F) {
        let sampler = runtime().block_on(body(Sampler::new(self.seconds)));
        let mut samples = sampler.samples.clone();
        samples.sort_by(f64::total_cmp);
        let middle = samples.len() / 2;
        let median = if samples.len() % 2 == 1 { samples[middle] } else { (samples[middle - 1] + samples[middle]) / 2.0 };
        let extra = [
            ("allocations", sampler.allocations_each / sampler.each),
            ("least", samples[0] / sampler.each),
            ("most", samples[samples.len() - 1] / sampler.each),
        ];
        self.report(&self.case.borrow(), median / sampler.each, "ns", &extra);
    }

    pub fn report(&self, what: &str, value: f64, unit: &str, extra: &[(&str, f64)]) {
        print!(r#"{{"what": "{what}", "who": "{}", "value": {value}, "unit": "{unit}""#, self.who);
        for (name, value) in extra {
            print!(r#", "{name}": {value}"#);
        }
        println!("}}");
    }

    pub fn report_delays(&self, what: &str, mut delays: Vec<i64>) {
        delays.sort();
        let at = |share: f64| delays[((share * delays.len() as f64) as usize).min(delays.len() - 1)] as f64 / 1000.0;
        self.report(what, at(0.5), "us", &[("p99", at(0.99)), ("least", at(0.0))]);
    }
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}
