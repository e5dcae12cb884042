//! Steps: one verb each, and what belongs to it.

use std::sync::Arc;
use std::time::Duration;

use http::Method;

use super::Compiler;
use super::names::{Scope, nameable};
use super::request::Line;
use super::series::Carrier;
use crate::plan::error::{Place, list};
use crate::plan::file::read::{Field, Json, List, Map, Spanned, Text};
use crate::plan::file::step::{
    BranchSection, ElseWord, PollSection, REQUEST_KEYS, RepeatSection, RetrySection, StepEntry, ThinkForm,
};
use crate::plan::step::{Exhausted, GroupId, Poll, Repeat, Request, Retry, Step, ValueTemplate};

/// Most steps of a plan, those of a flow counted for each scenario that uses it.
const MOST_STEPS: usize = 50_000;
/// Most passes of a loop at once.
const MOST_PARALLEL: u64 = 10_000;

const POLL_EVERY: Duration = Duration::from_secs(1);
const POLL_MAX: u64 = 60;
const RETRY_DELAY: Duration = Duration::from_secs(1);
const RETRY_MAX: u64 = 3;

/// The keys that one step may have beside its verb.
fn companions(verb: &str) -> &'static [&'static str] {
    match verb {
        "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "request" => REQUEST_KEYS,
        "group" | "retry" => &["steps"],
        "repeat" => &["steps", "atLeast"],
        "if" => &["then", "else"],
        _ => &[],
    }
}

