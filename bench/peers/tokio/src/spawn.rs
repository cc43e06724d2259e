// bench/peers/tokio/src/spawn.rs: processes with Tokio: spawn COUNT AT_ONCE MEBIBYTES
use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use tokio::process::Command;

/// One of those who start processes as long as there are any.
async fn start_some(left: Rc<Cell<usize>>) {
    while left.get() > 0 {
        left.set(left.get() - 1);
        let echo = Command::new("/bin/echo").arg("hello").output().await.expect("a process");
        assert!(echo.status.success() && echo.stdout == b"hello\n");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).map(|word| word.parse().expect("a number")).collect();
    let [count, at_once, mebibytes] = numbers[..] else {
        eprintln!("usage: spawn COUNT AT_ONCE MEBIBYTES");
        std::process::exit(2);
    };
    let ballast = std::hint::black_box(vec![b'x'; mebibytes << 20]);
    let left = Rc::new(Cell::new(count));
    let begin = Instant::now();
    let local = tokio::task::LocalSet::new();
    for _ in 0..at_once {
        local.spawn_local(start_some(left.clone()));
    }
    local.await;
    println!("{:.6}", begin.elapsed().as_secs_f64());
    drop(std::hint::black_box(ballast));
}
