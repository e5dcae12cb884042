//! Steps that are done again: `repeat`, `poll` and `retry`.

use std::sync::Arc;
use std::time::Duration;

use super::Compiler;
use super::names::Scope;
use crate::plan::file::read::{Field, List, Map, Spanned};
use crate::plan::file::step::{ElseWord, PollSection, RepeatSection, RetrySection, StepEntry};
use crate::plan::step::{Exhausted, Poll, Repeat, Request, Retry, Step};

/// Most passes of a loop at once.
const MOST_PARALLEL: u64 = 10_000;

const POLL_EVERY: Duration = Duration::from_secs(1);
const POLL_MAX: u64 = 60;
const RETRY_DELAY: Duration = Duration::from_secs(1);
const RETRY_MAX: u64 = 3;

impl Compiler<'_> {
    pub fn repeat(&mut self, repeat: &RepeatSection, step: &StepEntry, scope: &Scope) -> Option<Step> {
        let unbounded = repeat.count.is_absent() && repeat.while_.is_absent() && repeat.until.is_absent();
        if unbounded {
            self.problems.add(&repeat.place, "this loop has no end", "write `count`, `while` or `until`");
        }
        if let Some(count) = repeat.count.get().filter(|count| count.value == 0) {
            self.problems.add(&count.place, "this loop has no pass", "write a count of at least 1");
        }
        let parallel = repeat.parallel.get();
        if let Some(parallel) = parallel {
            if parallel.value == 0 || parallel.value > MOST_PARALLEL {
                let problem = format!("{} passes at once are not possible", parallel.value);
                self.problems.add(&parallel.place, problem, format!("write 1 to {MOST_PARALLEL}"));
            }
            let conditional = !repeat.while_.is_absent() || !repeat.until.is_absent() || repeat.count.is_absent();
            if parallel.value > 1 && conditional {
                let help = "write `count` alone: a condition needs the pass before it to have ended";
                self.problems.add(&parallel.place, "passes at once need a fixed number", help);
            }
        }
        let inside = if repeat.while_.is_absent() { scope.clone() } else { scope.conditional() };
        let while_ = self.optional_expression(&repeat.while_, scope);
        let until = self.optional_expression(&repeat.until, scope);
        let steps = self.steps(&step.steps, "steps", &step.place, &inside);
        let pools = pools(&step.steps);
        if let (Some(key), true) = (step.at_least.key(), pools.is_empty()) {
            let help = "write `collect` at a request inside the loop, or leave `atLeast` out";
            self.problems.add(key, "nothing is collected in this loop", help);
        }
        Some(Step::Repeat(Box::new(Repeat {
            count: repeat.count.get().map(|count| count.value),
            while_,
            until,
            parallel: parallel.map_or(1, |parallel| parallel.value as usize),
            steps,
            at_least: step.at_least.get().map(|least| least.value),
            pools,
        })))
    }

    pub fn poll(&mut self, poll: &PollSection, step: &StepEntry, scope: &Scope) -> Option<Step> {
        let request = self.request_step(step, scope);
        let help = "write a condition on the answer, such as `until: body.ready`";
        let until = poll.until.required("until", help, &poll.place, &mut self.problems);
        let until = until.and_then(|until| self.expression(until, scope));
        let max = self.attempts(&poll.max, POLL_MAX);
        let (request, until) = (request?, until?);
        let every = self.scale.time(poll.every.get().map_or(POLL_EVERY, |every| every.value));
        let otherwise = exhausted(poll.else_.get(), &format!("{}: poll exhausted", request.name));
        Some(Step::Poll(Box::new(Poll { request, until, every, max, otherwise })))
    }

    pub fn retry(&mut self, retry: &RetrySection, step: &StepEntry, scope: &Scope) -> Option<Step> {
        let steps = self.steps(&step.steps, "steps", &step.place, scope);
        let until = self.optional_expression(&retry.until, scope);
        let max = self.attempts(&retry.max, RETRY_MAX);
        let delay = self.scale.time(retry.delay.get().map_or(RETRY_DELAY, |delay| delay.value));
        let reason = match last_request(&steps) {
            Some(request) => format!("{}: retry exhausted", request.name),
            None => "retry exhausted".to_owned(),
        };
        let otherwise = exhausted(retry.else_.get(), &reason);
        Some(Step::Retry(Box::new(Retry { steps, until, delay, max, otherwise })))
    }

    fn attempts(&mut self, max: &Field<Spanned<u64>>, default: u64) -> u64 {
        let Some(max) = max.get() else { return default };
        if max.value == 0 {
            self.problems.add(&max.place, "there is no attempt at all", "write 1 or more");
        }
        max.value
    }
}

fn exhausted(word: Option<&Spanned<ElseWord>>, reason: &str) -> Exhausted {
    match word.map_or(ElseWord::Fail, |word| word.value) {
        ElseWord::Stop => Exhausted::Stop(reason.into()),
        ElseWord::Fail => Exhausted::Fail(reason.into()),
        ElseWord::Continue => Exhausted::Continue,
    }
}

/// The last request of some steps, by which their retry is named.
fn last_request(steps: &[Step]) -> Option<&Request> {
    steps.iter().rev().find_map(|step| match step {
        Step::Request(request) => Some(request.as_ref()),
        Step::Poll(poll) => Some(&poll.request),
        Step::All { requests } => requests.last(),
        Step::Group { steps, .. } => last_request(steps),
        Step::Repeat(repeat) => last_request(&repeat.steps),
        Step::Retry(retry) => last_request(&retry.steps),
        Step::If { then, .. } => last_request(then),
        Step::Choose { branches } => branches.iter().rev().find_map(|(_, steps)| last_request(steps)),
        _ => None,
    })
}

/// Names of the pools that steps collect.
fn pools(steps: &Field<List<StepEntry>>) -> Vec<Arc<str>> {
    let mut pools: Vec<Arc<str>> = Vec::new();
    for step in steps.get().into_iter().flat_map(List::iter) {
        for name in step.collect.get().into_iter().flat_map(Map::names) {
            if !pools.iter().any(|pool| pool.as_ref() == name) {
                pools.push(name.into());
            }
        }
        for inner in [&step.steps, &step.then, &step.else_, &step.all] {
            pools.extend(self::pools(inner).into_iter().filter(|pool| !pools.contains(pool)).collect::<Vec<_>>());
        }
        for branch in step.choose.get().into_iter().flat_map(List::iter) {
            pools.extend(
                self::pools(&branch.steps).into_iter().filter(|pool| !pools.contains(pool)).collect::<Vec<_>>(),
            );
        }
    }
    pools
}
