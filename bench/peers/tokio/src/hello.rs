// bench/peers/tokio/src/hello.rs: hello, after a sleep.
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tokio::time::sleep(Duration::from_millis(10)).await;
    println!("hello");
}
