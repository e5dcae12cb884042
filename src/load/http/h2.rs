//! One HTTP/2 connection, shared by the requests of a virtual user.
//!
//! Unlike one of HTTP/1.1 it must be driven while nobody waits for an answer, for the server may ask for settings to be
//! confirmed or tell that it is going away: a task of the worker does that. It ends with the last handle of the connection.
//!
//! It stands on the crate `h2`, which is what hyper's HTTP/2 client stands on, without the layer between: hyper gives each
//! request a task of its own, and shows neither whether a request waits for a free stream nor when its frames are written.

mod clock;
mod failure;
mod gate;
mod head;
mod tap;

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use ::h2::client::{Builder, Connection, SendRequest};
use ::h2::{Reason, RecvStream};
use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request};
use tokio::task::spawn_local;
use url::{Position, Url};

use crate::measurement::ErrorClass;

use super::Failure;
use super::body::Collector;
use super::connect::Trace;
use super::exchange::Received;
use super::limit::{Alarm, Limit};
use super::meter::Meter;
use super::origin::Origin;
use super::stream::Stream;

pub(super) use clock::Clock;
use clock::Payload;
pub(super) use failure::{Broken, Loss};
use gate::Gate;
use tap::{Pulse, Tap};

/// Bytes of one answer that may be on their way before we take them: enough for 100 Mbit/s over 80 ms. A window that is too
/// small would make the server wait for us, and be measured as its slowness.
const STREAM_WINDOW: u32 = 1 << 20;

/// The same for all answers of a connection. It bounds what can pile up in memory for one virtual user while its worker is
/// busy; Go's 1 GiB would not.
const CONNECTION_WINDOW: u32 = 4 << 20;

/// Streams that are opened before the server has told its limit (Go's number, and the least that RFC 9113 recommends).
const FIRST_STREAMS: usize = 100;

/// The head of an answer may be this large, decompressed.
const MAX_HEAD: u32 = 256 * 1024;

/// An open HTTP/2 connection to one origin. Clones are handles of the same connection.
#[derive(Clone)]
pub(super) struct H2(Rc<Inner>);

struct Inner {
    origin: Origin,
    scheme: Scheme,
    authority: Authority,
    /// The authority as a header: what a request has unless the plan names another host.
    host: HeaderValue,
    meter: Rc<Meter>,
    sender: RefCell<SendRequest<Payload>>,
    shared: Rc<Shared>,
    /// Timers that no exchange uses now.
    alarms: RefCell<Vec<Alarm>>,
}

/// What the connection's task and its handles both see.
struct Shared {
    pulse: Rc<Pulse>,
    gate: Gate,
    /// The last handle is gone.
    unwanted: Cell<bool>,
    /// The task has ended, and the connection with it.
    ended: Cell<bool>,
}

impl Drop for Inner {
    /// The sender's own drop, which follows, wakes the task.
    fn drop(&mut self) {
        self.shared.unwanted.set(true);
    }
}

impl H2 {
    /// Begins to speak HTTP/2 on a stream whose other side is known, or believed, to do so. Must be called within a
    /// [`LocalSet`](tokio::task::LocalSet).
    pub async fn open(stream: Stream, meter: Rc<Meter>, url: &Url) -> Result<H2, Failure> {
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let unfit =
            |error: &dyn Error| Failure::new(ErrorClass::Protocol, format!("the host fits no request: {error}"));
        let authority = Authority::try_from(host).map_err(|error| unfit(&error))?;
        let host = HeaderValue::from_str(host).map_err(|error| unfit(&error))?;
        let scheme = if url.scheme() == "https" { Scheme::HTTPS } else { Scheme::HTTP };
        let pulse = Rc::new(Pulse::default());
        let mut builder = Builder::new();
        builder
            .enable_push(false)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .initial_max_send_streams(FIRST_STREAMS)
            .max_header_list_size(MAX_HEAD);
        let opened = builder.handshake(Tap::new(stream, pulse.clone())).await;
        let (sender, connection) = opened.map_err(|error| failure::opening(&error, &pulse))?;
        let shared =
            Rc::new(Shared { pulse, gate: Gate::default(), unwanted: Cell::default(), ended: Cell::default() });
        spawn_local(drive(connection, Ending(shared.clone())));
        let (origin, sender, alarms) = (Origin::of(url), RefCell::new(sender), RefCell::default());
        Ok(H2(Rc::new(Inner { origin, scheme, authority, host, meter, sender, shared, alarms })))
    }

    pub fn leads_to(&self, url: &Url) -> bool {
        self.0.origin.is_of(url)
    }

