//! What becomes of an answer: failures, checks, captures, collected values and records.

use std::sync::Arc;

use minijinja::Value;

use crate::load::http::{Exchange, Outgoing};
use crate::measurement::ErrorClass;
use crate::metric::Kind;
use crate::plan::step::{Capture, Record};
use crate::plan::{Request, SubmetricMatch};

use super::evidence::{FailureClass, Incident};
use super::runner::{End, Mode, Runner};

/// The tags that only the run knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tags {
    pub(super) status: Option<u16>,
    /// None before the first answer.
    pub(super) expected: Option<bool>,
    pub(super) error: Option<ErrorClass>,
    /// Tags with templates, as they were when the request was sent.
    pub(super) custom: Vec<(Arc<str>, String)>,
}

impl Tags {
    /// Those submetrics whose pending tags are these.
    pub(super) fn matching(&self, submetrics: &[SubmetricMatch]) -> impl Iterator<Item = usize> {
        submetrics
            .iter()
            .filter(|candidate| candidate.pending.iter().all(|(tag, value)| self.has(tag, value)))
            .map(|candidate| candidate.submetric.0.into())
    }

    fn has(&self, tag: &str, value: &str) -> bool {
        if let Some((_, custom)) = self.custom.iter().find(|(custom, _)| **custom == *tag) {
            return custom == value;
        }
        match tag {
            "status" => self.status.is_some() && value.parse().ok() == self.status,
            "expected_response" => self.expected.is_some() && value.parse().ok() == self.expected,
            "error" => self.error.is_some_and(|class| class.name() == value),
            _ => false,
        }
    }
}

/// A request that was sent, and what came back.
#[derive(Debug)]
pub(super) struct Sent {
    /// The request; none if it is always the same.
    pub(super) made: Option<Box<Outgoing>>,
    pub(super) exchange: Arc<Exchange>,
    pub(super) tags: Tags,
}

/// Which answers captures must find something in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Captures {
    /// This one, unless they are optional.
    Required,
    /// A later one: this is an answer to a poll that may still go on.
    Tentative,
}

impl Runner {
    /// Looks at an answer: counts its checks and records, keeps its captures, and decides whether the steps go on.
    pub(super) fn judge(&mut self, request: &Request, sent: &Sent, captures: Captures) -> Result<(), End> {
        self.scope.answered(sent.exchange.clone());
        self.tags = sent.tags.clone();
        let expected = self.tell_unexpected(request, sent);
        // A check that fails because there was no such answer doesn't say why.
        let told = expected.is_err().then(|| self.failure.clone());
        let failed_check = self.checks(request, sent);
        self.record_all(&request.name, &request.records);
        if let Some(told) = told {
            self.failure = told;
        }
        if self.mode == Mode::Preflight && sent.exchange.outcome.is_err() {
            // No number of attempts helps a target that can't be reached.
            let what = expected.err().unwrap_or_default();
            return Err(End::Failed(format!("{}: {what}", request.name).into()));
        }
        if captures == Captures::Required {
            let attempt = self.retries > 0;
            if let Err(what) = &expected
                && (attempt || (self.mode != Mode::Load && !self.tolerant))
            {
                return Err(self.failed_because(format!("{}: {what}", request.name).into()));
            }
            if let (true, Some(check)) = (attempt, failed_check) {
                return Err(End::Attempt(format!("{}: check {check} failed", request.name).into()));
            }
        }
        self.capture(request, sent, captures)
    }

    /// Reports an answer that is none, or whose status is not expected, and says what it is.
    fn tell_unexpected(&mut self, request: &Request, sent: &Sent) -> Result<(), String> {
        if sent.tags.expected == Some(true) {
            return Ok(());
        }
        let (class, message) = match &sent.exchange.outcome {
            Err(failure) => (FailureClass::Error(failure.class), failure.message.clone()),
            Ok(answer) => (FailureClass::Status(answer.status.as_u16()), "the status is not expected".to_owned()),
        };
        let what = match &class {
            FailureClass::Error(class) => format!("no answer ({class})"),
            class => format!("{class} is not expected"),
        };
        self.incident(request, sent, class, &message);
        Err(what)
    }

