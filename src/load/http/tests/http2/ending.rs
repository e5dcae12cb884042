//! No task and no connection outlives its virtual user.

use super::*;

#[tokio::test]
async fn a_session_that_ends_says_goodbye_and_leaves_no_task() {
    let (address, seen) = serve_h2c(streams(100)).await;
    on_worker(async {
        let session = http2();
        send(&session, plain(address, "/")).await.outcome.unwrap();
        drop(session);
    })
    .await;
    seen.until("the connection is closed", |log| log.closed == 1).await;
}

#[tokio::test]
async fn a_request_that_is_cut_off_with_its_session_leaves_no_task() {
    let (address, seen) = serve_h2c(streams(100)).await;
    on_worker(async {
        let session = http2();
        cut_off(&session, plain(address, "/never"), &seen).await;
        drop(session);
    })
    .await;
    seen.until("the connection is closed", |log| log.closed == 1).await;
}

#[tokio::test]
async fn a_server_that_reads_nothing_keeps_no_task_alive() {
    let address = serve(|socket, _| async move {
        std::future::pending::<()>().await;
        drop(socket);
    })
    .await;
    on_worker(async {
        let mut outgoing = request("POST", format!("http://{address}/"));
        outgoing.body = vec![b'x'; 16 << 20].into();
        let told = outcome(&send(&http2(), within(100, outgoing)).await);
        assert_eq!(told, "timeout: the request was not sent within 0.1 s");
    })
    .await;
}

#[tokio::test]
async fn a_request_under_way_outlives_the_iteration_that_lets_go_of_its_connection() {
    let (address, seen) = serve_h2c(streams(100)).await;
    on_worker(async {
        let session =
            Rc::new(session_with(ClientSettings { no_vu_connection_reuse: true, ..speaking(HttpVersion::Two) }));
        let (exchange, ()) = tokio::join!(send(&session, plain(address, "/slow")), async {
            seen.until("the request is there", |log| log.requests.len() == 1).await;
            session.end_iteration();
        });
        assert_eq!(outcome(&exchange), "200 \"seat\"");
        seen.until("the connection is closed", |log| log.closed == 1).await;
    })
    .await;
}
