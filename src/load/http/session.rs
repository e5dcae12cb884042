//! One virtual user's connections and cookies, and how a request becomes exchanges.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use http::{HeaderValue, Method, StatusCode};
use url::{Position, Url};

use crate::measurement::ErrorClass;

use super::connect::{Line, Trace};
use super::cookies::Jar;
use super::digest::Nonces;
use super::exchange::{Broken, Received};
use super::h1::Connection;
use super::h2::{self, H2, Loss};
use super::limit::Limit;
use super::meter::Meter;
use super::pool::Pool;
use super::request::Head;
use super::{Answer, Client, Exchange, Failure, Hop, Outgoing, redirect, same_origin, shown};

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
        self.close_unless_kept();
    }

    /// Forgets the connections where they are not kept between iterations, and no cookie.
    pub fn close_unless_kept(&self) {
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
        self.send_with(outgoing, &self.cookies, allowed, redirected).await
    }

    /// The virtual user's cookies.
    pub fn jar(&self) -> &RefCell<Jar> {
        &self.cookies
    }

    /// Sends a request as [`Session::send`] does, with the cookies of another jar.
    pub async fn send_with(
        &self,
        outgoing: &Outgoing,
        jar: &RefCell<Jar>,
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
                // Boxed, as the one below: what awaits a future moves all of it, twice, and so does each that awaits that one.
                None => Box::pin(self.exchange(current, jar, at_home, limit, &trace)).await,
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
            let goes_on = challenged || next.is_some();
            let peer = trace.peer();
            let exchange = Exchange { hop, phases, sent, received, outcome, peer, redirected: goes_on };
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
        jar: &RefCell<Jar>,
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
                    let (host, forwarding) = (connection.peer().host.clone(), connection.peer().forwarding.clone());
                    let close = self.client.settings.no_connection_reuse;
                    let head =
                        Head { forwarding: forwarding.as_ref(), close, ..self.head(outgoing, jar, at_home, &host) };
                    let write = |out: &mut Vec<u8>| head.write(out);
                    let exchange =
                        Box::pin(connection.exchange(&outgoing.method, &outgoing.body, write, max_body, limit, trace));
                    match exchange.await {
                        Ok(received) => return self.keep(outgoing, jar, received),
                        // The server closed a connection that we thought idle. A fresh one tells whether it still answers;
                        // its other idle connections are most likely closed too.
                        Err(broken) if reused && may_repeat(outgoing, &broken, &meter) => self.forget(&outgoing.url),
                        Err(broken) => return Err(broken.failure),
                    }
                }
                Line::Http2(connection) => {
                    // Boxed too, so that a virtual user of HTTP/1.1 has no room for it.
                    let exchange = Box::pin(self.stream(&connection, outgoing, jar, at_home, limit, trace));
                    match exchange.await {
                        Ok(received) => return self.keep(outgoing, jar, received),
                        Err(broken) if !repeated && may_repeat_stream(outgoing, &broken) => repeated = true,
                        Err(broken) => return Err(broken.failure),
                    }
                }
            }
        }
    }

    /// One request and its answer on a stream of an HTTP/2 connection.
    async fn stream(
        &self,
        connection: &H2,
        outgoing: &Outgoing,
        jar: &RefCell<Jar>,
        at_home: bool,
        limit: Limit,
        trace: &Trace,
    ) -> Result<Received, h2::Broken> {
        let request = connection.request(&self.head(outgoing, jar, at_home, connection.host()))?;
        connection.exchange(request, self.client.settings.max_body, limit, trace).await
    }

    /// Keeps the cookies and the connection of an answer, and decodes it.
    fn keep(&self, outgoing: &Outgoing, jar: &RefCell<Jar>, received: Received) -> Result<Answer, Failure> {
        let Received { status, headers, body, connection } = received;
        if outgoing.cookies && headers.noted().set_cookie {
            jar.borrow_mut().store(&outgoing.url, &headers, SystemTime::now());
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

    /// What both versions of HTTP send of a request.
    fn head<'a>(&self, outgoing: &'a Outgoing, jar: &RefCell<Jar>, at_home: bool, host: &'a HeaderValue) -> Head<'a> {
        let user = outgoing.digest.as_ref().filter(|_| at_home);
        let proof = user.and_then(|user| self.nonces.borrow_mut().authorization(&outgoing.url, &outgoing.method, user));
        Head { outgoing, at_home, host, cookies: cookies(outgoing, jar), proof, forwarding: None, close: false }
    }
}

/// The jar's cookies for a request.
fn cookies(outgoing: &Outgoing, jar: &RefCell<Jar>) -> Option<String> {
    let jar = jar.borrow();
    (outgoing.cookies && !jar.is_empty()).then(|| jar.header(&outgoing.url, SystemTime::now())).flatten()
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
