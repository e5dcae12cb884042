//! Steps, in the order of the file.

use std::sync::Arc;

use http::Method;

use super::Compiler;
use super::names::{Scope, nameable};
use super::request::Line;
use super::series::Carrier;
use super::verb::{companions, given};
use crate::plan::error::Place;
use crate::plan::file::read::{Field, Json, List, Map, Text};
use crate::plan::file::step::{BranchSection, REQUEST_KEYS, StepEntry, ThinkForm};
use crate::plan::step::{GroupId, Request, Step, ValueTemplate};

/// Most steps of a plan, those of a flow counted for each scenario that uses it.
const MOST_STEPS: usize = 50_000;

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

    pub fn request_step(&mut self, step: &StepEntry, scope: &Scope) -> Option<Request> {
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
