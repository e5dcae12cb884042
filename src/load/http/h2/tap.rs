//! The stream under an HTTP/2 connection, and what can only be seen there.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Clock;
use crate::load::http::Failure;
use crate::load::http::failure;
use crate::load::http::stream::Stream;

/// How an answer in HTTP/1 begins: in HTTP/2 that would be the head of a frame of 4.7 MB.
const HTTP1: &[u8] = b"HTTP/1";

/// What h2 reads and writes.
pub(super) struct Tap {
    stream: Stream,
    pulse: Rc<Pulse>,
}

/// What was last seen on a connection.
#[derive(Default)]
pub(super) struct Pulse {
    last_read: Cell<Option<Instant>>,
    /// The first bytes were an answer in HTTP/1.
    speaks_http1: Cell<bool>,
    /// Requests without a body whose head waits to be written.
    unwritten: RefCell<Vec<Rc<Clock>>>,
    /// Why reading or writing failed. h2 keeps no more of it than its kind.
    broken: RefCell<Option<Failure>>,
}

impl Pulse {
    pub fn last_read(&self) -> Option<Instant> {
        self.last_read.get()
    }

    pub fn speaks_http1(&self) -> bool {
        self.speaks_http1.get()
    }

    pub fn broken(&self) -> Option<Failure> {
        self.broken.borrow().clone()
    }

    /// Stamps the clock at the next write, which carries the head that was just handed over.
    pub fn at_next_write(&self, clock: Rc<Clock>) {
        self.unwritten.borrow_mut().push(clock);
    }

    fn read(&self, bytes: &[u8]) {
        if self.last_read.replace(Some(Instant::now())).is_none() {
            self.speaks_http1.set(bytes.starts_with(HTTP1));
        }
    }

    fn wrote(&self) {
        let mut unwritten = self.unwritten.borrow_mut();
        if !unwritten.is_empty() {
            let now = Instant::now();
            unwritten.drain(..).for_each(|clock| clock.written(now));
        }
    }

    fn failed<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            self.broken.borrow_mut().get_or_insert_with(|| failure::broken(error));
        }
        result
    }
}

impl Tap {
    pub fn new(stream: Stream, pulse: Rc<Pulse>) -> Tap {
        Tap { stream, pulse }
    }

    fn stamp(&self, result: io::Result<usize>) -> Poll<io::Result<usize>> {
        if let Ok(1..) = &result {
            self.pulse.wrote();
        }
        Poll::Ready(self.pulse.failed(result))
    }
}

impl AsyncRead for Tap {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        if let read @ [_, ..] = &buf.filled()[before..] {
            self.pulse.read(read);
        }
        Poll::Ready(self.pulse.failed(result))
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write(cx, buf));
        self.stamp(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bufs));
        self.stamp(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        Poll::Ready(self.pulse.failed(result))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
