//! Targets that speak HTTP/2.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use bytes::Bytes;
use h2::server;
use http::Response;
use serde_json::{Value, json};

use crate::gate::Folder;
use crate::servers::{LATENCY, Server};

const PLAN: &str = "\
version: 1
name: streams
target: { httpVersion: 2, ready: { get: /health, within: 5s } }
scenarios:
  load:
    executor: per-vu-iterations
    vus: 3
    iterations: 20
    steps:
      - all: [{ get: /a }, { get: /b }, { get: /c }]
thresholds: { http_req_failed: [\"rate==0\"] }
";

#[test]
fn requests_at_once_share_one_connection_of_their_virtual_user() {
    let (target, connections) = prior_knowledge();
    let folder = Folder::with_plan(PLAN);
    folder.measure(&target, &["--workers", "1"]).expect(0, &["pass: ", "GET /a", "GET /b", "GET /c"]);
    // One of readiness, one of the trial, and those of the load.
    assert_eq!(connections.load(Ordering::Relaxed), 1 + 1 + 3);
    let measurement: Value = serde_json::from_str(&folder.read("loadgate-measurement.json")).expect("JSON");
    assert_eq!(measurement["candidate"]["contract"]["spoken"], json!(["2"]));
}

#[test]
fn a_plan_that_insists_on_http_2_is_told_what_the_server_speaks() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(&PLAN.replace(", ready: { get: /health, within: 5s }", ""));
    let ended = folder.run(&["run", "--target", &server.url(), "--comment", "never"]);
    ended.expect(4, &["no answer (protocol)", "answers in HTTP/1", "leave target.httpVersion out"]);
}

/// A server on loopback that expects HTTP/2 at once, and the number of its connections.
fn prior_knowledge() -> (String, Arc<AtomicU64>) {
    let connections = Arc::new(AtomicU64::new(0));
    let count = connections.clone();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a socket");
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            while let Ok((socket, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    let Ok(mut connection) = server::handshake(socket).await else { return };
                    while let Some(Ok((_, mut respond))) = connection.accept().await {
                        tokio::spawn(async move {
                            tokio::time::sleep(LATENCY).await;
                            if let Ok(mut body) = respond.send_response(Response::new(()), false) {
                                let _ = body.send_data(Bytes::from_static(b"{}"), true);
                            }
                        });
                    }
                });
            }
        });
    });
    (format!("http://{address}"), connections)
}
