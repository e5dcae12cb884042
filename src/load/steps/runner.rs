//! The interpreter: runs steps one after another.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderName;
use minijinja::Value;
use rand::RngExt;
use tokio::time::sleep;

use crate::load::Context;
use crate::load::http::Session;
use crate::measurement::{Evidence, Recorder, Slot};
use crate::plan::expression::EvaluationError;
use crate::plan::functions::Random;
use crate::plan::step::ValueTemplate;
use crate::plan::{Expression, Step, SubmetricMatch, Template};

use super::answer::Tags;
use super::evidence::{FailureClass, Incident};
use super::scope::Scope;
use super::user::Shared;

/// Why the steps after this one don't run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The iteration ends, as planned.
    Stopped(Arc<str>),
    /// The iteration has failed.
    Failed(Arc<str>),
    /// The attempt of the retry around has failed, or the pass of a repeat with `atLeast`; leaves neither.
    Attempt(Arc<str>),
    /// A trial iteration can't go on, for no fault: what it would have to wait for has not come yet.
    Unready(Arc<str>),
}

/// What the steps are run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Under load: failures are counted, and their first ones kept as evidence.
    Load,
    /// Setup and teardown: what is not expected ends them.
    Bracket,
    /// The trial before the load: the same, without waiting, and nothing is tried twice.
    Preflight,
}

/// Values collected by a setup, by pool.
pub(super) type Pools = BTreeMap<Arc<str>, Vec<Value>>;

/// Runs steps for one virtual user, or for one lane of the parallel passes of a `repeat`.
pub(super) struct Runner {
    pub(super) shared: Arc<Shared>,
    pub(super) section: usize,
    pub(super) flow_headers: Arc<[(HeaderName, Template)]>,
    pub(super) scope: Arc<Scope>,
    /// The same scope, as expressions take it.
    pub(super) scope_value: Value,
    pub(super) random: Arc<Random>,
    pub(super) session: Session,
    pub(super) mode: Mode,
    /// None before the first iteration.
    pub(super) run: Option<Run>,
    /// How many retries there are around the current step.
    pub(super) retries: u32,
    /// Whether a `repeat` with `atLeast` is around: then single failures don't end a setup.
    pub(super) tolerant: bool,
    /// Where `collect` puts its values; setup only.
    pub(super) pools: Option<Rc<RefCell<Pools>>>,
    /// Of the last request, for submetrics.
    pub(super) tags: Tags,
    /// Data that this virtual user needs is used up, once and for all.
    pub(super) spent: bool,
    /// The last failure of a request, for those who must tell why setup or preflight failed.
    pub(super) failure: Option<Box<Evidence>>,
}

/// What the current iteration knows of the run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) slot: Slot,
    pub(super) schedule_lag: Option<Duration>,
    pub(super) epoch: Instant,
    pub(super) recorder: Rc<RefCell<Recorder>>,
}

impl Runner {
    pub(super) fn new(
        shared: Arc<Shared>,
        section: usize,
        flow_headers: Arc<[(HeaderName, Template)]>,
        scope: Arc<Scope>,
        random: Arc<Random>,
        mode: Mode,
    ) -> Self {
        Runner {
            session: Session::new(shared.client.clone()),
            scope_value: Value::from_dyn_object(scope.clone()),
            shared,
            section,
            flow_headers,
            scope,
            random,
            mode,
            run: None,
            retries: 0,
            tolerant: false,
            pools: None,
            tags: Tags::default(),
            spent: false,
            failure: None,
        }
    }

    /// Begins an iteration: without cookies, bindings or an answer.
    pub(super) fn begin(&mut self, context: &Context) {
        self.session.end_iteration();
        self.scope.begin(context.iteration);
        self.retries = 0;
        self.tolerant = false;
        self.tags = Tags::default();
        self.failure = None;
        self.run = Some(Run {
            slot: context.slot,
            schedule_lag: context.schedule_lag,
            epoch: context.epoch,
            recorder: context.recorder.clone(),
        });
    }

    /// A runner for one lane of parallel passes: the same bindings and pools, connections and random numbers of its own.
    pub(super) fn lane(&self, stream: u64) -> Runner {
        let random = Random::new(self.shared.arm.seed, stream);
        let scope = self.scope.fork(random.clone());
        let (shared, headers) = (self.shared.clone(), self.flow_headers.clone());
        Runner {
            run: self.run.clone(),
            retries: self.retries,
            tolerant: self.tolerant,
            pools: self.pools.clone(),
            ..Runner::new(shared, self.section, headers, scope, random, self.mode)
        }
    }

    /// Runs the steps in order until one ends them.
    pub(super) async fn flow(&mut self, steps: &[Step]) -> Result<(), End> {
        for step in steps {
            self.step(step).await?;
        }
        Ok(())
    }

    /// Runs the steps inside another step. Boxed, as whatever contains itself must be.
    pub(super) fn steps<'a>(&'a mut self, steps: &'a [Step]) -> Pin<Box<dyn Future<Output = Result<(), End>> + 'a>> {
        Box::pin(self.flow(steps))
    }

