//! Waiting for a deployment to answer before the load begins.

use std::error::Error;
use std::time::{Duration, Instant};

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Request, Response};
use url::Url;

use crate::plan::target::{HttpVersion, Ready};

use super::{Client, shown};

/// The pause after the first attempt; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// One attempt takes at most this long.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(10);

/// With less time left, another attempt would tell nothing.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(50);

/// Redirects within the deployment that an attempt follows.
const MOST_REDIRECTS: usize = 10;

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
    #[error("the readiness check can't be set up: {0}")]
    Setup(#[from] reqwest::Error),
}

enum Seen {
    Ready,
    LoginPage(String),
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
    let http = reqwest_client(client, ready.status)?;
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut login_pages = 0;
    for number in 1.. {
        let left = ready.within.saturating_sub(started.elapsed());
        let request = http.get(url.clone()).headers(headers.clone()).timeout(left.min(ATTEMPT_LIMIT)).build()?;
        let seen = match attempt(&http, request, ready.status).await {
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

fn reqwest_client(client: &Client, expected: StatusCode) -> reqwest::Result<reqwest::Client> {
    let policy = if expected.is_redirection() {
        Policy::none()
    } else {
        Policy::custom(|attempt| match attempt.previous() {
            [first, ..] if first.origin() != attempt.url().origin() => attempt.stop(),
            previous if previous.len() > MOST_REDIRECTS => attempt.error("too many redirects"),
            _ => attempt.follow(),
        })
    };
    let builder = match client.settings.http_version {
        HttpVersion::Two => reqwest::Client::builder().http2_prior_knowledge(),
        HttpVersion::Auto | HttpVersion::One => reqwest::Client::builder(),
    };
    builder
        .tls_backend_preconfigured((*client.tls).clone())
        .dns_resolver(client.settings.resolver.clone())
        .redirect(policy)
        .no_proxy()
        .user_agent(concat!("loadgate/", env!("CARGO_PKG_VERSION")))
        .build()
}

async fn attempt(http: &reqwest::Client, request: Request, expected: StatusCode) -> Seen {
    match http.execute(request).await {
        Ok(response) if response.status() == expected => Seen::Ready,
        Ok(response) => judge(&response),
        Err(error) if error.is_timeout() => Seen::Other("no answer in time".into()),
        Err(error) => Seen::Other(root(&error)),
    }
}

/// The cause behind all layers of clients, which is what a user can do something about: `Connection refused`.
fn root(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), root)
}

/// What an answer with another status than the expected one means.
fn judge(response: &Response) -> Seen {
    let status = response.status();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    if status.is_redirection()
        && let Some(to) = header(LOCATION).and_then(|location| response.url().join(location).ok())
    {
        let seen = format!("{} to {}", status.as_u16(), to.origin().ascii_serialization());
        return if to.host_str() == response.url().host_str() {
            Seen::Other(format!("{seen}: use that as the target"))
        } else {
            Seen::LoginPage(seen)
        };
    }
    let is_html = header(CONTENT_TYPE).is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) && is_html {
        return Seen::LoginPage(format!("{} with HTML", status.as_u16()));
    }
    Seen::Other(status.to_string())
}
