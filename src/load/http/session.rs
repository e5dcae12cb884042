//! One virtual user's connections and cookies, and how a request becomes exchanges.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, PROXY_AUTHORIZATION, SET_COOKIE, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::Full;
use url::{Position, Url};

use crate::measurement::ErrorClass;

use super::connect::{Line, Trace};
use super::connection::{Broken, Connection, Peer, Received};
use super::cookies::Jar;
use super::digest::Nonces;
use super::h2::{self, H2, Loss};
use super::limit::Limit;
use super::meter::Meter;
use super::pool::Pool;
use super::{Answer, Client, Exchange, Failure, Hop, OUR_USER_AGENT, Outgoing, basic, redirect, same_origin, shown};

/// A virtual user's connections and cookies. It lives on one thread; requests may be sent at once: by HTTP/1.1 each takes a
/// connection of its own, by HTTP/2 they are streams of one.
pub struct Session {
    client: Arc<Client>,
    /// Open and unused. The last one is the freshest.
    idle: RefCell<Vec<Connection>>,
    /// Those of HTTP/2.
    pool: Pool,
    cookies: RefCell<Jar>,
    nonces: RefCell<Nonces>,
}

impl Session {
    pub fn new(client: Arc<Client>) -> Session {
        Session {
            client,
            idle: RefCell::default(),
            pool: Pool::default(),
            cookies: RefCell::default(),
            nonces: RefCell::default(),
        }
    }

    /// Forgets the cookies, and the connections where they are not kept between iterations.
    pub fn end_iteration(&self) {
        self.cookies.borrow_mut().clear();
        if self.client.settings.no_vu_connection_reuse {
            self.idle.borrow_mut().clear();
            self.pool.clear();
        }
    }

    /// Sends a request, follows its redirects and answers digest challenges: each that was is told to `redirected` when its
    /// answer is there, the last exchange is returned. Never fails: a failure is a result like any other.
    ///
    /// Only hosts that `allowed` accepts are touched; any other ends the request with a failure of class `host`. Where the
    /// redirects are used up, the last redirect is the answer, as in k6. Dropping the future closes the connection
    /// (HTTP/2: resets the stream).
    pub async fn send(
        &self,
        outgoing: &Outgoing,
        allowed: &dyn Fn(&Url) -> bool,
        redirected: &mut dyn FnMut(&Exchange),
    ) -> Exchange {
        let mut started = Instant::now();
        let limit = Limit::new(started, outgoing.timeout);
        let mut followed: Option<Box<Outgoing>> = None;
        let mut challenges = 0;
        loop {
            let current = followed.as_deref().unwrap_or(outgoing);
            let trace = Trace::new(started);
            let at_home = followed.is_none() || same_origin(&current.url, &outgoing.url);
            let mut outcome = match refusal(&current.url, allowed) {
                Some(failure) => Err(failure),
                None => self.exchange(current, at_home, limit, &trace).await,
            };
            let (phases, sent, received) = trace.finish(outcome.is_ok());
            let challenged = at_home && self.challenged(current, challenges, &mut outcome);
            let next = match &outcome {
                Ok(answer) if current.redirects > 0 => {
                    redirect::location(answer.status, &answer.headers, &current.url).map(|to| (answer.status, to))
                }
                _ => None,
            };
            let hop = |hop: &Outgoing| Box::new(Hop { method: hop.method.clone(), url: hop.url.clone() });
            let hop = followed.as_deref().map(hop);
            let exchange = Exchange { hop, phases, sent, received, outcome, redirected: challenged || next.is_some() };
            if challenged {
                redirected(&exchange);
                challenges += 1;
                started = Instant::now();
                continue;
            }
            match next {
                None => return exchange,
                Some((_, Err(failure))) => return Exchange { outcome: Err(failure), redirected: false, ..exchange },
                Some((status, Ok(to))) => {
                    redirected(&exchange);
                    let mut next = Box::new(current.clone());
                    redirect::follow(&mut next, status, to);
                    followed = Some(next);
                    challenges = 0;
                    started = Instant::now();
                }
            }
        }
    }

