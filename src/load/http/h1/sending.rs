//! A request on its way into a connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;

use super::buffer::{give_write_buffer, take_write_buffer};

/// A body up to this size is copied behind the head, so that both leave in one packet.
const SMALL_BODY: usize = 16 * 1024;

/// What is left to write of a request.
#[derive(Debug)]
pub(in crate::load::http) struct Sending {
    /// The head, and a small body.
    head: Vec<u8>,
    /// A large body.
    body: Bytes,
    /// Of both together.
    written: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Writing,
    /// All is written, but an encrypting stream may hold some of it back.
    Flushing,
    Sent,
    Failed(io::Error),
}

impl Sending {
    /// `write_head` puts the head's bytes into an empty buffer.
    pub fn new(body: &Bytes, write_head: impl FnOnce(&mut Vec<u8>)) -> Sending {
        let mut head = take_write_buffer();
        write_head(&mut head);
        let mut rest = Bytes::new();
        if body.len() <= SMALL_BODY {
            head.extend_from_slice(body);
        } else {
            rest = body.clone();
        }
        Sending { head, body: rest, written: 0, state: State::Writing }
    }

    /// Writes what the stream takes. What goes wrong is kept: a server may have answered before it stopped reading.
    pub fn poll(&mut self, cx: &mut Context<'_>, stream: &mut (impl AsyncWrite + Unpin)) {
        while let State::Writing = self.state {
            let head_left = self.head.get(self.written..).unwrap_or_default();
            let left = match head_left {
                [] => &self.body[self.written - self.head.len()..],
                head => head,
            };
            if left.is_empty() {
                self.state = State::Flushing;
                break;
            }
            match Pin::new(&mut *stream).poll_write(cx, left) {
                Poll::Ready(Ok(0)) => self.state = State::Failed(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(written)) => self.written += written,
                Poll::Ready(Err(error)) => self.state = State::Failed(error),
                Poll::Pending => return,
            }
        }
        if let State::Flushing = self.state {
            match Pin::new(stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => {
                    self.state = State::Sent;
                    // Others need it while this one waits for its answer.
                    give_write_buffer(std::mem::take(&mut self.head));
                }
                Poll::Ready(Err(error)) => self.state = State::Failed(error),
                Poll::Pending => {}
            }
        }
    }

    pub fn is_sent(&self) -> bool {
        matches!(self.state, State::Sent)
    }

    /// Whether not a byte has been written.
    pub fn is_untouched(&self) -> bool {
        self.written == 0
    }

    /// What made the stream refuse the rest.
    pub fn failure(&self) -> Option<&io::Error> {
        match &self.state {
            State::Failed(error) => Some(error),
            _ => None,
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        give_write_buffer(std::mem::take(&mut self.head));
    }
}
