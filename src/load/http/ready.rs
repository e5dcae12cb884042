//! Waiting for a deployment to answer before the load begins.

mod probe;
mod protection;

use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, StatusCode};
use url::Url;

use crate::plan::target::Ready;

use super::cookies::Jar;
use super::{Client, redirect, same_origin, shown};
use probe::{Probe, Reply};
use protection::Guard;

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
    #[error("{url} can't be asked whether it is ready: {cause}")]
    Way { url: String, cause: String },
    #[error(
        "{url} shows a login page or a challenge ({seen}), which doesn't go away: the deployment is protected; {cure}"
    )]
    LoginPage { url: String, seen: String, cure: &'static str },
    #[error(
        "{url} sends to another host ({seen}), which is a login page or the deployment's right address: use that as the target, \
         or {cure}"
    )]
    Elsewhere { url: String, seen: String, cure: &'static str },
    #[error(
        "{url} has a rate limit ({seen}) that asks to wait {} s, longer than target.ready.within leaves; let the load pass it, \
         or wait longer",
        wait.as_secs()
    )]
    Limited { url: String, seen: String, wait: Duration },
    #[error(
        "{url} did not answer {expected} within {} s ({attempts} attempts; last: {seen}); is the deployment up, and is \
         target.ready right?",
        within.as_secs_f64()
    )]
    TimedOut { url: String, expected: StatusCode, within: Duration, attempts: u32, seen: String },
}

enum Seen {
    Ready,
    /// Told, and whether it is a redirect to a host that nobody knows.
    LoginPage {
        seen: String,
        guard: Guard,
        elsewhere: bool,
    },
    /// A rate limit, and how long it asks to wait.
    Limited(String, Duration),
    Other(String),
}

/// Asks for `ready.path` until the answer has the expected status; returns how long that took. Every attempt that failed
/// is told to `progress`.
///
/// `headers` are those of the arm's origin: redirects are followed within it alone.
pub async fn wait_until_ready(
    client: &Client,
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
    let probe = Probe::new(client, &url, headers)
        .map_err(|failure| NotReady::Way { url: shown(&url), cause: failure.message })?;
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut login_pages = 0;
    for number in 1.. {
        let left = ready.within.saturating_sub(started.elapsed());
        let attempt = tokio::time::timeout(left.min(ATTEMPT_LIMIT), attempt(&probe, &url, ready.status)).await;
        // The limit is ours, and may be what was left of the time.
        let mut asked_to_wait = Duration::ZERO;
        let seen = match attempt.unwrap_or_else(|_| Seen::Other("no answer in time".to_owned())) {
            Seen::Ready => return Ok(started.elapsed()),
            Seen::LoginPage { seen, guard, elsewhere } => {
                login_pages += 1;
                if login_pages == LOGIN_PAGES {
                    let (url, cure) = (shown(&url), guard.cure());
                    return Err(match elsewhere {
                        true => NotReady::Elsewhere { url, seen, cure },
                        false => NotReady::LoginPage { url, seen, cure },
                    });
                }
                seen
            }
            Seen::Limited(seen, wait) => {
                login_pages = 0;
                if wait > ready.within.saturating_sub(started.elapsed()) {
                    return Err(NotReady::Limited { url: shown(&url), seen, wait });
                }
                asked_to_wait = wait;
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
        tokio::time::sleep(pause.min(left / 2).max(asked_to_wait)).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
    unreachable!("the loop counts without end")
}

/// Asks once, and follows redirects within the origin; the cookies are those of this attempt.
async fn attempt(probe: &Probe, url: &Url, expected: StatusCode) -> Seen {
    let most = if expected.is_redirection() { 0 } else { MOST_REDIRECTS };
    let (mut at, mut followed, mut cookies) = (url.clone(), 0, Jar::default());
    loop {
        let reply = match probe.ask(&at, &cookies).await {
            Ok(reply) if reply.status == expected => return Seen::Ready,
            Ok(reply) => reply,
            Err(told) => return Seen::Other(told),
        };
        cookies.store(&at, &reply.headers, SystemTime::now());
        match redirect::location(reply.status, &reply.headers, &at) {
            Some(Ok(to)) if !same_origin(&to, url) => return elsewhere(&reply, url, &to),
            Some(Ok(to)) if followed < most => (at, followed) = (to, followed + 1),
            Some(Ok(to)) => return too_many(reply.status, &to),
            Some(Err(failure)) => return Seen::Other(failure.message),
            None => return judge(&reply),
        }
    }
}

fn too_many(status: StatusCode, to: &Url) -> Seen {
    Seen::Other(format!("{} to {}, one redirect more than is followed", status.as_u16(), to.path()))
}

/// What a redirect to another origin means.
fn elsewhere(reply: &Reply, from: &Url, to: &Url) -> Seen {
    let seen = format!("{} to {}", reply.status.as_u16(), to.origin().ascii_serialization());
    if to.host_str() == from.host_str() {
        return Seen::Other(format!("{seen}: use that as the target"));
    }
    let guard = protection::of_redirect(to, &reply.headers);
    let says_login =
        ["login", "signin", "sign-in", "sso", "auth", "access"].iter().any(|word| to.as_str().contains(word));
    Seen::LoginPage { seen, guard, elsewhere: guard == Guard::Unknown && !says_login }
}

/// What an answer with another status than the expected one means, where it is no redirect.
fn judge(reply: &Reply) -> Seen {
    let seen = reply.status.to_string();
    if let Some(guard) = protection::of_answer(reply.status, &reply.headers) {
        return Seen::LoginPage { seen, guard, elsewhere: false };
    }
    match protection::limit(reply.status, &reply.headers) {
        Some(Some(wait)) => Seen::Limited(format!("{seen}, a limit that asks to wait {} s", wait.as_secs()), wait),
        Some(None) => Seen::Limited(format!("{seen}, a rate limit"), Duration::ZERO),
        None => Seen::Other(seen),
    }
}