    /// Whether the answer is a digest challenge, to be answered by sending the request again.
    fn challenged(&self, outgoing: &Outgoing, before: u32, outcome: &mut Result<Answer, Failure>) -> bool {
        let (Ok(answer), Some(user)) = (&outcome, &outgoing.digest) else { return false };
        if answer.status != StatusCode::UNAUTHORIZED {
            return false;
        }
        let cnonce = || format!("{:032x}", rand::random::<u128>());
        match self.nonces.borrow_mut().challenged(&outgoing.url, user, &answer.headers, before, cnonce) {
            Ok(again) => again,
            Err(why) => {
                let failure = Failure::new(ErrorClass::Protocol, format!("the server asks for a digest, but {why}"));
                *outcome = Err(Failure { status: Some(StatusCode::UNAUTHORIZED), ..failure });
                false
            }
        }
    }

    /// One request and its answer, on a connection that is open if there is one.
    async fn exchange(
        &self,
        outgoing: &Outgoing,
        at_home: bool,
        limit: Limit,
        trace: &Trace,
    ) -> Result<Answer, Failure> {
        let max_body = self.client.settings.max_body;
        let mut repeated = false;
        loop {
            let (line, reused) = match self.take_open(&outgoing.url) {
                Some(line) => (line, true),
                None => {
                    // Boxed: resolving and encrypting need a large future, and most requests need neither.
                    let dialling = Box::pin(self.pool.dial(&self.client, &outgoing.url, limit, trace));
                    let dialled = tokio::time::timeout_at(limit.deadline.into(), dialling).await;
                    (dialled.unwrap_or_else(|_| Err(trace.timed_out(limit.timeout)))?, false)
                }
            };
            match line {
                Line::Http1(connection) => {
                    let meter = connection.peer().meter.clone();
                    trace.over(&meter);
                    let request = self.request(outgoing, at_home, connection.peer())?;
                    match connection.exchange(request, max_body, limit, trace).await {
                        Ok(received) => return self.keep(outgoing, received),
                        // The server closed a connection that we thought idle. A fresh one tells whether it still answers;
                        // its other idle connections are most likely closed too.
                        Err(broken) if reused && may_repeat(outgoing, &broken, &meter) => self.forget(&outgoing.url),
                        Err(broken) => return Err(broken.failure),
                    }
                }
                Line::Http2(connection) => match self.stream(&connection, outgoing, at_home, limit, trace).await {
                    Ok(received) => return self.keep(outgoing, received),
                    Err(broken) if !repeated && may_repeat_stream(outgoing, &broken) => repeated = true,
                    Err(broken) => return Err(broken.failure),
                },
            }
        }
    }

    /// One request and its answer on a stream of an HTTP/2 connection.
    async fn stream(
        &self,
        connection: &H2,
        outgoing: &Outgoing,
        at_home: bool,
        limit: Limit,
        trace: &Trace,
    ) -> Result<Received, h2::Broken> {
        let headers = self.headers(outgoing, at_home, connection.host());
        let request = connection.request(outgoing, headers)?;
        connection.exchange(request, self.client.settings.max_body, limit, trace).await
    }

    /// Keeps the cookies and the connection of an answer, and decodes it.
    fn keep(&self, outgoing: &Outgoing, received: Received) -> Result<Answer, Failure> {
        let Received { status, headers, body, connection } = received;
        if outgoing.cookies && headers.contains_key(SET_COOKIE) {
            self.cookies.borrow_mut().store(&outgoing.url, &headers, SystemTime::now());
        }
        if let Some(connection) = connection
            && !self.client.settings.no_connection_reuse
        {
            self.idle.borrow_mut().push(connection);
        }
        match body.finish(&headers) {
            Ok(body) => {
                let truncated = body.is_none();
                Ok(Answer { status, headers, body: body.unwrap_or_default(), truncated })
            }
            Err(error) => Err(Failure { status: Some(status), ..Failure::new(ErrorClass::Body, error.to_string()) }),
        }
    }

    /// An open connection to the URL's origin: the one that requests share, or an idle one.
    fn take_open(&self, url: &Url) -> Option<Line> {
        if let Some(connection) = self.pool.get(url) {
            return Some(Line::Http2(connection));
        }
        let mut idle = self.idle.borrow_mut();
        let index = idle.iter().rposition(|connection| connection.leads_to(url))?;
        Some(Line::Http1(idle.remove(index)))
    }

    fn forget(&self, url: &Url) {
        self.idle.borrow_mut().retain(|connection| !connection.leads_to(url));
    }