    async fn step(&mut self, step: &Step) -> Result<(), End> {
        match step {
            Step::Request(request) => self.request(request).await,
            Step::Think { min, max } => {
                self.wait(self.random.with(|rng| rng.random_range(*min..=(*max).max(*min)))).await;
                Ok(())
            }
            Step::Group { id, steps, submetrics } => {
                let start = Instant::now();
                let result = self.steps(steps).await;
                self.record_group(id.0.into(), start.elapsed(), submetrics);
                result
            }
            Step::Repeat(repeat) => self.repeat(repeat).await,
            // Boxed: it is larger than a request, and every step's future would be as large.
            Step::Poll(poll) => Box::pin(self.poll(poll)).await,
            Step::Retry(retry) => self.retry(retry).await,
            Step::If { condition, then, otherwise } => {
                let branch = if self.holds(condition, "if") { then } else { otherwise };
                self.steps(branch).await
            }
            Step::Choose { branches } => match self.choose(branches) {
                Some(steps) => self.steps(steps).await,
                None => Ok(()),
            },
            Step::All { requests } => self.all(requests).await,
            Step::Let { bindings } => bindings.iter().try_for_each(|(name, value)| self.bind(name, value)),
            Step::Record { records } => {
                self.record_all("record", records);
                Ok(())
            }
            Step::Stop { reason } => Err(End::Stopped(self.reason(reason))),
            Step::Fail { reason } => Err(End::Failed(self.reason(reason))),
        }
    }

    pub(super) async fn wait(&self, time: Duration) {
        if self.mode != Mode::Preflight && !time.is_zero() {
            sleep(time).await;
        }
    }

    /// Evaluates a binding.
    pub(super) fn bind(&self, name: &Arc<str>, value: &ValueTemplate) -> Result<(), End> {
        match value.eval(&self.scope_value) {
            Ok(value) => {
                self.scope.bind(name, value);
                Ok(())
            }
            Err(error) => {
                let place = format!("let {name}");
                self.report(&place, FailureClass::Expression, &error.to_string());
                Err(self.failed(&place, &error))
            }
        }
    }

    /// The end that an expression or a template without a value makes. The reason is bounded by the plan: it names the
    /// expression, not what it came upon.
    pub(super) fn failed(&self, place: &str, error: &EvaluationError) -> End {
        self.failed_because(format!("{place}: `{}` has no value", error.expression).into())
    }

    /// Ends the attempt inside a retry, the pass inside a repeat with `atLeast`, and the iteration elsewhere.
    pub(super) fn failed_because(&self, reason: Arc<str>) -> End {
        if self.retries > 0 || self.tolerant { End::Attempt(reason) } else { End::Failed(reason) }
    }

    /// Whether a condition holds. With an error it doesn't, and the error is kept as evidence.
    pub(super) fn holds(&self, condition: &Expression, place: &str) -> bool {
        condition.holds(&self.scope_value).unwrap_or_else(|error| {
            self.report(place, FailureClass::Expression, &error.to_string());
            false
        })
    }

    /// Keeps a failure that is no request's own.
    pub(super) fn report(&self, place: &str, class: FailureClass, message: &str) {
        if self.mode == Mode::Load {
            let at = self.since_epoch();
            let incident = Incident { place: &place.into(), class, outgoing: None, exchange: None, message, at };
            self.shared.evidence.offer(&incident);
        }
    }

    pub(super) fn since_epoch(&self) -> Duration {
        self.run.as_ref().map_or(Duration::ZERO, |run| run.epoch.elapsed())
    }

    /// The reason of a `stop` or `fail` step as it is counted.
    fn reason(&self, template: &Template) -> Arc<str> {
        if let Some(text) = template.constant() {
            return text.into();
        }
        let mut text = String::new();
        match template.render(&self.scope_value, &mut text) {
            Ok(()) => self.shared.reason(self.shared.evidence.mask().text(&text), template.source()),
            Err(_) => template.source().into(),
        }
    }

    fn record_group(&self, group: usize, time: Duration, submetrics: &[SubmetricMatch]) {
        if let Some(run) = &self.run {
            run.recorder.borrow_mut().group(run.slot, group, time, self.tags.matching(submetrics));
        }
    }

    /// One branch by chance; none where no branch has a weight.
    fn choose<'a>(&self, branches: &'a [(f64, Arc<[Step]>)]) -> Option<&'a [Step]> {
        let total: f64 = branches.iter().map(|(weight, _)| weight).sum();
        let mut point = self.random.with(|rng| rng.random::<f64>()) * total;
        let possible = || branches.iter().filter(|(weight, _)| *weight > 0.0);
        for (weight, steps) in possible() {
            if point < *weight {
                return Some(steps);
            }
            point -= weight;
        }
        // Rounding may leave the point just past the last branch.
        possible().next_back().map(|(_, steps)| &**steps)
    }
}
