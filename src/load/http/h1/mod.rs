//! One HTTP/1.1 connection, driven by whoever uses it: a request's future writes, reads and decodes itself.
//!
//! The codec is our own, since this is the path that a load generator is measured by. A connection at rest costs neither a
//! task nor a buffer, and an answer that comes in one read is looked at where it was read. Heads are parsed by httparse.

mod buffer;
mod framing;
mod head;
mod receiving;
mod sending;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderValue, Method};
use tokio::io::{AsyncRead, ReadBuf};
use url::{Position, Url};

use crate::measurement::ErrorClass;

use super::connect::Trace;
use super::exchange::{Broken, Received};
use super::limit::{Alarm, Limit};
use super::meter::Meter;
use super::origin::Origin;
use super::stream::Stream;
use super::{Failure, failure};

use buffer::with_read_buffer;
use receiving::Receiving;
use sending::Sending;

/// Reads of one answer before others on the same thread get their turn.
const READS_IN_A_ROW: u32 = 16;

/// An open connection to one origin, at rest: no request is under way.
pub(super) struct Connection {
    peer: Peer,
    stream: Stream,
    alarm: Alarm,
    /// A request has been sent on it before.
    used: bool,
}

/// What of a connection outlives its stream.
pub(super) struct Peer {
    origin: Origin,
    /// The `Host` header of its requests.
    pub host: HeaderValue,
    pub meter: Rc<Meter>,
}

impl Connection {
    pub fn new(stream: Stream, meter: Rc<Meter>, url: &Url) -> Result<Connection, Failure> {
        let origin = Origin::of(url);
        let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])
            .map_err(|error| Failure::new(ErrorClass::Protocol, format!("the host fits no header: {error}")))?;
        let peer = Peer { origin, host, meter };
        Ok(Connection { peer, stream, alarm: Alarm::default(), used: false })
    }

    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    pub fn leads_to(&self, url: &Url) -> bool {
        self.peer.origin.is_of(url)
    }

    /// Sends a request and reads its whole answer, within the limit. `write_head` puts the request's head into a buffer.
    pub async fn exchange(
        mut self,
        method: &Method,
        body: &Bytes,
        write_head: impl FnOnce(&mut Vec<u8>),
        max_body: usize,
        limit: Limit,
        trace: &Trace,
    ) -> Result<Received, Broken> {
        if self.used && poll_fn(|cx| Poll::Ready(self.has_ended(cx))).await {
            return Err(Broken { failure: failure::before_head(None, false), unsent: true });
        }
        self.used = true;
        self.peer.meter.begin();
        let mut sending = Sending::new(body, write_head);
        let mut receiving = Receiving::new(method, max_body, trace);
        let (stream, alarm, meter) = (&mut self.stream, &mut self.alarm, &self.peer.meter);
        let ended = poll_fn(|cx| {
            if !sending.is_sent() {
                sending.poll(cx, stream);
            }
            match poll_receive(cx, stream, &mut receiving, sending.failure(), meter) {
                Poll::Ready(ended) => Poll::Ready(Some(ended)),
                Poll::Pending => alarm.poll_passed(cx, limit.deadline).map(|()| None),
            }
        });
        let broken = |failure, sending: &Sending| Broken { failure, unsent: sending.is_untouched() };
        match ended.await {
            None => return Err(Broken { failure: trace.timed_out(limit.timeout), unsent: false }),
            Some(Err(failure)) => return Err(broken(failure, &sending)),
            Some(Ok(())) => {}
        }
        let sent = sending.is_sent();
        let Some((answer, body, quiet)) = receiving.finish() else {
            return Err(broken(failure::before_head(None, true), &sending));
        };
        let connection = (sent && quiet && answer.keep_alive).then_some(self);
        Ok(Received { status: answer.status, headers: answer.headers, body, connection })
    }

    /// Whether a connection at rest has been closed by the server, or says what nobody asked for.
    fn has_ended(&mut self, cx: &mut Context<'_>) -> bool {
        let mut unasked = [0; 1];
        Pin::new(&mut self.stream).poll_read(cx, &mut ReadBuf::new(&mut unasked)).is_ready()
    }
}

/// Reads until the answer is complete.
fn poll_receive(
    cx: &mut Context<'_>,
    stream: &mut Stream,
    receiving: &mut Receiving<'_>,
    send_failure: Option<&io::Error>,
    meter: &Meter,
) -> Poll<Result<(), Failure>> {
    with_read_buffer(|buffer| {
        for _ in 0..READS_IN_A_ROW {
            let mut filled = ReadBuf::new(buffer);
            let read = ready!(Pin::new(&mut *stream).poll_read(cx, &mut filled));
            match read {
                Ok(()) if filled.filled().is_empty() => {
                    // Why the request could not be written tells more than that there is nothing to read.
                    return Poll::Ready(receiving.end(send_failure, meter.answer_began()));
                }
                Ok(()) => {
                    if receiving.read(filled.filled())? {
                        return Poll::Ready(Ok(()));
                    }
                }
                Err(error) => return Poll::Ready(receiving.end(Some(&error), meter.answer_began())),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}
