//! How long the phases take.

use std::time::Instant;

use tokio::time::sleep;

use super::*;

#[tokio::test]
async fn the_phases_are_what_the_server_did() {
    let address = serve(|mut socket, _| async move {
        read_head(&mut socket).await;
        sleep(Duration::from_millis(60)).await;
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n").await.unwrap();
        for _ in 0..3 {
            sleep(Duration::from_millis(20)).await;
            socket.write_all(b"x").await.unwrap();
        }
    })
    .await;
    let started = Instant::now();
    let exchange = send(&session(), get(address)).await;
    let elapsed = started.elapsed();
    assert_eq!(outcome(&exchange), "200 \"xxx\"");
    let phases = exchange.phases;
    // The server's timer may fire up to a millisecond early.
    assert!(phases.waiting > Duration::from_millis(55), "{phases:?}");
    assert!(phases.receiving > Duration::from_millis(55), "{phases:?}");
    assert!(phases.connecting > Duration::ZERO && phases.blocked >= phases.connecting, "{phases:?}");
    assert!(phases.blocked + phases.duration() <= elapsed, "{phases:?} of {elapsed:?}");
    assert!(phases.tls_handshaking == Duration::ZERO);
}

#[tokio::test]
async fn an_upload_is_sending() {
    const SIZE: usize = 1 << 20;
    let address = serve(|mut socket, _| async move {
        read_head(&mut socket).await;
        sleep(Duration::from_millis(30)).await;
        socket.read_exact(&mut vec![0; SIZE]).await.unwrap();
        socket.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    })
    .await;
    let mut outgoing = request("POST", format!("http://{address}/"));
    outgoing.body = vec![b'x'; SIZE].into();
    let exchange = send(&session(), outgoing).await;
    assert_eq!(outcome(&exchange), "201 \"\"");
    assert!(exchange.sent > SIZE as u64);
    assert!(exchange.phases.sending > Duration::ZERO, "{:?}", exchange.phases);
}

#[tokio::test]
async fn an_answer_to_half_an_upload_counts() {
    let address = serve(|mut socket, _| async move {
        read_head(&mut socket).await;
        socket.write_all(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig").await.unwrap();
        let mut rest = Vec::new();
        let _ = socket.read_to_end(&mut rest).await;
    })
    .await;
    let mut outgoing = request("POST", format!("http://{address}/"));
    outgoing.body = vec![b'x'; 16 << 20].into();
    let exchange = send(&session(), outgoing).await;
    assert_eq!(outcome(&exchange), "413 \"big\"");
    assert!(exchange.phases.duration() > Duration::ZERO);
}
