//! What a client makes of every kind of answer: a table of bytes and what they mean, held against any codec.
//!
//! Each row is delivered whole, byte by byte and cut in two at every position: the network may cut anywhere, and the
//! outcome must not tell.

mod mutations;
mod rows;
mod server;

use super::*;

use rows::{Case, Next, rows};
use server::{Delivery, Scripted};

/// An outcome without its words, which are the codec's own business: status and body, or class and status.
fn told(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Ok(answer) => format!("{} {}", answer.status.as_u16(), String::from_utf8_lossy(&answer.body)),
        Err(failure) => match failure.status {
            Some(status) => format!("{} {}", failure.class, status.as_u16()),
            None => failure.class.to_string(),
        },
    }
}

thread_local! {
    /// Reading the system's certificates takes longer than a thousand rows: once for each test.
    static CLIENT: Arc<Client> = Client::new(settings()).unwrap();
}

fn session() -> Session {
    Session::new(CLIENT.with(Arc::clone))
}

/// Limits short enough that a codec which waits for bytes that never come is told apart from one that fails.
fn asked(server: &Scripted, method: &str) -> Outgoing {
    let mut outgoing = request(method, format!("http://{}/", server.address));
    outgoing.redirects = 0;
    outgoing.timeout = Duration::from_secs(5);
    outgoing
}

/// Sends the row's request twice in one session. The second one must be answered as the first was, on the connection that
/// the row says.
async fn twice(case: &Case, server: &Scripted, delivery: Delivery) -> Result<(), String> {
    server.restart(delivery);
    let session = session();
    for turn in ["first", "second"] {
        let exchange = send(&session, asked(server, case.method)).await;
        server.delivered().await;
        if told(&exchange) != case.expected {
            let outcome = exchange.outcome.map(|answer| answer.status);
            return Err(format!("{}, {delivery:?}, {turn}: {outcome:?}, not `{}`", case.name, case.expected));
        }
    }
    match (server.connections().as_slice(), case.next) {
        ([0, 0], Next::Same) | ([0, 1], Next::Fresh) => Ok(()),
        (connections, next) => Err(format!("{}, {delivery:?}: connections {connections:?}, not {next:?}", case.name)),
    }
}

/// Holds all of these rows to what they say, delivered in each of these ways, and tells every row that is not.
async fn hold(rows: impl Iterator<Item = Case>, deliveries: impl Fn(&Case) -> Vec<Delivery>) {
    let mut wrong = Vec::new();
    for case in rows {
        let server = Scripted::start(&case).await;
        for delivery in deliveries(&case) {
            if let Err(difference) = twice(&case, &server, delivery).await {
                wrong.push(difference);
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Or else the other tests would prove nothing.
#[tokio::test]
async fn the_pieces_of_an_answer_arrive_one_by_one() {
    let case = rows().into_iter().find(|case| case.name == "a length").unwrap();
    let server = Scripted::start(&case).await;
    for (delivery, expected) in [(Delivery::Whole, 1), (Delivery::Cut(20), 2), (Delivery::Bytes, case.answer.len())] {
        server.restart(delivery);
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        socket.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let (mut reads, mut answer) = (0, Vec::new());
        while answer.len() < case.answer.len() {
            socket.read_buf(&mut answer).await.unwrap();
            reads += 1;
        }
        server.delivered().await;
        assert_eq!(reads, expected, "{delivery:?}");
    }
}

#[tokio::test]
async fn every_answer_means_the_same_whole_and_byte_by_byte() {
    hold(rows().into_iter(), |case| match case.answer.len() {
        0..10_000 => vec![Delivery::Whole, Delivery::Bytes],
        _ => vec![Delivery::Whole],
    })
    .await;
}

#[tokio::test]
async fn every_answer_means_the_same_wherever_it_is_cut() {
    let short = rows().into_iter().filter(|case| case.answer.len() < 400);
    hold(short, |case| (1..case.answer.len()).map(Delivery::Cut).collect()).await;
}

/// The longer rows have too many positions: what matters are the places where a buffer ends.
#[tokio::test]
async fn a_long_answer_means_the_same_in_pieces_of_any_size() {
    let long = rows().into_iter().filter(|case| case.answer.len() >= 400);
    hold(long, |_| [1_000, 4_095, 4_096, 8_191, 8_193, 16_384, 60_000].map(Delivery::Pieces).to_vec()).await;
}
