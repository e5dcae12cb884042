//! The first failures of each request and class, kept while the load runs so that a report can show what went wrong.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use http::{HeaderMap, HeaderName};

use crate::load::Arm;
use crate::load::http::{Exchange, Outgoing, shown};
use crate::measurement::{ErrorClass, Evidence};
use crate::plan::Plan;

use super::mask::{Mask, password};

/// Failures kept of each request and class.
const KEPT: u8 = 5;

/// Failures kept of all requests together: a server that fails in a thousand ways must not fill the measurement.
const MOST: usize = 1000;

/// Bytes of a body that are kept.
const BODY: usize = 1024;

/// Bytes that are kept of a URL, a message and a header's value.
const TEXT: usize = 2048;

/// Bytes that are kept of all headers of a request or an answer.
const HEADERS: usize = 8192;

/// What failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// There was no complete answer.
    Error(ErrorClass),
    /// An answer came with a status that is not expected.
    Status(u16),
    Check(Arc<str>),
    Capture(Arc<str>),
    /// A sample that could not be recorded.
    Record(Arc<str>),
    /// An expression or a template without a value.
    Expression,
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FailureClass::Error(class) => class.fmt(f),
            FailureClass::Status(status) => write!(f, "status {status}"),
            FailureClass::Check(name) => write!(f, "check {name}"),
            FailureClass::Capture(name) => write!(f, "capture {name}"),
            FailureClass::Record(name) => write!(f, "record {name}"),
            FailureClass::Expression => f.write_str("expression"),
        }
    }
}

/// A failure as it happened. Nothing of it is copied before it is known to be one of the first.
#[derive(Clone, Debug)]
pub struct Incident<'a> {
    /// The request's name, or the step's where there was no request.
    pub place: &'a Arc<str>,
    pub class: FailureClass,
    pub outgoing: Option<&'a Outgoing>,
    pub exchange: Option<&'a Exchange>,
    /// The cause in words.
    pub message: &'a str,
    /// Since the start of the load.
    pub at: Duration,
}

/// The evidence of one arm, shared by its virtual users.
#[derive(Debug)]
pub struct EvidenceLog {
    mask: Mask,
    /// The arm's own headers, whose values are never shown.
    hidden: Vec<HeaderName>,
    /// How many are kept of each place and class. Read by every failure, written by the first few.
    kept: RwLock<HashMap<(Arc<str>, FailureClass), u8>>,
    entries: Mutex<Vec<Evidence>>,
}

impl EvidenceLog {
    /// An empty log that masks the plan's secrets, the password in the arm's address, and the arm's headers.
    pub fn new(plan: &Plan, arm: &Arm) -> Self {
        let mut secrets = plan.secrets.clone();
        secrets.extend(password(&arm.origin));
        EvidenceLog {
            mask: Mask::new(&secrets),
            hidden: arm.headers.iter().map(|(name, _)| name.clone()).collect(),
            kept: RwLock::default(),
            entries: Mutex::default(),
        }
    }

    /// Masks the plan's secrets.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Keeps the failure if it is one of the first of its kind.
    pub fn offer(&self, incident: &Incident<'_>) {
        let key = (incident.place.clone(), incident.class.clone());
        let full = |kept: &HashMap<_, u8>| kept.get(&key).is_some_and(|count| *count >= KEPT);
        if full(&self.kept.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        {
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            if full(&kept) {
                return;
            }
            *kept.entry(key).or_default() += 1;
        }
        let evidence = self.describe(incident);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() < MOST {
            entries.push(evidence);
        }
    }

    /// What was kept so far, in the order in which it happened.
    pub fn entries(&self) -> Vec<Evidence> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone();
        entries.sort_by_key(|evidence| evidence.at_ms);
        entries
    }

    /// The failure as a report shows it: secrets masked, bodies shortened.
    pub fn describe(&self, incident: &Incident<'_>) -> Evidence {
        let outgoing = incident.outgoing;
        let answer = incident.exchange.and_then(|exchange| exchange.outcome.as_ref().ok());
        let status = match incident.exchange.map(|exchange| &exchange.outcome) {
            Some(Ok(answer)) => Some(answer.status),
            Some(Err(failure)) => failure.status,
            None => None,
        };
        let hop = incident.exchange.and_then(|exchange| exchange.hop.as_deref());
        let method = hop.map(|hop| &hop.method).or(outgoing.map(|outgoing| &outgoing.method));
        let url = hop.map(|hop| &hop.url).or(outgoing.map(|outgoing| &outgoing.url));
        let mut request_headers = Vec::new();
        if let Some(outgoing) = outgoing {
            request_headers.extend(self.headers(&outgoing.headers));
            request_headers.extend(self.headers(&outgoing.origin_headers));
        }
        Evidence {
            request: incident.place.to_string(),
            class: self.mask.text(&incident.class.to_string()),
            method: method.map(ToString::to_string).unwrap_or_default(),
            url: url.map(|url| cut(self.mask.text(&shown(url)))).unwrap_or_default(),
            request_headers,
            request_body: outgoing
                .filter(|outgoing| !outgoing.body.is_empty())
                .map(|outgoing| self.mask.body(&outgoing.body, BODY)),
            status: status.map(|status| status.as_u16()),
            response_headers: answer.map(|answer| self.headers(&answer.headers)).unwrap_or_default(),
            response_body: answer.filter(|answer| !answer.truncated).map(|answer| self.mask.body(&answer.body, BODY)),
            message: cut(self.mask.text(incident.message)),
            at_ms: u64::try_from(incident.at.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// The first headers, up to [`HEADERS`] bytes, and how many there are besides.
    fn headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        let mut kept = Vec::new();
        let mut bytes = 0;
        for (name, value) in headers {
            let value = cut(self.mask.header(name, value.as_bytes(), &self.hidden));
            bytes += name.as_str().len() + value.len();
            if bytes > HEADERS {
                kept.push(("…".to_owned(), format!("{} more headers", headers.len() - kept.len())));
                break;
            }
            kept.push((name.to_string(), value));
        }
        kept
    }
}

/// The first [`TEXT`] bytes, and a mark where something is missing. Secrets have been masked: no part of one is left.
fn cut(mut text: String) -> String {
    if text.len() > TEXT {
        text.truncate(text.floor_char_boundary(TEXT));
        text.push('…');
    }
    text
}
