//! The API as a client sees it: real requests to a real server.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::*;

/// A client with the headers of a user.
#[derive(Clone)]
struct Client {
    http: HttpClient<HttpConnector, Body>,
    url: String,
    authorization: Option<&'static str>,
    token: Option<String>,
}

impl Client {
    fn of(server: &Server) -> Client {
        let http = HttpClient::builder(TokioExecutor::new()).build_http();
        Client { http, url: server.url(), authorization: Some("Bearer test::user::token"), token: None }
    }

    async fn send(&self, method: Method, path: &str, body: String) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(authorization) = self.authorization {
            request = request.header("Authorization", authorization);
        }
        if let Some(token) = &self.token {
            request = request.header("User-Token", token);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.http.request(request).await.expect("an answer");
        let status = response.status();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::GET, path, String::new()).await
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.send(Method::POST, path, body.to_string()).await
    }

    /// The same client with a token of the queue, once it is admitted.
    async fn admitted(mut self, user: u64) -> Client {
        let (status, issued) = self.post("/api/v1/queue/token", json!({ "userId": user })).await;
        assert_eq!(status, StatusCode::OK, "{issued}");
        self.token = issued["data"]["token"].as_str().map(str::to_owned);
        while self.get("/api/v1/queue/status").await.1["data"]["position"] != 0 {}
        self
    }
}

async fn start(settings: Settings) -> (Server, Client) {
    let server = serve(settings).await.expect("a free port");
    let client = Client::of(&server);
    (server, client)
}

#[tokio::test]
async fn one_user_buys_one_seat() {
    let (server, client) = start(Settings::default()).await;
    let user = client.admitted(7).await;
    let (status, seats) = user.get("/api/v1/concert-events/50000/available-seats").await;
    assert_eq!((status, seats["list"].as_array().map(Vec::len)), (StatusCode::OK, Some(20)));
    let seat = &seats["list"][3];
    assert_eq!(*seat, json!({ "id": 50_000_000_003u64, "number": 4, "price": 10000.0 }));

    let (status, occupied) = user.post("/api/v1/concert-events/50000/occupy", json!({ "seatId": seat["id"] })).await;
    assert_eq!(status, StatusCode::OK, "{occupied}");
    assert_eq!(occupied["data"]["seatId"], seat["id"]);
    let expires: jiff::Timestamp = occupied["data"]["expiresAt"].as_str().and_then(|t| t.parse().ok()).expect("a time");
    let wait = expires.as_second() - jiff::Timestamp::now().as_second();
    assert!((28..=30).contains(&wait), "held for {wait} s");

    let order = json!({ "occupationId": occupied["data"]["id"] });
    let (status, reserved) = user.post("/api/v1/concert-events/50000/reserve", order.clone()).await;
    assert_eq!(status, StatusCode::OK, "{reserved}");
    assert_eq!(
        reserved.to_string(),
        r#"{"data":{"id":1,"concertEventId":50000,"totalSeats":1,"totalAmount":10000.0,"seats":[{"id":50000000003,"number":4,"price":10000.0}]}}"#
    );
    let (status, _) = user.post("/api/v1/concert-events/50000/reserve", order).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "an occupation serves once");
    assert_eq!(server.shutdown().audit, Audit { reservations: 1, seats_sold: 1, sold_twice: 0 });
}