impl Compiler<'_> {
    /// Compiles a list of steps; there must be one at least.
    pub fn steps(&mut self, steps: &Field<List<StepEntry>>, name: &str, place: &Place, scope: &Scope) -> Arc<[Step]> {
        match steps.required(name, "write a list of steps", place, &mut self.problems) {
            Some(list) => self.step_list(list, scope),
            None => Arc::from([]),
        }
    }

    /// Compiles a list of steps.
    pub fn step_list(&mut self, list: &List<StepEntry>, scope: &Scope) -> Arc<[Step]> {
        if list.items.is_empty() {
            self.problems.add(&list.place, "there are no steps", "write one step at least");
        }
        self.lossy |= list.items.iter().any(Option::is_none);
        list.iter().filter_map(|step| self.step(step, scope)).collect()
    }

    fn step(&mut self, step: &StepEntry, scope: &Scope) -> Option<Step> {
        self.compiled_steps += 1;
        if self.compiled_steps > MOST_STEPS {
            self.lossy = true;
            if self.compiled_steps == MOST_STEPS + 1 {
                let problem = format!("with this one the scenarios have more than {MOST_STEPS} steps");
                self.problems.add(&step.place, problem, "write loops, or use a flow in fewer scenarios");
            }
            return None;
        }
        let verb = self.verb(step);
        self.lossy |= verb.is_none() || given(step).iter().any(|(_, place)| place.is_none());
        match verb? {
            "think" => self.think(step.think.get()?),
            "group" => self.group(step.group.get()?, step, scope),
            "repeat" => self.repeat(step.repeat.get()?, step, scope),
            "retry" => self.retry(step.retry.get()?, step, scope),
            "if" => self.branch(step.if_.get()?, step, scope),
            "choose" => self.choose(step.choose.get()?, scope),
            "all" => self.all(step.all.get()?, scope),
            "let" => Some(Step::Let { bindings: self.bindings(step.let_.get()?, scope) }),
            "record" => {
                let tags = self.scope_tags(scope);
                Some(Step::Record { records: self.records(step.record.get(), scope, &tags) })
            }
            "stop" => self.template(step.stop.get()?, scope).map(|reason| Step::Stop { reason }),
            "fail" => self.template(step.fail.get()?, scope).map(|reason| Step::Fail { reason }),
            _ => match step.poll.get() {
                Some(poll) => self.poll(poll, step, scope),
                None => self.request_step(step, scope).map(|request| Step::Request(Box::new(request))),
            },
        }
    }

    /// The step's one verb; keys that don't belong to it are noted.
    fn verb(&mut self, step: &StepEntry) -> Option<&'static str> {
        let given = given(step);
        let mut verbs: Vec<(&'static str, Option<&Place>)> =
            given.iter().copied().filter(|(key, _)| VERBS.contains(key)).collect();
        if verbs.is_empty() {
            verbs.extend(given.iter().copied().filter(|(key, _)| *key == "record"));
        }
        let verb = match verbs.as_slice() {
            [(verb, _)] => *verb,
            [] if given.is_empty() && step.unknown => return None,
            [] => {
                let problem = match given.is_empty() {
                    true => "this step does nothing".to_owned(),
                    false => format!("this step has no verb; found {}", list(given.iter().map(|(key, _)| *key))),
                };
                self.problems.add(&step.place, problem, format!("a step has one of {}", list(VERBS)));
                return None;
            }
            [_, (_, second), ..] => {
                let problem = format!("a step has one verb; found {}", list(verbs.iter().map(|(verb, _)| *verb)));
                let place = second.cloned().unwrap_or_else(|| step.place.clone());
                self.problems.add(&place, problem, "make a step of each");
                return None;
            }
        };
        for (key, place) in given {
            if key != verb && !companions(verb).contains(&key) {
                let place = place.cloned().unwrap_or_else(|| step.place.clone());
                let help = match owner(key) {
                    Some(owner) => format!("it belongs to {owner}"),
                    None => "leave it out".to_owned(),
                };
                self.problems.add(&place, format!("`{key}` has no meaning beside `{verb}`"), help);
            }
        }
        Some(verb)
    }

    fn think(&mut self, form: &ThinkForm) -> Option<Step> {
        let (min, max) = match form {
            ThinkForm::Fixed(time) => (time.value, time.value),
            ThinkForm::Range(range) => {
                let min = range.min.required("min", "write a duration", &range.place, &mut self.problems);
                let max = range.max.required("max", "write a duration", &range.place, &mut self.problems);
                let (min, max) = (min?, max?);
                if min.value > max.value {
                    self.problems.add(&max.place, "`max` is less than `min`", "exchange them");
                }
                (min.value, max.value)
            }
        };
        Some(Step::Think { min: self.scale.time(min), max: self.scale.time(max) })
    }

    fn group(&mut self, name: &Text, step: &StepEntry, scope: &Scope) -> Option<Step> {
        if name.value.is_empty() || name.value.contains("::") || name.value.contains("${") {
            let problem = format!("`{}` can't be the name of a group", name.value);
            self.problems.add(&name.place, problem, "a group's name is constant text without `::`");
        }
        let inside = scope.inside(&name.value);
        let id = GroupId(self.series.groups.id(&inside.groups.join("::")));
        let tags = self.scope_tags(&inside);
        let submetrics = self.matching(&Carrier::Group, &tags, scope);
        let steps = self.steps(&step.steps, "steps", &step.place, &inside);
        Some(Step::Group { id, steps, submetrics })
    }

    fn repeat(&mut self, repeat: &RepeatSection, step: &StepEntry, scope: &Scope) -> Option<Step> {
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

    fn poll(&mut self, poll: &PollSection, step: &StepEntry, scope: &Scope) -> Option<Step> {
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

    fn retry(&mut self, retry: &RetrySection, step: &StepEntry, scope: &Scope) -> Option<Step> {
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

    fn branch(&mut self, condition: &Text, step: &StepEntry, scope: &Scope) -> Option<Step> {
        let condition = self.expression(condition, scope);
        let inside = scope.conditional();
        let then = self.steps(&step.then, "then", &step.place, &inside);
        let otherwise = match step.else_.get() {
            Some(steps) => self.step_list(steps, &inside),
            None => Arc::from([]),
        };
        Some(Step::If { condition: condition?, then, otherwise })
    }

    fn choose(&mut self, branches: &List<BranchSection>, scope: &Scope) -> Option<Step> {
        if branches.items.is_empty() {
            self.problems.add(&branches.place, "there is nothing to choose from", "write `- steps: […]` for each way");
        }
        let inside = scope.conditional();
        let mut compiled = Vec::new();
        for branch in branches.iter() {
            let weight = branch.weight.get();
            if let Some(weight) = weight.filter(|weight| weight.value <= 0.0) {
                let problem = format!("a branch of weight {} is never chosen", weight.value);
                self.problems.add(&weight.place, problem, "write a weight over 0, or leave the branch out");
            }
            let steps = self.steps(&branch.steps, "steps", &branch.place, &inside);
            compiled.push((weight.map_or(1.0, |weight| weight.value), steps));
        }
        Some(Step::Choose { branches: compiled })
    }

    fn all(&mut self, steps: &List<StepEntry>, scope: &Scope) -> Option<Step> {
        if steps.items.is_empty() {
            self.problems.add(&steps.place, "there are no requests", "write one request at least");
        }
        let mut requests = Vec::new();
        for step in steps.iter() {
            let Some(verb) = self.verb(step) else { continue };
            let place = step.poll.key().cloned().unwrap_or_else(|| step.place.clone());
            if companions(verb) != REQUEST_KEYS || step.poll.key().is_some() {
                let found = if step.poll.key().is_some() { "poll" } else { verb };
                self.problems.add(
                    &place,
                    format!("`{found}` can't be sent at once with others"),
                    "`all` takes requests",
                );
                continue;
            }
            requests.extend(self.request_step(step, scope));
        }
        Some(Step::All { requests })
    }

    /// Bindings in order; names are checked.
    pub fn bindings(&mut self, map: &Map<Json>, scope: &Scope) -> Vec<(Arc<str>, ValueTemplate)> {
        let mut bindings = Vec::new();
        for (name, value) in map.iter() {
            nameable(name, &mut self.problems);
            if let Some(value) = self.value(&value.0, scope) {
                bindings.push((name.value.as_str().into(), value));
            }
        }
        bindings
    }

    fn request_step(&mut self, step: &StepEntry, scope: &Scope) -> Option<Request> {
        let verbs = [
            (&step.get, Method::GET),
            (&step.post, Method::POST),
            (&step.put, Method::PUT),
            (&step.patch, Method::PATCH),
            (&step.delete, Method::DELETE),
            (&step.head, Method::HEAD),
            (&step.options, Method::OPTIONS),
        ];
        for (field, method) in verbs {
            if let Some(url) = field.get() {
                return self.request(step, &Line { method, url }, scope);
            }
        }
        let target = step.request.get()?;
        let method = target.method.required("method", "write `method: GET`, say", &target.place, &mut self.problems);
        let url = target.url.required("url", "write a path", &target.place, &mut self.problems);
        let (method, url) = (method?, url?);
        let Ok(parsed) = Method::from_bytes(method.value.to_uppercase().as_bytes()) else {
            let problem = format!("`{}` is no HTTP method", method.value);
            self.problems.add(&method.place, problem, "write letters alone, such as GET or PURGE");
            return None;
        };
        if parsed == Method::CONNECT {
            self.problems.add(
                &method.place,
                "CONNECT asks a proxy for a tunnel, which is no load",
                "take another method",
            );
        }
        self.request(step, &Line { method: parsed, url }, scope)
    }
}

const VERBS: [&str; 18] = [
    "get", "post", "put", "patch", "delete", "head", "options", "request", "think", "group", "repeat", "retry", "if",
    "choose", "all", "let", "stop", "fail",
];

/// What a key belongs to that is no verb.
fn owner(key: &str) -> Option<&'static str> {
    match key {
        "steps" => Some("`group`, `repeat` or `retry`"),
        "atLeast" => Some("`repeat`"),
        "then" | "else" => Some("`if`"),
        _ if REQUEST_KEYS.contains(&key) => Some("a request"),
        _ => None,
    }
}

/// The keys of a step that are there, with their places where they could be read.
fn given(step: &StepEntry) -> Vec<(&'static str, Option<&Place>)> {
    macro_rules! present {
        ($($field:ident $key:literal),* $(,)?) => {
            [$( (!step.$field.is_absent()).then(|| ($key, step.$field.key())), )*]
        };
    }
    let all = present![
        get "get", post "post", put "put", patch "patch", delete "delete", head "head", options "options",
        request "request", think "think", group "group", repeat "repeat", poll "poll", retry "retry", if_ "if",
        choose "choose", all "all", let_ "let", record "record", stop "stop", fail "fail", steps "steps", then "then",
        else_ "else", at_least "atLeast", name "name", headers "headers", query "query", json "json", form "form",
        multipart "multipart", body "body", auth "auth", timeout "timeout", redirects "redirects", cookies "cookies",
        expect "expect", optional "optional", check "check", capture "capture", collect "collect", tags "tags",
    ];
    let mut given: Vec<_> = all.into_iter().flatten().collect();
    given.sort_by_key(|(_, place)| place.map(|place| (place.line, place.column)));
    given
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
