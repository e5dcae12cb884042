//! Steps that send: a request, a poll, requests at once.

use std::sync::Arc;

use futures_util::future::join_all;
use url::Url;

use crate::load::cohort;
use crate::load::http::{Exchange, Outgoing, same_origin};
use crate::measurement::HttpSample;
use crate::plan::step::Poll;
use crate::plan::{Request, Template};

use super::answer::{Captures, Sent, Tags};
use super::evidence::FailureClass;
use super::outgoing::{Unsendable, is_allowed, outgoing};
use super::runner::{End, Mode, Run, Runner};

impl Runner {
    pub(super) async fn request(&mut self, request: &Request) -> Result<(), End> {
        let outgoing = self.outgoing(request)?;
        let sent = self.send(request, outgoing).await;
        self.judge(request, &sent, Captures::Required)
    }

    /// Asks again until an answer satisfies. Checks and records count on every answer; captures must find their values in
    /// the one that satisfies.
    pub(super) async fn poll(&mut self, poll: &Poll) -> Result<(), End> {
        for attempt in 0..poll.max {
            if attempt > 0 {
                self.wait(poll.every).await;
            }
            let outgoing = self.outgoing(&poll.request)?;
            let sent = self.send(&poll.request, outgoing).await;
            self.judge(&poll.request, &sent, Captures::Tentative)?;
            if self.holds(&poll.until, &poll.request.name) {
                return self.capture(&poll.request, &sent, Captures::Required);
            }
            if self.mode == Mode::Preflight {
                return Err(match sent.tags.expected {
                    Some(true) => End::Unready(
                        format!("{}: the poll was not satisfied by its first answer", poll.request.name).into(),
                    ),
                    _ => End::Failed(
                        format!("{}: the poll got an answer that is not expected", poll.request.name).into(),
                    ),
                });
            }
        }
        self.exhausted(&poll.otherwise)
    }

    /// Sends requests at once and looks at their answers in the order of the plan, after the last has come.
    pub(super) async fn all(&mut self, requests: &[Request]) -> Result<(), End> {
        let mut outgoing = Vec::with_capacity(requests.len());
        for request in requests {
            outgoing.push(self.outgoing(request)?);
        }
        let this = &*self;
        let sent = join_all(requests.iter().zip(outgoing).map(|(request, out)| this.send(request, out))).await;
        // Every answer is looked at, whatever the first ones lead to: they all came.
        let mut result = Ok(());
        for (request, sent) in requests.iter().zip(&sent) {
            result = result.and(self.judge(request, sent, Captures::Required));
        }
        result
    }

    /// The request as it will be sent; none if it is always the same, since it is made already. One that can't be made ends
    /// the attempt or the iteration.
    fn outgoing(&mut self, request: &Request) -> Result<Option<Box<Outgoing>>, End> {
        let prepared = self.shared.prepared(self.section, request);
        if prepared.constant().is_some() {
            return Ok(None);
        }
        let made = outgoing(request, prepared, &self.flow_headers, &self.shared.arm, &self.scope_value);
        made.map(|outgoing| Some(Box::new(outgoing))).map_err(|error| match error {
            Unsendable::Evaluation(error) => {
                self.report(&request.name, FailureClass::Expression, &error.to_string());
                self.failed(&request.name, &error)
            }
            Unsendable::Malformed(message) => {
                self.report(&request.name, FailureClass::Expression, &message);
                self.failed_because(format!("{}: the request is malformed", request.name).into())
            }
        })
    }

    /// Sends a request and records it, with each redirect that was followed as soon as it was.
    async fn send(&self, request: &Request, made: Option<Box<Outgoing>>) -> Sent {
        let outgoing = made.as_deref().or_else(|| self.constant(request)).expect("what is not constant is made");
        let mut tags = Tags { custom: self.custom_tags(request), ..Tags::default() };
        let may_touch = |url: &Url| self.may_touch(request, url);
        cohort::join().await;
        let cut_off = CutOff { run: self.run.as_ref(), request: request.id.0.into() };
        let mut record = |exchange: &Exchange| self.record_exchange(request, exchange, &mut tags);
        let exchange = self.session.send(outgoing, &may_touch, &mut record).await;
        record(&exchange);
        cut_off.ended();
        Sent { made, exchange: Arc::new(exchange), tags }
    }

    /// The control is for its own host alone, and no other request may go there.
    fn may_touch(&self, request: &Request, url: &Url) -> bool {
        match &self.shared.plan.control {
            Some(control) if control.request == request.id => same_origin(url, &control.url),
            _ => is_allowed(url, &self.shared.arm),
        }
    }

    /// A request that is always the same.
    pub(super) fn constant(&self, request: &Request) -> Option<&Outgoing> {
        self.shared.prepared(self.section, request).constant()
    }

    /// Tags with templates, by what is known before the request is sent. One without a value is left out.
    fn custom_tags(&self, request: &Request) -> Vec<(Arc<str>, String)> {
        let render = |(tag, template): &(Arc<str>, Template)| {
            let mut value = String::new();
            template.render(&self.scope_value, &mut value).ok().map(|()| (tag.clone(), value))
        };
        request.tags.iter().filter_map(render).collect()
    }

    fn record_exchange(&self, request: &Request, exchange: &Exchange, tags: &mut Tags) {
        let (status, error) = match &exchange.outcome {
            Ok(answer) => (Some(answer.status), None),
            Err(failure) => (None, Some(failure.class)),
        };
        // A redirect that is followed is a step on the way: whether the request went well is told by its last answer.
        let expected = status.is_some_and(|status| exchange.redirected || request.expect.contains(status));
        tags.status = status.map(|status| status.as_u16());
        tags.expected = Some(expected);
        tags.error = error;
        let Some(run) = &self.run else { return };
        let sample = HttpSample {
            phases: exchange.phases,
            status: tags.status,
            error,
            expected,
            sent: exchange.sent,
            received: exchange.received,
            limit: request.timeout,
            schedule_lag: run.schedule_lag,
        };
        let submetrics = tags.matching(&request.submetrics);
        run.recorder.borrow_mut().http(run.slot, request.id.0.into(), &sample, submetrics);
    }
}

/// Counts a request that is cut off with its iteration: dropped before it has ended.
struct CutOff<'a> {
    run: Option<&'a Run>,
    request: usize,
}

impl CutOff<'_> {
    fn ended(mut self) {
        self.run = None;
    }
}

impl Drop for CutOff<'_> {
    fn drop(&mut self) {
        if let Some(run) = self.run
            && let Ok(mut recorder) = run.recorder.try_borrow_mut()
        {
            recorder.http_interrupted(run.slot, self.request);
        }
    }
}
