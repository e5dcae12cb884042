//! Sending what a script asks for, and recording it: the half of `k6/http` that runs on the event loop.

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use url::Url;

use super::jar::JarRef;
use super::params::ResponseType;
use crate::k6::error_code::{error_code, error_text};
use crate::k6::host::Host;
use crate::k6::run::Run;
use crate::k6::samples::{self, Samples, milliseconds};
use crate::k6::tags::{Tags, matching};
use crate::k6::vm::Held;
use crate::load::http::{Exchange, Failure, Outgoing};
use crate::load::steps::{FailureClass, Incident};
use crate::measurement::{ErrorClass, HttpSample, Phases};

/// The statuses that are expected; none where every one is.
pub type Expected = Option<Rc<[RangeInclusive<u16>]>>;

/// A request on its way.
pub struct Sending {
    pub run: Arc<Run>,
    pub outgoing: Outgoing,
    /// The URL as the script wrote it, where a threshold may ask for it: the tags `name` and `url` have it.
    pub written: Option<Box<str>>,
    /// The tag `name`, where the script gives one: it names the row.
    pub name: Option<Rc<str>>,
    /// The request's own tags, over those of its virtual user.
    pub tags: Option<Tags>,
    pub expected: Expected,
    pub response_type: ResponseType,
    /// In place of the virtual user's own.
    pub jar: Option<JarRef>,
    /// What it takes of the script's memory, until the response is gone.
    pub held: Option<Held>,
    /// A failure is thrown.
    pub throw: bool,
    /// The URL as the script wrote it, where it can't be parsed: nothing is sent.
    pub malformed: Option<String>,
}

/// A request that has ended.
pub struct Answered {
    pub sending: Box<Sending>,
    pub exchange: Exchange,
}

/// Sends a request and records it, with each redirect that is followed.
pub async fn send(host: &Host, sending: Box<Sending>) -> Box<Answered> {
    if let Some(url) = &sending.malformed {
        // As in k6 it is no request: nothing could have been sent.
        let exchange = unsent(format!("`{url}` is no URL, neither http nor https: not sent"));
        return Box::new(Answered { sending, exchange });
    }
    sending.run.pace().await;
    let url = sending.name.as_deref().unwrap_or(sending.outgoing.url.as_str());
    let first = sending.run.request_row(sending.outgoing.method.as_str(), url, host.stage.get());
    let cut_off = CutOff(Some((host, first)));
    let allowed = |url: &Url| sending.run.may_touch(url);
    let mut record = |exchange: &Exchange| recorded(host, &sending, exchange, first);
    let jar = sending.jar.as_ref().map(JarRef::jar);
    let exchange = match host.connections() {
        _ if sending.run.is_blacklisted(&sending.outgoing.url) => {
            unsent(format!("the address of {} is blacklisted: not sent", sending.outgoing.url))
        }
        Some(session) => {
            let jar = jar.unwrap_or_else(|| session.jar());
            session.send_with(&sending.outgoing, jar, &allowed, &mut record).await
        }
        None => unsent("nothing is loaded: not sent".into()),
    };
    record(&exchange);
    cut_off.ended();
    Box::new(Answered { sending, exchange })
}

/// What becomes of a request that is not sent.
fn unsent(message: String) -> Exchange {
    let failure = Failure { class: ErrorClass::Host, message, status: None, missing: None };
    Exchange {
        hop: None,
        phases: Phases::default(),
        sent: 0,
        received: 0,
        outcome: Err(failure),
        peer: None,
        redirected: false,
    }
}

/// Sends requests at once, in the order of the script as far as the limits let them.
pub async fn batch(host: &Host, requests: Vec<Box<Sending>>, at_once: usize, of_a_host: usize) -> Vec<Box<Answered>> {
    let mut waiting: Vec<Option<(usize, Box<Sending>)>> = requests.into_iter().enumerate().map(Some).collect();
    let mut answered: Vec<Option<Box<Answered>>> = waiting.iter().map(|_| None).collect();
    let mut under_way = FuturesUnordered::new();
    let mut hosts: Vec<String> = Vec::new();
    loop {
        for slot in &mut waiting {
            if under_way.len() >= at_once {
                break;
            }
            let Some((_, sending)) = slot else { continue };
            let host_name = sending.outgoing.url.host_str().unwrap_or_default();
            if of_a_host > 0 && hosts.iter().filter(|other| *other == host_name).count() >= of_a_host {
                continue;
            }
            hosts.push(host_name.to_owned());
            if let Some((place, sending)) = slot.take() {
                under_way.push(async move { (place, send(host, sending).await) });
            }
        }
        let Some((place, one)) = under_way.next().await else { break };
        let name = one.sending.outgoing.url.host_str().unwrap_or_default();
        if let Some(index) = hosts.iter().position(|other| other == name) {
            hosts.swap_remove(index);
        }
        answered[place] = Some(one);
    }
    answered.into_iter().flatten().collect()
}

/// `first`: the row of what the script asks for, which redirects lead away from.
fn recorded(host: &Host, sending: &Sending, exchange: &Exchange, first: usize) {
    let (status, error) = match &exchange.outcome {
        Ok(answer) => (Some(answer.status.as_u16()), None),
        Err(failure) => (None, Some(failure.class)),
    };
    // A digest challenge is what digest authentication begins with.
    let challenged = exchange.redirected && status == Some(401);
    let of_status = |status| match &sending.expected {
        Some(ranges) => ranges.iter().any(|range| range.contains(&status)),
        None => true,
    };
    let expected = status.is_some_and(|status| challenged || of_status(status));
    let row = if exchange.hop.is_none() { first } else { row(host, sending, exchange) };
    let submetrics = &sending.run.submetrics.http;
    let tag = |name: &str| tag(host, sending, exchange, expected, name);
    let Some(context) = host.recording() else { return };
    let sample = HttpSample {
        phases: exchange.phases,
        status,
        error,
        expected,
        sent: exchange.sent,
        received: exchange.received,
        limit: sending.outgoing.timeout,
        schedule_lag: context.schedule_lag,
    };
    context.recorder.borrow_mut().http(context.slot, row, &sample, matching(submetrics, tag));
    if let Some(samples) = host.samples() {
        write(samples, host, sending, exchange, &sample);
    }
    if !expected {
        let at = context.epoch.elapsed();
        drop(context);
        keep_evidence(sending, exchange, row, at);
    }
}

