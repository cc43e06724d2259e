// bench/peers/tokio/src/client.rs: the HTTP client for hyper: client URL REQUESTS CONCURRENCY
use std::cell::Cell;
use std::rc::Rc;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::{StatusCode, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

type Pool = Client<HttpConnector, Empty<Bytes>>;

/// One of those who take requests as long as there are any.
async fn fetch(client: Pool, url: Uri, left: Rc<Cell<usize>>) {
    while left.get() > 0 {
        left.set(left.get() - 1);
        let page = client.get(url.clone()).await.expect("a response");
        assert_eq!(page.status(), StatusCode::OK);
        let body = page.into_body().collect().await.expect("a body").to_bytes();
        assert!(!body.is_empty());
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, url, requests, concurrency] = arguments.as_slice() else {
        eprintln!("usage: client URL REQUESTS CONCURRENCY");
        std::process::exit(2);
    };
    let url: Uri = url.parse().expect("a URL");
    let left = Rc::new(Cell::new(requests.parse().expect("a number of requests")));
    let concurrency: usize = concurrency.parse().expect("a number of requests at once");
    let client: Pool = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build_http();
    let local = tokio::task::LocalSet::new();
    for _ in 0..concurrency {
        local.spawn_local(fetch(client.clone(), url.clone(), left.clone()));
    }
    local.await;
}