    fn request(&self, outgoing: &Outgoing, at_home: bool, peer: &Peer) -> Result<Request<Full<Bytes>>, Failure> {
        let absolute;
        let target = match &outgoing.url[Position::BeforePath..Position::AfterQuery] {
            target if peer.forwarding.is_some() => {
                let url = &outgoing.url;
                absolute = format!("{}://{}{target}", url.scheme(), &url[Position::BeforeHost..Position::AfterPort]);
                &absolute
            }
            "" => "/",
            target => target,
        };
        let uri = Uri::try_from(target)
            .map_err(|error| Failure::new(ErrorClass::Protocol, format!("`{target}` can't be requested: {error}")))?;
        let mut request = Request::new(Full::new(outgoing.body.clone()));
        *request.method_mut() = outgoing.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers(outgoing, at_home, &peer.host);
        if let Some(authorization) = peer.forwarding.as_ref().and_then(|forwarding| forwarding.authorization.clone()) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, authorization);
        }
        Ok(request)
    }

    fn headers(&self, outgoing: &Outgoing, at_home: bool, host: &HeaderValue) -> HeaderMap {
        let expected = outgoing.headers.len() + outgoing.origin_headers.len() + 4;
        let mut headers = HeaderMap::with_capacity(expected);
        headers.insert(HOST, outgoing.headers.get(HOST).unwrap_or(host).clone());
        if !outgoing.headers.contains_key(USER_AGENT) {
            headers.insert(USER_AGENT, OUR_USER_AGENT);
        }
        for (name, value) in outgoing.headers.iter().filter(|(name, _)| *name != HOST) {
            headers.append(name.clone(), value.clone());
        }
        if at_home {
            for name in outgoing.origin_headers.keys() {
                headers.remove(name);
            }
            for (name, value) in &outgoing.origin_headers {
                headers.append(name.clone(), value.clone());
            }
        }
        // hyper says it for a body only, but some servers want it for each of these methods (RFC 9110, section 8.6).
        if outgoing.body.is_empty() && matches!(outgoing.method, Method::POST | Method::PUT | Method::PATCH) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
        }
        if self.client.settings.no_connection_reuse {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if !headers.contains_key(AUTHORIZATION)
            && let Some(credentials) = basic(&outgoing.url)
        {
            headers.insert(AUTHORIZATION, credentials);
        }
        if at_home
            && let Some(user) = &outgoing.digest
            && let Some(proof) = self.nonces.borrow_mut().authorization(&outgoing.url, &outgoing.method, user)
        {
            headers.insert(AUTHORIZATION, proof);
        }
        if outgoing.cookies {
            self.add_cookies(&outgoing.url, &mut headers);
        }
        headers
    }

    /// The jar's cookies, after those that the request brings.
    fn add_cookies(&self, url: &Url, headers: &mut HeaderMap) {
        let Some(mut cookies) = self.cookies.borrow().header(url, SystemTime::now()) else { return };
        if let Some(own) = headers.get(COOKIE).and_then(|own| own.to_str().ok()) {
            cookies = format!("{own}; {cookies}");
        }
        if let Ok(value) = HeaderValue::from_str(&cookies) {
            headers.insert(COOKIE, value);
        }
    }
}

/// Why a URL must not be touched, if so.
fn refusal(url: &Url, allowed: &dyn Fn(&Url) -> bool) -> Option<Failure> {
    let message = if !matches!(url.scheme(), "http" | "https") {
        format!("`{}` is neither http nor https: not sent", shown(url))
    } else if !allowed(url) {
        let host = &url[Position::BeforeHost..Position::AfterPort];
        format!("`{host}` is neither the target nor one of target.allowedHosts: not sent")
    } else {
        return None;
    };
    Some(Failure::new(ErrorClass::Host, message))
}

/// Whether a request that failed on a reused connection may be sent again: nothing was written, or no answer began and the
/// request changes nothing (Go's rule, which k6 follows).
fn may_repeat(outgoing: &Outgoing, broken: &Broken, meter: &Meter) -> bool {
    broken.unsent || (is_harmless(outgoing) && broken.failure.class == ErrorClass::Reset && !meter.answer_began())
}

/// The same for a stream: the server says that it has not processed the request, or the connection ended before the answer
/// began.
fn may_repeat_stream(outgoing: &Outgoing, broken: &h2::Broken) -> bool {
    match broken.loss {
        Loss::Unprocessed => true,
        Loss::Connection => is_harmless(outgoing),
        Loss::Stream => false,
    }
}

fn is_harmless(outgoing: &Outgoing) -> bool {
    matches!(outgoing.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
        || outgoing.headers.contains_key("idempotency-key")
        || outgoing.headers.contains_key("x-idempotency-key")
}
