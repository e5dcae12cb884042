//! Calls to GitHub's API: octocrab over our own connector, inside our own time limit.
//!
//! octocrab's default client resolves names by the C library and repeats POSTs at once; this one does neither. A POST is
//! never repeated here: [`Client::repeat`] runs a whole operation again, which begins by looking at what is there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http::response::Parts;
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Limited};
use hyper_util::rt::TokioExecutor;
use octocrab::service::middleware::auth_header::AuthHeaderLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, Octocrab, OctocrabBuilder};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::answer::{Answer, Failure, failure, next_page, parse};
use super::connector::{Proxies, connector};
use super::context::Repository;
use super::error::{Action, Error};
use super::redirect::{misdirected, redirected};

/// An access token. It is never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    pub fn new(token: String) -> Self {
        Token(token)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How long and how often GitHub is asked.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a whole operation, waits and repeats included.
    pub total: Duration,
    /// For one request.
    pub request: Duration,
    /// Tries of an operation at most.
    pub tries: u32,
    /// Wait before the second try; it doubles with each.
    pub backoff: Duration,
}

impl Limits {
    /// The default ones, in this time at most.
    pub fn within(total: Duration) -> Self {
        Limits { total, ..Limits::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            total: Duration::from_secs(120),
            request: Duration::from_secs(20),
            tries: 4,
            backoff: Duration::from_secs(2),
        }
    }
}

/// An answer's body never gets larger than this: a page of 100 comments of 65,536 characters fits.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// A renamed repository needs one, an artifact's content another.
const MOST_REDIRECTS: u32 = 5;

const JSON: &str = "application/vnd.github+json";

/// Talks to one GitHub server with one token.
#[derive(Clone)]
pub struct Client {
    octocrab: Octocrab,
    api_url: Url,
    graphql_url: Url,
    token: Token,
    limits: Limits,
}

impl Client {
    /// A client for the server at `api_url`, asked without a proxy. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// A token or URL that can't be written into a request.
    pub fn new(token: &Token, api_url: &Url, graphql_url: &Url, limits: Limits) -> Result<Client, Error> {
        Client::through(&Proxies::default(), token, api_url, graphql_url, limits)
    }

