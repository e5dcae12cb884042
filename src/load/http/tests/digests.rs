//! Digest authentication against a server that checks each proof by itself.

use md5::{Digest, Md5};

use super::*;
use crate::load::http::Credentials;

fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The value of a parameter of an `Authorization` header.
fn parameter<'a>(authorization: &'a str, name: &str) -> &'a str {
    let part = authorization.trim_start_matches("Digest ").split(", ").find_map(|part| part.strip_prefix(name));
    part.and_then(|value| value.strip_prefix('=')).unwrap_or_default().trim_matches('"')
}

/// Lets in mary, whose password is `pu`: each nonce for so many requests, in the order of their counts.
async fn serve_digest(uses: u32, extra: &'static str) -> (SocketAddr, Requests) {
    let requests = Requests::default();
    let seen = requests.clone();
    let nonces = Arc::new(Mutex::new((0, 0)));
    let address = serve(move |mut socket, number| {
        let (seen, nonces) = (seen.clone(), nonces.clone());
        async move {
            while let Some(head) = read_head(&mut socket).await {
                seen.push(number, head.clone());
                let authorization = head.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or_default();
                let mut line = head.split(' ');
                let (method, uri) = (line.next().unwrap(), line.next().unwrap());
                let of = |name| parameter(authorization, name);
                let answer = {
                    let mut nonces = nonces.lock().unwrap();
                    let (nonce, used) = *nonces;
                    let ours = of("nonce") == format!("n{nonce}");
                    let secret = md5("mary:shop:pu");
                    let expected = [&secret, of("nonce"), of("nc"), of("cnonce"), "auth", &md5(&format!("{method}:{uri}"))];
                    let proved = of("response") == md5(&expected.join(":")) && of("uri") == uri && of("qop") == "auth";
                    let counted = u32::from_str_radix(of("nc"), 16) == Ok(used + 1);
                    if ours && proved && counted && used < uses {
                        nonces.1 += 1;
                        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nseat".to_owned()
                    } else {
                        *nonces = (nonce + 1, 0);
                        let stale = if proved && used >= uses { ", stale=true" } else { "" };
                        format!(
                            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nWWW-Authenticate: Digest realm=\"shop\", \
                             nonce=\"n{}\", qop=\"auth\"{stale}{extra}\r\n\r\nno",
                            nonce + 1
                        )
                    }
                };
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    (address, requests)
}

fn proving(mut outgoing: Outgoing, password: &str) -> Outgoing {
    outgoing.digest = Credentials::new("mary".to_owned(), password.to_owned()).map(Arc::new);
    outgoing
}

async fn statuses(session: &Session, outgoing: &Outgoing) -> Vec<u16> {
    let exchanges = send_all(session, outgoing.clone()).await;
    exchanges.iter().map(|exchange| exchange.outcome.as_ref().unwrap().status.as_u16()).collect()
}

#[tokio::test]
async fn a_challenge_is_answered_once_for_many_requests() {
    let (address, requests) = serve_digest(3, "").await;
    let session = session();
    let outgoing = proving(request("GET", format!("http://{address}/cart?x=1")), "pu");
    assert_eq!(statuses(&session, &outgoing).await, [401, 200], "as a newcomer");
    assert!(requests.header(0, "authorization").is_none());
    for _ in 0..2 {
        assert_eq!(statuses(&session, &outgoing).await, [200], "by the same nonce");
    }
    assert_eq!(statuses(&session, &outgoing).await, [401, 200], "the nonce is stale");
    session.end_iteration();
    assert_eq!(statuses(&session, &outgoing).await, [200], "nonces outlive iterations, as connections do");
    let mut post = request("POST", format!("http://{address}/cart"));
    post.body = Bytes::new();
    assert_eq!(statuses(&session, &proving(post, "pu")).await, [200], "method and path are part of each proof");
}

#[tokio::test]
async fn a_nonce_for_one_use_is_asked_for_each_time() {
    let (address, _) = serve_digest(1, "").await;
    let session = session();
    let outgoing = proving(get(address), "pu");
    for _ in 0..3 {
        assert_eq!(statuses(&session, &outgoing).await, [401, 200]);
    }
}

#[tokio::test]
async fn wrong_credentials_are_refused_after_one_try() {
    let (address, requests) = serve_digest(9, "").await;
    let session = session();
    for tries in [2, 4] {
        assert_eq!(statuses(&session, &proving(get(address), "wrong")).await, [401, 401]);
        assert_eq!(requests.connections().len(), tries);
    }
    assert_eq!(statuses(&session, &get(address)).await, [401], "who has no credentials answers no challenge");
}

#[tokio::test]
async fn a_challenge_that_is_not_supported_is_told() {
    let (address, _) = serve_digest(9, ", algorithm=SHA-1").await;
    let exchange = send(&session(), proving(get(address), "pu")).await;
    assert_eq!(
        outcome(&exchange),
        "protocol 401: the server asks for a digest, but its algorithm SHA-1 is not supported"
    );
}

#[tokio::test]
async fn another_origin_gets_no_proof() {
    let (elsewhere, seen) = serve_digest(9, "").await;
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: http://{elsewhere}/\r\nContent-Length: 0\r\n\r\n");
    let (address, _) = serve_always(answer, false).await;
    assert_eq!(statuses(&session(), &proving(get(address), "pu")).await, [302, 401]);
    assert!(seen.header(0, "authorization").is_none());
}