/// Writes the samples of a request, as k6 does: without an answer too, though nothing of it counts.
#[cold]
fn write(samples: &Samples, host: &Host, sending: &Sending, exchange: &Exchange, sample: &HttpSample) {
    let (sent, received) = host.traffic.get();
    host.traffic.set((sent + exchange.sent, received + exchange.received));
    let tag = |name: &str| match name {
        "error" => Some(error_text(exchange)).filter(|text| !text.is_empty()).map(Cow::Borrowed),
        name => tag(host, sending, exchange, sample.expected, name),
    };
    let tags = samples::of_request(samples, host, sending.tags.as_ref(), tag);
    let mut phases = sample.phases;
    if sample.error == Some(ErrorClass::Timeout) {
        // It counts as its limit.
        let waiting = sample.limit.saturating_sub(phases.blocked);
        phases = Phases { sending: Duration::ZERO, waiting, receiving: Duration::ZERO, ..phases };
    }
    let values = [
        ("http_reqs", 1.0),
        ("http_req_duration", milliseconds(phases.duration())),
        ("http_req_blocked", milliseconds(phases.blocked)),
        ("http_req_connecting", milliseconds(phases.connecting)),
        ("http_req_tls_handshaking", milliseconds(phases.tls_handshaking)),
        ("http_req_sending", milliseconds(phases.sending)),
        ("http_req_waiting", milliseconds(phases.waiting)),
        ("http_req_receiving", milliseconds(phases.receiving)),
        ("http_req_failed", f64::from(u8::from(!sample.expected))),
    ];
    samples.write(Instant::now(), &tags, &values);
}

fn keep_evidence(sending: &Sending, exchange: &Exchange, row: usize, at: Duration) {
    let (class, message) = match &exchange.outcome {
        Ok(answer) => (FailureClass::Status(answer.status.as_u16()), "the status is not expected"),
        Err(failure) => (FailureClass::Error(failure.class), &*failure.message),
    };
    let place: Arc<str> = sending.run.request_name(row);
    let incident =
        Incident { place: &place, class, outgoing: Some(&sending.outgoing), exchange: Some(exchange), message, at };
    sending.run.evidence.offer(&incident);
}

/// The row that an answer is counted in.
pub fn row_of(host: &Host, answered: &Answered) -> usize {
    row(host, &answered.sending, &answered.exchange)
}

/// The row that the exchange is counted in.
fn row(host: &Host, sending: &Sending, exchange: &Exchange) -> usize {
    let (method, url) = method_and_url(sending, exchange);
    let name = sending.name.as_deref();
    sending.run.request_row(method, name.unwrap_or(url), host.stage.get())
}

fn method_and_url<'a>(sending: &'a Sending, exchange: &'a Exchange) -> (&'a str, &'a str) {
    match exchange.hop.as_deref() {
        Some(hop) => (hop.method.as_str(), hop.url.as_str()),
        None => (sending.outgoing.method.as_str(), sending.outgoing.url.as_str()),
    }
}

/// The value of a tag of the sample.
fn tag<'a>(
    host: &Host,
    sending: &'a Sending,
    exchange: &'a Exchange,
    expected: bool,
    name: &str,
) -> Option<Cow<'a, str>> {
    let (method, url) = method_and_url(sending, exchange);
    let own = |name: &str| sending.tags.as_ref().and_then(|tags| tags.get(name)).map(|value| Cow::Borrowed(&**value));
    let answer = exchange.outcome.as_ref().ok();
    match name {
        "name" | "url" => {
            let written = sending.written.as_deref().filter(|_| exchange.hop.is_none()).unwrap_or(url);
            Some(Cow::Borrowed(sending.name.as_deref().unwrap_or(written)))
        }
        "method" => Some(Cow::Borrowed(method)),
        "status" => Some(answer.map_or("0".into(), |answer| answer.status.as_u16().to_string()).into()),
        "expected_response" => sending.expected.is_some().then(|| if expected { "true" } else { "false" }.into()),
        "error_code" => match error_code(exchange) {
            0 => None,
            code => Some(code.to_string().into()),
        },
        "error" => exchange.outcome.as_ref().err().map(|failure| Cow::Borrowed(failure.class.name())),
        "proto" => exchange.peer.as_ref().map(|peer| Cow::Borrowed(peer.proto())),
        "tls_version" => exchange.peer.as_ref().and_then(|peer| peer.tls_version()).map(Cow::Borrowed),
        _ => own(name).or_else(|| host.tag(name).map(Cow::Owned)),
    }
}

/// Counts a request that is cut off with its iteration: dropped before it has ended.
struct CutOff<'a>(Option<(&'a Host, usize)>);

impl CutOff<'_> {
    fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for CutOff<'_> {
    fn drop(&mut self) {
        let Some((host, row)) = self.0 else { return };
        if let Some(context) = host.recording()
            && let Ok(mut recorder) = context.recorder.try_borrow_mut()
        {
            recorder.http_interrupted(context.slot, row);
        }
    }
}
