//! Waiting for a deployment to answer before the load begins.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::measurement::ErrorClass;
use crate::plan::target::Ready;

use super::{Answer, Client, Failure, Outgoing, Session, same_origin, shown};

/// The pause after the first attempt; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// One attempt takes at most this long.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(10);

/// With less time left, another attempt would tell nothing.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(50);

/// Redirects within the deployment that an attempt follows.
const MOST_REDIRECTS: u32 = 10;

/// A login page that is seen this often in a row will not go away. Once may be a deployment that is being switched.
const LOGIN_PAGES: u32 = 3;

/// An attempt that found the deployment not ready.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// Since the first attempt began.
    pub elapsed: Duration,
    /// What was seen instead of the expected status.
    pub seen: String,
}

/// Why the load can't begin. URLs are as people may see them.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    #[error("target.ready.get: `{path}` can't be joined to {origin}: {cause}")]
    Path { path: String, origin: String, cause: url::ParseError },
    #[error(
        "{url} shows a login page ({seen}): the deployment is protected; send what lets a machine in as a header under \
         target.headers (on Vercel x-vercel-protection-bypass with the project's secret) or switch the protection off"
    )]
    LoginPage { url: String, seen: String },
    #[error(
        "{url} did not answer {expected} within {} s ({attempts} attempts; last: {seen}); is the deployment up, and is \
         target.ready right?",
        within.as_secs_f64()
    )]
    TimedOut { url: String, expected: StatusCode, within: Duration, attempts: u32, seen: String },
}

enum Seen {
    Ready,
    LoginPage(String),
    Other(String),
}

/// Asks for `ready.path` until the answer has the expected status; returns how long that took. Every attempt that failed
/// is told to `progress`.
///
/// `headers` are those of the arm's origin: redirects are followed within it alone. To be called within a
/// [`LocalSet`](tokio::task::LocalSet), like everything that sends requests.
pub async fn wait_until_ready(
    client: &Arc<Client>,
    origin: &Url,
    headers: &HeaderMap,
    ready: &Ready,
    mut progress: impl FnMut(&Attempt),
) -> Result<Duration, NotReady> {
    let url = origin.join(&ready.path).map_err(|cause| NotReady::Path {
        path: ready.path.clone(),
        origin: shown(origin),
        cause,
    })?;
    let mut outgoing = asking(&url, headers, ready);
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut login_pages = 0;
    for number in 1.. {
        let left = ready.within.saturating_sub(started.elapsed());
        outgoing.timeout = left.min(ATTEMPT_LIMIT);
        let seen = match attempt(client, &outgoing, ready.status).await {
            Seen::Ready => return Ok(started.elapsed()),
            Seen::LoginPage(seen) => {
                login_pages += 1;
                if login_pages == LOGIN_PAGES {
                    return Err(NotReady::LoginPage { url: shown(&url), seen });
                }
                seen
            }
            Seen::Other(seen) => {
                login_pages = 0;
                seen
            }
        };
        let elapsed = started.elapsed();
        progress(&Attempt { number, elapsed, seen: seen.clone() });
        let left = ready.within.saturating_sub(elapsed);
        if left < SHORTEST_ATTEMPT {
            let expected = ready.status;
            let url = shown(&url);
            return Err(NotReady::TimedOut { url, expected, within: ready.within, attempts: number, seen });
        }
        // Towards the end the attempts come closer, so that the last one is not long before it.
        tokio::time::sleep(pause.min(left / 2)).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
    unreachable!("the loop counts without end")
}

/// The request of an attempt, and of the redirects that it follows. The headers are for this origin alone.
fn asking(url: &Url, headers: &HeaderMap, ready: &Ready) -> Outgoing {
    Outgoing {
        method: Method::GET,
        url: url.clone(),
        headers: HeaderMap::new(),
        origin_headers: headers.clone(),
        body: Bytes::new(),
        timeout: ATTEMPT_LIMIT,
        redirects: if ready.status.is_redirection() { 0 } else { MOST_REDIRECTS },
        cookies: true,
        digest: None,
    }
}

/// Asks once, on a connection of its own.
async fn attempt(client: &Arc<Client>, outgoing: &Outgoing, expected: StatusCode) -> Seen {
    let session = Session::new(client.clone());
    let mut last_redirect = StatusCode::FOUND;
    let exchange = session
        .send(outgoing, &|url| same_origin(url, &outgoing.url), &mut |exchange| {
            last_redirect = exchange.outcome.as_ref().map_or(last_redirect, |answer| answer.status);
        })
        .await;
    match (&exchange.outcome, &exchange.hop) {
        (Ok(answer), _) if answer.status == expected => Seen::Ready,
        (Ok(answer), _) => judge(answer, exchange.hop.as_ref().map_or(&outgoing.url, |hop| &hop.url)),
        (Err(Failure { class: ErrorClass::Host, .. }), Some(hop)) => elsewhere(last_redirect, &outgoing.url, &hop.url),
        // The limit is ours, and may be what was left of the time.
        (Err(Failure { class: ErrorClass::Timeout, .. }), _) => Seen::Other("no answer in time".to_owned()),
        (Err(failure), _) => Seen::Other(failure.message.clone()),
    }
}

/// What a redirect to another origin means.
fn elsewhere(status: StatusCode, from: &Url, to: &Url) -> Seen {
    let seen = format!("{} to {}", status.as_u16(), to.origin().ascii_serialization());
    match to.host_str() == from.host_str() {
        true => Seen::Other(format!("{seen}: use that as the target")),
        false => Seen::LoginPage(seen),
    }
}

/// What an answer with another status than the expected one means.
fn judge(answer: &Answer, from: &Url) -> Seen {
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
    if answer.status.is_redirection()
        && let Some(to) = header(LOCATION).and_then(|location| from.join(location).ok())
    {
        return match same_origin(&to, from) {
            true => {
                Seen::Other(format!("{} to {}, one redirect more than is followed", answer.status.as_u16(), to.path()))
            }
            false => elsewhere(answer.status, from, &to),
        };
    }
    let is_html = header(CONTENT_TYPE).is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    if matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) && is_html {
        return Seen::LoginPage(format!("{} with HTML", answer.status.as_u16()));
    }
    Seen::Other(answer.status.to_string())
}