    /// The `host` that a request is given; see [`request`](Self::request).
    pub fn host(&self) -> &HeaderValue {
        &self.0.host
    }

    /// Whether another request may be sent on it: it is open, and the server has not said that it is going away.
    pub fn is_usable(&self) -> bool {
        !self.0.shared.ended.get() && self.fault().is_none()
    }

    /// Why no other request may be sent.
    fn fault(&self) -> Option<::h2::Error> {
        match self.0.sender.borrow_mut().poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Err(error)) => Some(error),
            _ => None,
        }
    }

    /// Sends a request on a stream of its own and reads its whole answer, within the limit. Dropping the future resets the
    /// stream, and so does the limit when it passes; the connection and its other streams go on.
    pub async fn exchange(
        &self,
        request: Request<Bytes>,
        max_body: usize,
        limit: Limit,
        trace: &Trace,
    ) -> Result<Received, Broken> {
        trace.over(&self.0.meter);
        let mut alarm = self.0.alarms.borrow_mut().pop().unwrap_or_default();
        let mut work = pin!(self.stream(request, max_body, trace));
        let result = poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => alarm.poll_passed(cx, limit.deadline).map(|()| None),
        });
        let result = result.await;
        self.0.alarms.borrow_mut().push(alarm);
        result.unwrap_or_else(|| Err(Broken { failure: trace.timed_out(limit.timeout), loss: Loss::Stream }))
    }

    async fn stream(&self, request: Request<Bytes>, max_body: usize, trace: &Trace) -> Result<Received, Broken> {
        let shared = &self.0.shared;
        trace.queued();
        let limit = || self.fault().map_or_else(|| Ok(self.0.sender.borrow().current_max_send_streams()), Err);
        let place = shared.gate.enter(limit).await.map_err(|error| failure::unsent(&error, self))?;

        let (head, body) = request.into_parts();
        // A handle of its own: one that has queued a stream takes no other before that is open.
        let mut sender = self.0.sender.borrow().clone();
        let (response, mut upload) = sender
            .send_request(Request::from_parts(head, ()), body.is_empty())
            .map_err(|error| failure::unsent(&error, self))?;
        let clock = Rc::new(Clock::new(Instant::now()));
        trace.streaming(clock.clone(), place.waited);
        if body.is_empty() {
            shared.pulse.at_next_write(clock.clone());
        } else {
            let sent = upload.send_data(Payload::new(body, clock.clone()), true);
            sent.map_err(|error| failure::unsent(&error, self))?;
        }
        let first = response.stream_id().as_u32() == 1;
        let response = response.await.map_err(|error| failure::before_head(&error, self, first))?;
        clock.answered(shared.pulse.last_read());
        let (head, mut incoming) = response.into_parts();
        trace.head(head.status);
        let mut body = Collector::new(max_body);
        while let Some(chunk) = next_chunk(&mut incoming).await {
            let chunk = chunk.map_err(|error| failure::in_body(&error, self, head.status, body.received()))?;
            body.push(&chunk);
            trace.body(body.received());
        }
        clock.ended(shared.pulse.last_read());
        Ok(Received { status: head.status, headers: head.headers.into(), body, connection: None })
    }
}

/// The next part of a body; its place in the windows is given back at once, whether the part is kept or not.
async fn next_chunk(body: &mut RecvStream) -> Option<Result<Bytes, ::h2::Error>> {
    match body.data().await? {
        Ok(chunk) => Some(body.flow_control().release_capacity(chunk.len()).map(|()| chunk)),
        // An answer to half an upload: whole, but the server wants no more of the request (RFC 9113, section 8.1).
        Err(error) if error.is_remote() && error.is_reset() && error.reason() == Some(Reason::NO_ERROR) => None,
        Err(error) => Some(Err(error)),
    }
}

/// The connection's task. It ends with the connection; or, once the last handle is gone, after one attempt to say so to the
/// server: one that doesn't read must not keep the task alive.
async fn drive(connection: Connection<Tap, Payload>, ending: Ending) {
    let shared = &ending.0;
    let mut connection = connection;
    poll_fn(|cx| {
        let result = Pin::new(&mut connection).poll(cx);
        if shared.gate.is_awaited() {
            shared.gate.limit_is(connection.max_concurrent_send_streams());
        }
        if shared.unwanted.get() || result.is_ready() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Tells the handles that the task has ended, whatever ended it.
struct Ending(Rc<Shared>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.ended.set(true);
        self.0.gate.close();
    }
}