    /// A client that asks through the proxy that is meant for the server.
    ///
    /// # Errors
    /// As for [`Client::new`].
    pub fn through(
        proxies: &Proxies,
        token: &Token,
        api_url: &Url,
        graphql_url: &Url,
        limits: Limits,
    ) -> Result<Client, Error> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.0.trim()))
            .map_err(|cause| Error::Invalid { what: "the GitHub token", cause: cause.to_string() })?;
        authorization.set_sensitive(true);
        let [api, graphql] = [api_url, graphql_url].map(|url| {
            url.as_str()
                .parse::<Uri>()
                .map_err(|cause| Error::Invalid { what: "the URL of GitHub's API", cause: cause.to_string() })
        });
        let agent = HeaderValue::from_static(concat!("loadgate/", env!("CARGO_PKG_VERSION")));
        // The token goes to the hosts of these two URLs alone, whatever a `link` header says. Requests carry whole URLs:
        // octocrab's BaseUriLayer would put a GHES server's `/api/v3` before its `/api/graphql` too.
        let authorize = AuthHeaderLayer::new(Some(authorization), api?, graphql?);
        let built = OctocrabBuilder::new_empty()
            .with_service(hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector(proxies)?))
            .with_layer(&ExtraHeadersLayer::new(Arc::new(vec![(USER_AGENT, agent)])))
            .with_layer(&authorize)
            .with_auth(AuthState::None)
            .build();
        let Ok(octocrab) = built;
        Ok(Client {
            octocrab,
            api_url: api_url.clone(),
            graphql_url: graphql_url.clone(),
            token: token.clone(),
            limits,
        })
    }

    /// Runs an operation until it succeeds, fails for good, or the limits are used up. It must look at what is there before
    /// it changes anything, since the answer to an earlier try may have been lost.
    pub(super) async fn repeat<T>(&self, operation: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Error> {
        let deadline = Instant::now() + self.limits.total;
        let mut tried = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(result) = timeout(left, operation()).await else { return Err(self.timed_out()) };
            tried += 1;
            let (wait, error) = match result {
                Ok(value) => return Ok(value),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(error)) => (self.backoff(tried), error),
                Err(Failure::Delayed(error, delay)) => (self.backoff(tried).max(delay), error),
                Err(Failure::Limited(wait)) => (wait, Error::RateLimited { wait }),
            };
            // Without a try left, the last failure says more than that the time is over.
            if tried >= self.limits.tries || Instant::now() + wait >= deadline {
                return Err(error);
            }
            sleep(wait).await;
        }
    }

    /// Sends one request, to where GitHub redirects it.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        body: Option<&impl serde::Serialize>,
        action: Action,
    ) -> Result<Answer, Failure> {
        self.exchange(&method, url, JSON, body, action).await
    }

    /// The bytes of a file, which GitHub would else wrap into JSON, up to 1 MB only.
    pub(super) async fn raw(&self, url: &Url, action: Action) -> Result<Bytes, Failure> {
        let answer = self.exchange(&Method::GET, url, "application/vnd.github.raw+json", None::<&()>, action);
        Ok(answer.await?.body)
    }

    /// A repository that was renamed answers from another address, in the words of a redirect.
    async fn exchange(
        &self,
        method: &Method,
        url: &Url,
        accept: &'static str,
        body: Option<&impl serde::Serialize>,
        action: Action,
    ) -> Result<Answer, Failure> {
        // A `link` header may name any address as the next page.
        if self.api_url.scheme() == "https" && url.scheme() != "https" {
            return Err(Failure::Final(misdirected(url, "where nothing is encrypted")));
        }
        let mut url = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let request = Request::builder().method(method.clone()).uri(url.as_str()).header("accept", accept);
            let (head, body) = self.once(request, body).await?;
            if head.status.is_success() {
                return Ok(Answer { headers: head.headers, body });
            }
            match redirected(&head, method, &url, &self.api_url).map_err(Failure::Final)? {
                Some(next) => url = next,
                None => return Err(failure(head.status, &head.headers, &self.without_token(&body), action)),
            }
        }
        Err(Failure::Final(Error::Malformed { cause: format!("more than {MOST_REDIRECTS} redirects") }))
    }

    /// One request and its answer, whatever that is.
    async fn once(
        &self,
        request: http::request::Builder,
        body: Option<&impl serde::Serialize>,
    ) -> Result<(Parts, Bytes), Failure> {
        let request = self
            .octocrab
            .build_request(request, body)
            .map_err(|cause| Failure::Final(Error::Invalid { what: "the request", cause: cause.to_string() }))?;
        let unreachable = |cause: String| Failure::Passing(Error::Unreachable { url: self.api_url.to_string(), cause });
        let exchange = async {
            let response = self.octocrab.execute(request).await.map_err(|cause| unreachable(root_cause(&cause)))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LARGEST_ANSWER)
                .collect()
                .await
                .map_err(|cause| unreachable(format!("the answer broke off: {}", root_cause(&*cause))))?
                .to_bytes();
            Ok((head, body))
        };
        let late = || unreachable(format!("no answer within {} s", self.limits.request.as_secs_f64()));
        timeout(self.limits.request, exchange).await.map_err(|_| late())?
    }

    /// What is at a URL.
    pub(super) async fn get<T: DeserializeOwned>(&self, url: &Url, action: Action) -> Result<T, Failure> {
        parse(&self.send(Method::GET, url, None::<&()>, action).await?.body)
    }

    /// One page of a list after the other, until `found` takes one of its items.
    pub(super) async fn find<T: DeserializeOwned, R>(
        &self,
        mut url: Url,
        action: Action,
        mut found: impl FnMut(T) -> Option<R>,
    ) -> Result<Option<R>, Failure> {
        url.query_pairs_mut().append_pair("per_page", "100");
        let mut next = Some(url);
        while let Some(url) = next {
            let answer = self.send(Method::GET, &url, None::<&()>, action).await?;
            next = next_page(&answer.headers);
            let page: Vec<T> = parse(&answer.body)?;
            if let Some(result) = page.into_iter().find_map(&mut found) {
                return Ok(Some(result));
            }
        }
        Ok(None)
    }

    /// The URL of a REST endpoint of a repository: `/repos/{owner}/{name}/…`.
    pub(super) fn repository(&self, repository: &Repository, path: &[&str]) -> Result<Url, Failure> {
        self.endpoint(&[&["repos", &repository.owner, &repository.name], path].concat())
    }

    /// The URL of a REST endpoint, below the API's own prefix.
    pub(super) fn endpoint(&self, path: &[&str]) -> Result<Url, Failure> {
        let mut url = self.api_url.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => {
                segments.pop_if_empty().extend(path);
            }
            Err(()) => {
                let cause = format!("{} can't have a path", self.api_url);
                return Err(Failure::Final(Error::Invalid { what: "the URL of GitHub's API", cause }));
            }
        }
        Ok(url)
    }

    pub(super) fn graphql_url(&self) -> &Url {
        &self.graphql_url
    }

    /// What a server says of a request may quote it.
    fn without_token(&self, body: &[u8]) -> Vec<u8> {
        String::from_utf8_lossy(body).replace(self.token.0.trim(), "***").into_bytes()
    }

    /// What to wait after so many tries.
    fn backoff(&self, tried: u32) -> Duration {
        self.limits.backoff * 2u32.saturating_pow(tried - 1)
    }

    fn timed_out(&self) -> Error {
        Error::TimedOut { url: self.api_url.to_string(), limit: self.limits.total }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api_url", &self.api_url.as_str()).finish_non_exhaustive()
    }
}

fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
