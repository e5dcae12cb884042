//! An answer on its way out of a connection.

use std::io;

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::load::http::body::Collector;
use crate::load::http::connect::Trace;
use crate::load::http::headers::Headers;
use crate::load::http::{Failure, failure};

use super::framing::Decoder;
use super::head::{Head, Parsed, parse};

/// A longer head is no valid answer.
const LONGEST_HEAD: usize = 256 * 1024;

/// What has come of an answer.
#[derive(Debug)]
pub(super) struct Receiving<'a> {
    method: &'a Method,
    trace: &'a Trace,
    /// A head that did not come in one read, as far as it has come.
    begun: Vec<u8>,
    /// None before the head is complete.
    head: Option<(Answer, Decoder)>,
    body: Collector,
    complete: bool,
    /// Bytes have followed that nobody asked for: the next request would take them for its answer.
    surplus: bool,
}

/// A whole answer, but for its body.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: Headers,
    /// Whether another request may follow on the connection.
    pub keep_alive: bool,
}

impl<'a> Receiving<'a> {
    /// Of a request with this method. More than `max_body` bytes of a body are not kept.
    pub fn new(method: &'a Method, max_body: usize, trace: &'a Trace) -> Self {
        let body = Collector::new(max_body);
        Receiving { method, trace, begun: Vec::new(), head: None, body, complete: false, surplus: false }
    }

    /// Takes what was read; whether the answer is complete.
    ///
    /// # Errors
    /// It is no valid HTTP.
    pub fn read(&mut self, bytes: &[u8]) -> Result<bool, Failure> {
        if self.head.is_some() {
            self.read_body(bytes)?;
        } else if self.begun.is_empty() {
            self.read_head(bytes)?;
        } else {
            let mut begun = std::mem::take(&mut self.begun);
            begun.extend_from_slice(bytes);
            self.read_head(&begun)?;
        }
        Ok(self.complete)
    }

    fn read_head(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        loop {
            match parse(bytes, self.method).map_err(|cause| failure::head(&cause))? {
                Parsed::Partial if bytes.len() > LONGEST_HEAD => return Err(failure::head("the head is too large")),
                Parsed::Partial => {
                    self.begun = bytes.to_vec();
                    return Ok(());
                }
                Parsed::Informational(length) => bytes = &bytes[length..],
                Parsed::Final(head) => {
                    let (of_head, rest) = bytes.split_at(head.length);
                    self.begin_body(&head, of_head);
                    return self.read_body(rest);
                }
            }
        }
    }

    fn begin_body(&mut self, head: &Head, bytes: &[u8]) {
        self.trace.head(head.status);
        let decoder = Decoder::new(head.framing);
        if let Decoder::Length(length) = decoder {
            self.body.expect(length);
        }
        let headers = Headers::unread(Bytes::copy_from_slice(bytes), head.noted);
        self.head = Some((Answer { status: head.status, headers, keep_alive: head.keep_alive }, decoder));
    }

    fn read_body(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some((answer, decoder)) = self.head.as_mut().filter(|_| !self.complete) else {
            self.surplus |= !bytes.is_empty();
            return Ok(());
        };
        let body = &mut self.body;
        let decoded = decoder.decode(bytes, &mut |data| body.push(data));
        let decoded = decoded.map_err(|cause| failure::framing(cause, answer.status))?;
        self.trace.body(self.body.received());
        self.complete = decoded.complete;
        self.surplus |= decoded.consumed < bytes.len();
        Ok(())
    }

    /// The connection has ended: by an error, or else the server closed it. For some answers that is their end.
    ///
    /// # Errors
    /// The answer is not complete.
    pub fn end(&mut self, error: Option<&io::Error>, began: bool) -> Result<(), Failure> {
        match &self.head {
            _ if self.complete => Ok(()),
            None => Err(failure::before_head(error, began)),
            Some((_, Decoder::UntilClose)) if error.is_none() => {
                self.complete = true;
                Ok(())
            }
            Some((answer, _)) => Err(failure::in_body(error, answer.status, self.body.received())),
        }
    }

    /// The answer and its body, and whether the connection has nothing left to say; none before it is complete.
    pub fn finish(self) -> Option<(Answer, Collector, bool)> {
        let (answer, _) = self.head.filter(|_| self.complete)?;
        Some((answer, self.body, !self.surplus))
    }
}
