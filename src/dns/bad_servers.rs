//! Name servers that fail, are slow, change their mind or answer nonsense.

use std::collections::HashMap;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::CNAME;
use hickory_resolver::proto::rr::{RData, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::time::sleep;

use super::*;

/// What a server does with a query.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Code(ResponseCode),
    /// With their time to live in seconds; the test may change them.
    Addresses(u32, Arc<Mutex<Vec<IpAddr>>>),
    /// The name stands for another.
    Alias(&'static str),
    Silence,
    Late(Duration),
    /// These bytes, behind the query's number.
    Bytes(&'static [u8]),
    /// A good answer to a question that was not asked.
    WrongNumber,
    /// By UDP: too long, ask again by TCP.
    Truncated(Vec<IpAddr>),
}

/// Serves UDP and TCP on one port. Names that are not listed don't exist.
pub(crate) async fn serve(names: HashMap<&'static str, Deed>) -> SocketAddr {
    let names = Arc::new(names);
    // Another process may hold the port in the other protocol.
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            break (Arc::new(udp), tcp);
        }
    };
    let address = udp.local_addr().unwrap();
    let over_tcp = names.clone();
    tokio::spawn(async move {
        let mut buffer = [0; 1024];
        while let Ok((length, peer)) = udp.recv_from(&mut buffer).await {
            let (udp, names, query) = (udp.clone(), names.clone(), buffer[..length].to_vec());
            tokio::spawn(async move {
                if let Some(answer) = answer(&names, &query, false).await {
                    udp.send_to(&answer, peer).await.unwrap();
                }
            });
        }
    });
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = tcp.accept().await {
            let names = over_tcp.clone();
            tokio::spawn(async move {
                while let Ok(length) = socket.read_u16().await {
                    let mut query = vec![0; length.into()];
                    socket.read_exact(&mut query).await.unwrap();
                    let Some(answer) = answer(&names, &query, true).await else { continue };
                    socket.write_u16(answer.len() as u16).await.unwrap();
                    socket.write_all(&answer).await.unwrap();
                }
            });
        }
    });
    address
}

async fn answer(names: &HashMap<&str, Deed>, query: &[u8], tcp: bool) -> Option<Vec<u8>> {
    let question = Message::from_vec(query).unwrap();
    let asked = question.queries[0].clone();
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.metadata.recursion_available = true;
    answer.add_query(asked.clone());
    let name = asked.name().to_string().to_lowercase();
    let add = |answer: &mut Message, ttl: u32, addresses: &[IpAddr]| {
        for address in addresses {
            let data = match (address, asked.query_type()) {
                (IpAddr::V4(address), RecordType::A) => RData::A((*address).into()),
                (IpAddr::V6(address), RecordType::AAAA) => RData::AAAA((*address).into()),
                _ => continue,
            };
            answer.add_answer(Record::from_rdata(asked.name().clone(), ttl, data));
        }
    };
    match names.get(name.trim_end_matches('.')).unwrap_or(&Deed::Code(ResponseCode::NXDomain)) {
        Deed::Code(code) => answer.metadata.response_code = *code,
        Deed::Addresses(ttl, addresses) => add(&mut answer, *ttl, &addresses.lock().unwrap()),
        Deed::Alias(other) => {
            let data = RData::CNAME(CNAME(Name::from_utf8(other).unwrap()));
            answer.add_answer(Record::from_rdata(asked.name().clone(), 60, data));
        }
        Deed::Silence => return None,
        Deed::Late(delay) => {
            sleep(*delay).await;
            add(&mut answer, 60, &ips(&["192.0.2.7"]));
        }
        Deed::Bytes(bytes) => return Some([&query[..2], bytes].concat()),
        Deed::WrongNumber => {
            answer.metadata.id = answer.metadata.id.wrapping_add(1);
            add(&mut answer, 60, &ips(&["192.0.2.66"]));
        }
        Deed::Truncated(addresses) => {
            answer.metadata.truncation = !tcp;
            if tcp {
                add(&mut answer, 60, addresses);
            }
        }
    }
    Some(answer.to_vec().unwrap())
}