    /// Counts the checks; the name of the first that failed.
    fn checks(&mut self, request: &Request, sent: &Sent) -> Option<Arc<str>> {
        let mut failed = None;
        for check in &request.checks {
            let result = check.condition.holds(&self.scope_value);
            let passed = matches!(result, Ok(true));
            if let Some(run) = &self.run {
                let submetrics = self.tags.matching(&check.submetrics);
                run.recorder.borrow_mut().check(run.slot, check.id.0.into(), passed, submetrics);
            }
            if !passed {
                let message = match result {
                    Ok(_) => format!("`{}` does not hold", check.condition.source()),
                    Err(error) => error.to_string(),
                };
                self.incident(request, sent, FailureClass::Check(check.name.clone()), &message);
                failed.get_or_insert_with(|| check.name.clone());
            }
        }
        if failed.is_some() {
            self.scope.check_failed();
        }
        failed
    }

    /// Keeps what the captures find, and adds what is collected to the pools.
    pub(super) fn capture(&mut self, request: &Request, sent: &Sent, captures: Captures) -> Result<(), End> {
        for capture in &request.captures {
            match self.find(request, sent, capture, captures)? {
                Some(value) => self.scope.bind(&capture.name, value),
                // What an earlier answer gave must not pass for this one's.
                None => self.scope.unbind(&capture.name),
            }
        }
        if captures == Captures::Tentative {
            return Ok(());
        }
        for collect in &request.collects {
            if let (Some(value), Some(pools)) = (self.find(request, sent, collect, captures)?, self.pools.clone()) {
                pools.borrow_mut().entry(collect.name.clone()).or_default().push(value);
            }
        }
        Ok(())
    }

    /// The value that a capture finds; neither what is missing nor `null` is one.
    fn find(
        &mut self,
        request: &Request,
        sent: &Sent,
        capture: &Capture,
        captures: Captures,
    ) -> Result<Option<Value>, End> {
        let message = match capture.from.eval(&self.scope_value) {
            Ok(value) if !value.is_undefined() && !value.is_none() => return Ok(Some(value)),
            Ok(_) => format!("`{}` found nothing", capture.from.source()),
            Err(error) => error.to_string(),
        };
        if capture.optional || captures == Captures::Tentative {
            return Ok(None);
        }
        self.incident(request, sent, FailureClass::Capture(capture.name.clone()), &message);
        Err(self.failed_because(format!("{}: capture {} found nothing", request.name, capture.name).into()))
    }

    /// Records samples of the plan's own metrics. One that has no value is kept as evidence, not recorded.
    pub(super) fn record_all(&self, place: &str, records: &[Record]) {
        for record in records {
            if record.when.as_ref().is_some_and(|when| !self.holds(when, place)) {
                continue;
            }
            let Some(run) = &self.run else { continue };
            let metric = &self.shared.plan.metrics[usize::from(record.metric.0)];
            let recorded = self.sample(record, metric.kind).and_then(|value| {
                let submetrics = self.tags.matching(&record.submetrics);
                let mut recorder = run.recorder.borrow_mut();
                recorder.custom(run.slot, record.metric.0.into(), value, submetrics).map_err(|error| error.to_string())
            });
            if let Err(message) = recorded {
                self.report(place, FailureClass::Record(metric.name.clone()), &message);
            }
        }
    }

    /// A rate's sample is a condition; every other is a number.
    fn sample(&self, record: &Record, kind: Kind) -> Result<f64, String> {
        let value = record.value.eval(&self.scope_value);
        if kind == Kind::Rate {
            // As in a check, a condition that fails with an error does not hold.
            return Ok(f64::from(u8::from(value.is_ok_and(|value| value.is_true()))));
        }
        let value = value.map_err(|error| error.to_string())?;
        f64::try_from(value.clone()).map_err(|_| match value.is_undefined() {
            true => format!("`{}` found nothing", record.value.source()),
            false => format!("`{}` is a {}, no number", record.value.source(), value.kind()),
        })
    }

    /// Keeps a request's failure as evidence; setup and preflight also for their own report.
    pub(super) fn incident(&mut self, request: &Request, sent: &Sent, class: FailureClass, message: &str) {
        // Of an answer that is not expected, its own failure tells more than what follows from it.
        let told =
            sent.tags.expected == Some(false) && !matches!(class, FailureClass::Error(_) | FailureClass::Status(_));
        let incident = Incident {
            place: &request.name,
            class,
            outgoing: sent.made.as_deref().or_else(|| self.constant(request)),
            exchange: Some(&sent.exchange),
            message,
            at: self.since_epoch(),
        };
        if self.mode != Mode::Preflight {
            self.shared.evidence.offer(&incident);
        }
        if self.mode != Mode::Load && (self.failure.is_none() || !(self.tolerant || told)) {
            self.failure = Some(Box::new(self.shared.evidence.describe(&incident)));
        }
    }
}
