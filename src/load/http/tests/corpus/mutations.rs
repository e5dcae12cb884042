//! Answers that were good until something happened to their bytes.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use tokio::runtime::Builder;

use crate::measurement::ErrorClass;

use super::rows::{Case, Next, Then, rows};
use super::server::{Delivery, Scripted};
use super::*;

/// One accident. Places are indices into whatever the bytes are by then.
#[derive(Clone, Debug)]
enum Accident {
    Flip(Index, u8),
    Remove(Index, usize),
    Repeat(Index, usize),
    Insert(Index, &'static [u8]),
    Truncate(Index),
}

/// What breaks parsers: signs, separators, numbers at the edges.
const SPLINTERS: [&[u8]; 20] = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b" ",
    b"\t",
    b":",
    b";",
    b",",
    b"-1",
    b"0",
    b"ffffffffffffffff",
    b"99999999999999999999",
    b"chunked",
    b"HTTP/1.1 100 \r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"Content-Length: 1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\xff",
];

fn accident() -> impl Strategy<Value = Accident> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(place, byte)| Accident::Flip(place, byte)),
        (any::<Index>(), 1..20_usize).prop_map(|(place, length)| Accident::Remove(place, length)),
        (any::<Index>(), 1..40_usize).prop_map(|(place, length)| Accident::Repeat(place, length)),
        (any::<Index>(), select(&SPLINTERS[..])).prop_map(|(place, splinter)| Accident::Insert(place, splinter)),
        any::<Index>().prop_map(Accident::Truncate),
    ]
}

impl Accident {
    fn happen(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self {
            Accident::Flip(place, byte) => {
                let place = place.index(bytes.len());
                bytes[place] ^= byte;
            }
            Accident::Remove(place, length) => {
                let from = place.index(bytes.len());
                bytes.drain(from..(from + length).min(bytes.len()));
            }
            Accident::Repeat(place, length) => {
                let from = place.index(bytes.len());
                let again = bytes[from..(from + length).min(bytes.len())].to_vec();
                bytes.splice(from..from, again);
            }
            Accident::Insert(place, splinter) => {
                let at = place.index(bytes.len());
                bytes.splice(at..at, splinter.iter().copied());
            }
            Accident::Truncate(place) => bytes.truncate(place.index(bytes.len())),
        }
    }
}

/// Method and answer of the rows that are short enough to be hit where it hurts.
fn short_rows() -> Vec<(&'static str, Vec<u8>)> {
    let short = rows().into_iter().filter(|case| case.answer.len() < 1_000);
    short.map(|case| (case.method, case.answer)).collect()
}

/// The bytes and the place of a cut: an answer or a failure of the server's side within the limit, the same in both
/// deliveries. The server closes, so a codec that waits for more waits for nothing.
async fn outcome_of(method: &'static str, answer: Vec<u8>, cut: usize) -> Result<(), TestCaseError> {
    let case = Case { name: "mutation", method, answer, then: Then::Close, expected: "", next: Next::Fresh };
    let server = Scripted::start(&case).await;
    let mut outcomes = Vec::new();
    for delivery in [Delivery::Whole, Delivery::Cut(cut)] {
        server.restart(delivery);
        let exchange = send(&session(), asked(&server, method)).await;
        if let Err(failure) = &exchange.outcome {
            let of_the_server = matches!(failure.class, ErrorClass::Reset | ErrorClass::Protocol | ErrorClass::Body);
            prop_assert!(of_the_server, "{failure:?}");
        }
        // A head that is both wrong and cut short may fail by what is seen first.
        outcomes.push(match told(&exchange) {
            told if told == "reset" || told == "protocol" => "no head".to_owned(),
            told => told,
        });
    }
    prop_assert_eq!(&outcomes[0], &outcomes[1], "cut at {} of {:?}", cut, String::from_utf8_lossy(&case.answer));
    Ok(())
}

/// The same cases each time, unless `PROPTEST_RNG_SEED` and `PROPTEST_CASES` ask for others.
fn configuration() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let rng_seed = if asked.rng_seed == RngSeed::Random { RngSeed::Fixed(7) } else { asked.rng_seed };
    let cases = std::env::var("PROPTEST_CASES").map_or(1_500, |_| asked.cases);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(configuration())]

    #[test]
    fn a_mutated_answer_is_an_answer_or_a_failure_and_the_same_wherever_it_is_cut(
        row in select(short_rows()),
        accidents in proptest::collection::vec(accident(), 1..5),
        cut in any::<Index>(),
    ) {
        let (method, mut answer) = row;
        accidents.iter().for_each(|accident| accident.happen(&mut answer));
        let cut = cut.index(answer.len() + 1);
        // The server ends with its runtime.
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(outcome_of(method, answer, cut))?;
    }
}