#[tokio::test]
async fn the_queue_counts_down_to_zero() {
    let (_server, mut client) = start(Settings { admissions_per_second: 2.0, ..Settings::default() }).await;
    let mut positions = Vec::new();
    for user in 1..=4 {
        let (_, issued) = client.post("/api/v1/queue/token", json!({ "userId": user })).await;
        positions.push(issued["data"]["position"].as_u64().expect("a position"));
        client.token = issued["data"]["token"].as_str().map(str::to_owned);
    }
    assert_eq!(positions, [1, 2, 3, 4]);
    let (status, _) = client.get("/api/v1/concert-events/1/available-seats").await;
    assert_eq!(status, StatusCode::FORBIDDEN, "still in the queue");
    let mut seen = Vec::new();
    while seen.last() != Some(&0) {
        let (_, standing) = client.get("/api/v1/queue/status").await;
        assert!(standing["data"]["estimatedWaitingTime"].is_u64(), "{standing}");
        seen.push(standing["data"]["position"].as_u64().expect("a position"));
    }
    assert!(seen.is_sorted_by(|a, b| a >= b) && seen[0] > 0, "{seen:?}");
    let (status, _) = client.get("/api/v1/concert-events/1/available-seats").await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn what_may_be_read_without_a_token() {
    let (_server, mut client) = start(Settings::default()).await;
    client.authorization = None;
    for (path, field) in [
        ("/health", "/status"),
        ("/boards", "/list/19/title"),
        ("/api/v1/concerts", "/list/19/title"),
        ("/api/v1/concerts?page=249&size=20", "/list/19/id"),
        ("/api/v1/concerts/5000/dates", "/list/9/date"),
        ("/api/v1/concerts/5000/dates/50000/seats", "/list/19/available"),
        ("/api/v1/mentors?page=1&size=3", "/list/2/name"),
        ("/api/v1/mentors/1000/header", "/data/rating"),
        ("/api/v1/mentors/1000/intro", "/data/introduction"),
        ("/api/v1/mentors/1000/reviews", "/list/0/stars"),
    ] {
        let (status, body) = client.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        assert!(body.pointer(field).is_some(), "{path}: no {field} in {body}");
    }
}

#[tokio::test]
async fn refused_and_why() {
    let (_server, client) = start(Settings::default()).await;
    let user = client.clone().admitted(1).await;
    let stranger = Client { authorization: None, ..user.clone() };
    let basic = Client { authorization: Some("Basic dGVzdA=="), ..user.clone() };
    let forger = Client { token: Some("AAAA".to_owned()), ..user.clone() };
    let token = "/api/v1/queue/token";
    let event = |path: &str| format!("/api/v1/concert-events/{path}");
    for (who, method, path, body, expected) in [
        (&stranger, Method::POST, token.to_owned(), r#"{"userId":1}"#, 401),
        (&basic, Method::POST, token.to_owned(), r#"{"userId":1}"#, 401),
        (&stranger, Method::GET, "/api/v1/queue/status".to_owned(), "", 401),
        (&stranger, Method::GET, event("1/available-seats"), "", 401),
        (&stranger, Method::PATCH, "/api/v1/mentors/1".to_owned(), r#"{"introduction":"x"}"#, 401),
        (&user, Method::POST, token.to_owned(), "", 400),
        (&user, Method::POST, token.to_owned(), "{", 400),
        (&user, Method::POST, token.to_owned(), r#"{"userId":"1"}"#, 400),
        (&user, Method::POST, token.to_owned(), r#"{"userId":0}"#, 400),
        (&user, Method::POST, token.to_owned(), r#"{"user":1}"#, 400),
        (&client, Method::GET, "/api/v1/queue/status".to_owned(), "", 400),
        (&forger, Method::GET, "/api/v1/queue/status".to_owned(), "", 404),
        (&client, Method::GET, event("1/available-seats"), "", 400),
        (&forger, Method::GET, event("1/available-seats"), "", 404),
        (&user, Method::GET, event("0/available-seats"), "", 404),
        (&user, Method::GET, event("50001/available-seats"), "", 404),
        (&user, Method::GET, event("one/available-seats"), "", 400),
        (&user, Method::POST, event("1/occupy"), r#"{"seatId":1}"#, 404),
        (&user, Method::POST, event("1/occupy"), r#"{"seatId":-1}"#, 400),
        (&user, Method::POST, event("1/reserve"), r#"{"occupationId":1}"#, 404),
        (&user, Method::POST, event("1/reserve"), r#"{}"#, 400),
        (&user, Method::GET, "/api/v1/concerts?page=x".to_owned(), "", 400),
        (&user, Method::GET, "/api/v1/concerts?size=101".to_owned(), "", 400),
        (&user, Method::GET, "/api/v1/concerts/5001/dates".to_owned(), "", 404),
        (&user, Method::GET, "/api/v1/concerts/1/dates/11/seats".to_owned(), "", 404),
        (&user, Method::GET, "/api/v1/mentors/0/intro".to_owned(), "", 404),
        (&user, Method::PUT, "/api/v1/mentees/1001".to_owned(), r#"{"introduction":"x"}"#, 404),
        (&user, Method::PATCH, "/api/v1/mentees/1".to_owned(), r#"{"introduction":1}"#, 400),
        (&user, Method::GET, "/api/v2".to_owned(), "", 404),
        (&user, Method::DELETE, "/boards".to_owned(), "", 405),
    ] {
        let (status, answer) = who.send(method.clone(), &path, body.to_owned()).await;
        assert_eq!(status.as_u16(), expected, "{method} {path} {body}: {answer}");
        assert_eq!(answer["error"]["code"], expected, "{answer}");
    }
}

#[tokio::test]
async fn profiles_are_updated_by_either_method() {
    let (_server, client) = start(Settings::default()).await;
    for (method, path) in [(Method::PATCH, "/api/v1/mentors/3"), (Method::PUT, "/api/v1/mentees/3")] {
        let (status, body) = client.send(method, path, json!({ "introduction": "Hello." }).to_string()).await;
        assert_eq!((status, &body["data"]["introduction"]), (StatusCode::OK, &json!("Hello.")), "{path}");
    }
    assert_eq!(client.get("/api/v1/mentors/3/intro").await.1["data"]["introduction"], "Hello.");
}

#[tokio::test]
async fn of_many_who_want_one_seat_one_gets_it() {
    let (server, client) = start(Settings::default()).await;
    let user = client.admitted(1).await;
    let (_, seats) = user.get("/api/v1/concert-events/9/available-seats").await;
    let wanted = json!({ "seatId": seats["list"][0]["id"] });
    let asking: Vec<_> = (0..64)
        .map(|_| {
            let (user, wanted) = (user.clone(), wanted.clone());
            tokio::spawn(async move { user.post("/api/v1/concert-events/9/occupy", wanted).await.0 })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in asking {
        statuses.push(task.await.expect("no panic"));
    }
    assert_eq!(statuses.iter().filter(|&&status| status == StatusCode::OK).count(), 1);
    assert_eq!(statuses.iter().filter(|&&status| status == StatusCode::CONFLICT).count(), 63);
    assert_eq!(server.audit(), Audit::default(), "holding a seat is not buying it");
}

/// What a buyer took home: seats by id, and conflicts on the way.
async fn buy(user: Client, events: u32, times: u32) -> (Vec<u64>, u32) {
    let (mut bought, mut conflicts) = (Vec::new(), 0);
    for turn in 0..times {
        let event = format!("/api/v1/concert-events/{}", turn % events + 1);
        loop {
            let (_, seats) = user.get(&format!("{event}/available-seats")).await;
            let Some(seat) = seats["list"].get(0) else { continue };
            let (status, occupied) = user.post(&format!("{event}/occupy"), json!({ "seatId": seat["id"] })).await;
            if status == StatusCode::CONFLICT {
                conflicts += 1;
                continue;
            }
            let order = json!({ "occupationId": occupied["data"]["id"] });
            let (status, reserved) = user.post(&format!("{event}/reserve"), order).await;
            match status {
                StatusCode::OK => bought.extend(reserved["data"]["seats"][0]["id"].as_u64()),
                StatusCode::INTERNAL_SERVER_ERROR => {}
                // Expired while this machine was busy: another round.
                _ => continue,
            }
            break;
        }
    }
    (bought, conflicts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_seat_is_sold_twice_under_load() {
    let settings =
        Settings { seats_per_row: 3, fail_rate: 0.05, hold: Duration::from_millis(500), ..Settings::default() };
    let server = Server::spawn_thread(settings).expect("a free port");
    let mut buyers = Vec::new();
    for user in 1..=32 {
        let user = Client::of(&server).admitted(user).await;
        buyers.push(tokio::spawn(buy(user, 4, 4)));
    }
    let (mut bought, mut conflicts) = (Vec::new(), 0);
    for buyer in buyers {
        let (seats, lost) = buyer.await.expect("no panic");
        bought.extend(seats);
        conflicts += lost;
    }
    let stats = server.shutdown();
    let audit = stats.audit;
    assert!(conflicts > 40, "only {conflicts} conflicts: the test proves little");
    assert_eq!(bought.iter().collect::<HashSet<_>>().len(), bought.len(), "a seat was sold twice");
    assert_eq!((audit.seats_sold, audit.reservations), (bought.len() as u64, bought.len() as u64));
    assert!(audit.is_sound(), "{audit:?}");
    assert!((112..128).contains(&bought.len()), "5 % of 128 fail, not {}", 128 - bought.len());
}

#[tokio::test]
async fn no_answer_is_earlier_than_the_time_that_was_drawn_for_it() {
    let settings = Settings::default();
    let server = Server::spawn_thread(settings.clone()).expect("a free port");
    let client = Client::of(&server);
    client.get("/health").await;
    for number in 0..100 {
        let asked = response_time(&settings, Endpoint::Boards, number);
        let start = Instant::now();
        client.get("/boards").await;
        let taken = start.elapsed();
        assert!(taken >= asked, "{number}: asked {asked:?}, taken {taken:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_dropped_frees_its_port() {
    let server = Server::spawn_thread(Settings::default()).expect("a free port");
    let port = server.addr().port();
    Client::of(&server).get("/health").await;
    drop(server);
    let again = Server::spawn_thread(Settings { port, ..Settings::default() }).expect("the port is free again");
    let taken = Server::spawn_thread(Settings { port, ..Settings::default() });
    assert_eq!(taken.err().map(|error| error.kind()), Some(std::io::ErrorKind::AddrInUse));
    drop(again);
}
