//! Redirects and cookies.

use http::header::AUTHORIZATION;
use url::Url;

use crate::measurement::ErrorClass;

use super::*;

/// Answers each path with its own head; the body is the path.
async fn serve_paths(paths: &'static [(&'static str, &'static str)]) -> (SocketAddr, Requests) {
    let requests = Requests::default();
    let seen = requests.clone();
    let address = serve(move |mut socket, number| {
        let seen = seen.clone();
        async move {
            while let Some(head) = read_head(&mut socket).await {
                let path = head.split(' ').nth(1).unwrap().to_owned();
                let length =
                    head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                socket.read_exact(&mut vec![0; length.unwrap_or(0)]).await.unwrap();
                seen.push(number, head);
                let (_, answer) = paths.iter().find(|(known, _)| *known == path).expect("a known path");
                let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: {}\r\n\r\n{path}", path.len());
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    (address, requests)
}

/// Method and path of each exchange, and what came back.
fn outcomes(first: &Outgoing, exchanges: &[Exchange]) -> Vec<String> {
    exchanges
        .iter()
        .map(|exchange| {
            let mark = if exchange.redirected { " ->" } else { "" };
            let (method, url) =
                exchange.hop.as_ref().map_or((&first.method, &first.url), |hop| (&hop.method, &hop.url));
            format!("{method} {} {}{mark}", url.path(), outcome(exchange))
        })
        .collect()
}

fn last(exchanges: &[Exchange]) -> &Exchange {
    exchanges.last().expect("every request has an exchange")
}

#[tokio::test]
async fn every_hop_is_an_exchange() {
    let (address, requests) = serve_paths(&[
        ("/order", "303 See Other\r\nLocation: /orders/7"),
        ("/orders/7", "302 Found\r\nLocation: orders?id=7"),
        ("/orders/orders?id=7", "200 OK"),
    ])
    .await;
    let mut outgoing = request("POST", format!("http://{address}/order"));
    outgoing.body = Bytes::from_static(b"seat");
    let exchanges = send_all(&session(), outgoing.clone()).await;
    assert_eq!(
        outcomes(&outgoing, &exchanges),
        [
            "POST /order 303 \"/order\" ->",
            "GET /orders/7 302 \"/orders/7\" ->",
            "GET /orders/orders 200 \"/orders/orders?id=7\"",
        ]
    );
    assert_eq!(requests.header(0, "content-length").as_deref(), Some("4"));
    assert_eq!(requests.header(1, "content-length"), None);
    assert_eq!(requests.connections(), [0, 0, 0]);
    for (index, exchange) in exchanges.iter().enumerate() {
        assert!(exchange.sent >= requests.head(index).len() as u64 && exchange.received > 0);
        assert!(exchange.phases.duration() > Duration::ZERO);
    }
}

#[tokio::test]
async fn method_and_body_survive_307() {
    let (address, requests) = serve_paths(&[("/old", "307 Moved\r\nLocation: /new"), ("/new", "201 Created")]).await;
    let mut outgoing = request("PUT", format!("http://{address}/old"));
    outgoing.body = Bytes::from_static(b"seat");
    let exchanges = send_all(&session(), outgoing.clone()).await;
    assert_eq!(outcomes(&outgoing, &exchanges), ["PUT /old 307 \"/old\" ->", "PUT /new 201 \"/new\""]);
    assert_eq!(requests.header(1, "content-length").as_deref(), Some("4"));
}

#[tokio::test]
async fn the_last_redirect_is_the_answer_when_they_are_used_up() {
    let (address, requests) = serve_paths(&[("/loop", "302 Found\r\nLocation: /loop")]).await;
    for (redirects, sent) in [(0, 1), (10, 11)] {
        let before = requests.connections().len();
        let mut outgoing = request("GET", format!("http://{address}/loop"));
        outgoing.redirects = redirects;
        let exchanges = send_all(&session(), outgoing).await;
        assert_eq!(exchanges.len(), redirects as usize + 1);
        assert_eq!(outcome(last(&exchanges)), "302 \"/loop\"");
        assert_eq!(requests.connections().len() - before, sent);
    }
}

#[tokio::test]
async fn a_redirect_without_a_place_is_the_answer_and_to_no_url_a_failure() {
    let (address, _) =
        serve_paths(&[("/nowhere", "302 Found"), ("/broken", "302 Found\r\nLocation: http://[broken")]).await;
    let session = session();
    let exchange = send(&session, request("GET", format!("http://{address}/nowhere"))).await;
    assert_eq!(outcome(&exchange), "302 \"/nowhere\"");
    let exchange = send(&session, request("GET", format!("http://{address}/broken"))).await;
    assert!(outcome(&exchange).starts_with("protocol 302: the redirect leads to no URL: "), "{}", outcome(&exchange));
}

#[tokio::test]
async fn no_other_host_is_touched() {
    let (address, requests) = serve_paths(&[
        ("/away", "302 Found\r\nLocation: https://login.example/?to=secret"),
        ("/app", "302 Found\r\nLocation: myapp://callback"),
    ])
    .await;
    let session = session();
    let ours = |url: &Url| url.host_str() == Some("127.0.0.1");
    for (path, expected) in [
        ("away", "host: `login.example` is neither the target nor one of target.allowedHosts: not sent"),
        ("app", "host: `myapp://callback` is neither http nor https: not sent"),
    ] {
        let outgoing = request("GET", format!("http://{address}/{path}"));
        let exchanges = send_to(&session, outgoing, &ours).await;
        assert_eq!(exchanges.len(), 2);
        let last = last(&exchanges);
        assert_eq!(outcome(last), expected);
        assert_eq!((last.sent, last.phases.duration()), (0, Duration::ZERO));
    }
    let exchanges = send_to(&session, request("GET", "http://elsewhere.example/"), &ours).await;
    assert_eq!(last(&exchanges).outcome.as_ref().unwrap_err().class, ErrorClass::Host);
    assert_eq!(requests.connections(), [0, 0]);
}

/// From home to a friend and back: the friend sees neither the origin's headers nor the secrets, home sees its own again.
#[tokio::test]
async fn headers_of_the_origin_stay_with_it() {
    let (home, home_requests) = serve_always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false).await;
    let (friend, friend_requests) =
        serve_always(format!("HTTP/1.1 302 Found\r\nLocation: http://{home}/back\r\nContent-Length: 0\r\n\r\n"), false)
            .await;
    let (start, start_requests) =
        serve_always(format!("HTTP/1.1 302 Found\r\nLocation: http://{friend}/\r\nContent-Length: 0\r\n\r\n"), false)
            .await;
    let mut outgoing = get(start);
    outgoing.headers.insert(AUTHORIZATION, "Bearer token".parse().unwrap());
    outgoing.headers.insert("x-trace", "7".parse().unwrap());
    outgoing.origin_headers.insert("x-bypass", "secret".parse().unwrap());
    assert_eq!(outcome(last(&send_all(&session(), outgoing).await)), "200 \"\"");
    for (requests, index, secrets) in
        [(&start_requests, 0, true), (&friend_requests, 0, false), (&home_requests, 0, false)]
    {
        assert_eq!(requests.header(index, "authorization").is_some(), secrets);
        assert_eq!(requests.header(index, "x-bypass").is_some(), secrets);
        assert!(requests.header(index, "x-trace").is_some());
    }
}

#[tokio::test]
async fn headers_of_the_origin_come_back_home() {
    let home = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = home.local_addr().unwrap();
    let back = format!("HTTP/1.1 302 Found\r\nLocation: http://{address}/back\r\nContent-Length: 0\r\n\r\n");
    let (friend, _) = serve_always(back, false).await;
    let requests = Requests::default();
    let seen = requests.clone();
    tokio::spawn(async move {
        let (mut socket, _) = home.accept().await.unwrap();
        while let Some(head) = read_head(&mut socket).await {
            let answer = if head.starts_with("GET /back") {
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned()
            } else {
                format!("HTTP/1.1 302 Found\r\nLocation: http://{friend}/\r\nContent-Length: 0\r\n\r\n")
            };
            seen.push(0, head);
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let mut outgoing = get(address);
    outgoing.headers.insert(AUTHORIZATION, "Bearer token".parse().unwrap());
    outgoing.origin_headers.insert("x-bypass", "secret".parse().unwrap());
    assert_eq!(outcome(last(&send_all(&session(), outgoing).await)), "200 \"\"");
    assert_eq!(requests.header(1, "x-bypass").as_deref(), Some("secret"));
    assert_eq!(requests.header(1, "authorization"), None, "once dropped, it stays dropped");
}

#[tokio::test]
async fn one_time_limit_covers_all_hops() {
    let address = serve(|mut socket, _| async move {
        while read_head(&mut socket).await.is_some() {
            tokio::time::sleep(Duration::from_millis(60)).await;
            let answer = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    })
    .await;
    let mut outgoing = get(address);
    outgoing.timeout = Duration::from_millis(200);
    let exchanges = send_all(&session(), outgoing).await;
    assert_eq!(last(&exchanges).outcome.as_ref().unwrap_err().class, ErrorClass::Timeout);
    assert!(exchanges.len() <= 4, "{}", exchanges.len());
}

#[tokio::test]
async fn cookies_last_for_an_iteration() {
    let (address, requests) = serve_paths(&[
        ("/login", "302 Found\r\nLocation: /home\r\nSet-Cookie: session=7; Path=/; HttpOnly"),
        ("/home", "200 OK\r\nSet-Cookie: seen=1; Path=/home"),
    ])
    .await;
    let session = session();
    let url = |path: &str| format!("http://{address}{path}");
    send_all(&session, request("GET", url("/login"))).await;
    let mut own = request("GET", url("/home"));
    own.headers.insert("cookie", "mine=2".parse().unwrap());
    send(&session, own).await;
    let mut without = request("GET", url("/home"));
    without.cookies = false;
    send(&session, without).await;
    session.end_iteration();
    send(&session, request("GET", url("/home"))).await;
    let cookies: Vec<_> = (0..5).map(|index| requests.header(index, "cookie").unwrap_or_default()).collect();
    assert_eq!(cookies, ["", "session=7", "mine=2; seen=1; session=7", "", ""]);
}