pub(crate) fn ips(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn many() -> Vec<IpAddr> {
    (0..500).map(|number: u16| IpAddr::from([192, 0, (number >> 8) as u8, number as u8])).collect()
}

/// A name, what its server does, and what the lookup says.
#[tokio::test]
async fn a_bad_answer_is_no_address() {
    let failed = |cause: &str| format!("was not resolved: {cause}");
    let cases: Vec<(&'static str, Deed, String)> = vec![
        ("unknown.test", Deed::Code(ResponseCode::NXDomain), "no such host: DNS knows no address".into()),
        ("empty.test", Deed::Code(ResponseCode::NoError), "no such host: DNS knows no address".into()),
        (
            "server-failure.test",
            Deed::Code(ResponseCode::ServFail),
            failed("DNS error: error response: Server Failure"),
        ),
        ("refused.test", Deed::Code(ResponseCode::Refused), failed("DNS error: error response: Query Refused")),
        (
            "not-implemented.test",
            Deed::Code(ResponseCode::NotImp),
            failed("DNS error: error response: Not Implemented"),
        ),
        ("to-nowhere.test", Deed::Alias("unknown.test."), "no such host".into()),
    ];
    let server = serve(cases.iter().map(|(name, deed, _)| (*name, deed.clone())).collect()).await;
    for (name, deed, expected) in cases {
        let error = Resolver::asking(server).lookup(name).await.expect_err(name).to_string();
        assert!(error.contains(&expected) && error.contains(name), "{deed:?}: {error}");
    }
}

/// Nothing that can be believed comes: the lookup ends at its limit, and not one after the other.
#[tokio::test]
async fn silence_and_nonsense_end_at_the_limit() {
    let names = HashMap::from([
        ("silent.test", Deed::Silence),
        ("garbage.test", Deed::Bytes(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")),
        ("short.test", Deed::Bytes(b"")),
        // A name that points to itself, for ever.
        ("circle.test", Deed::Bytes(b"\x81\x80\0\x01\0\x01\0\0\0\0\xc0\x0c\0\x01\0\x01")),
        ("forged.test", Deed::WrongNumber),
        ("alias-circle.test", Deed::Alias("alias-circle.test.")),
    ]);
    let all: Vec<&'static str> = names.keys().copied().collect();
    let server = serve(names).await;
    let begun = Instant::now();
    let lookups = all.into_iter().map(|name| async move {
        let resolver = Resolver::asking(server);
        let (first, second) = tokio::join!(resolver.lookup(name), resolver.lookup(name));
        assert!(first.is_err() && first == second, "{name}: {first:?}");
        assert!(resolver.lookup(name).await.is_err(), "{name}: the failure is kept for a moment");
    });
    futures_util::future::join_all(lookups).await;
    assert!(begun.elapsed() < LIMIT + Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_late_answer_and_a_long_one_are_answers() {
    let names = HashMap::from([
        ("late.test", Deed::Late(Duration::from_millis(300))),
        ("long.test", Deed::Truncated(many())),
        ("alias.test", Deed::Alias("late.test.")),
    ]);
    let resolver = Resolver::asking(serve(names).await);
    assert_eq!(resolver.lookup("late.test").await, Ok(ips(&["192.0.2.7"])));
    assert_eq!(resolver.lookup("long.test").await.map(|found| found.len()), Ok(500), "by TCP");
    assert_eq!(resolver.lookup("alias.test").await, Ok(ips(&["192.0.2.7"])));
}

/// A virtual user that gives up must not keep the others from asking.
#[tokio::test]
async fn a_lookup_that_is_dropped_leaves_no_lock_behind() {
    let names = HashMap::from([("late.test", Deed::Late(Duration::from_millis(200)))]);
    let resolver = Resolver::asking(serve(names).await);
    let given_up = tokio::time::timeout(Duration::from_millis(50), resolver.lookup("late.test")).await;
    assert!(given_up.is_err());
    assert_eq!(resolver.lookup("late.test").await, Ok(ips(&["192.0.2.7"])));
}
