//! Walks over steps: their requests, and the names that their expressions refer to.

use std::collections::BTreeSet;

use crate::plan::step::{Auth, Body, PartContent, Record};
use crate::plan::{Expression, Request, Step, Template};

/// Calls `visit` with every request of the steps, nested ones included.
pub(super) fn each_request(steps: &[Step], visit: &mut impl FnMut(&Request)) {
    for step in steps {
        match step {
            Step::Request(request) => visit(request),
            Step::Poll(poll) => visit(&poll.request),
            Step::All { requests } => requests.iter().for_each(&mut *visit),
            Step::Group { steps, .. } => each_request(steps, visit),
            Step::Repeat(repeat) => each_request(&repeat.steps, visit),
            Step::Retry(retry) => each_request(&retry.steps, visit),
            Step::If { then, otherwise, .. } => {
                each_request(then, visit);
                each_request(otherwise, visit);
            }
            Step::Choose { branches } => branches.iter().for_each(|(_, steps)| each_request(steps, visit)),
            Step::Think { .. } | Step::Let { .. } | Step::Record { .. } | Step::Stop { .. } | Step::Fail { .. } => {}
        }
    }
}

/// Every variable that the steps refer to.
pub(super) fn of_steps(steps: &[Step]) -> BTreeSet<String> {
    let mut names = Names::default();
    names.steps(steps);
    each_request(steps, &mut |request| names.request(request));
    names.0
}

#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn expression(&mut self, expression: &Expression) {
        self.0.extend(expression.names().iter().cloned());
    }

    fn template(&mut self, template: &Template) {
        self.0.extend(template.names());
    }

    fn records(&mut self, records: &[Record]) {
        for record in records {
            record.when.iter().for_each(|when| self.expression(when));
            self.expression(&record.value);
        }
    }

    /// What the steps themselves refer to; their requests are looked at on their own.
    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Request(_) | Step::All { .. } | Step::Think { .. } => {}
                Step::Group { steps, .. } => self.steps(steps),
                Step::Repeat(repeat) => {
                    repeat.while_.iter().chain(&repeat.until).for_each(|condition| self.expression(condition));
                    self.steps(&repeat.steps);
                }
                Step::Poll(poll) => self.expression(&poll.until),
                Step::Retry(retry) => {
                    retry.until.iter().for_each(|until| self.expression(until));
                    self.steps(&retry.steps);
                }
                Step::If { condition, then, otherwise } => {
                    self.expression(condition);
                    self.steps(then);
                    self.steps(otherwise);
                }
                Step::Choose { branches } => branches.iter().for_each(|(_, steps)| self.steps(steps)),
                Step::Let { bindings } => bindings.iter().for_each(|(_, value)| self.0.extend(value.names())),
                Step::Record { records } => self.records(records),
                Step::Stop { reason } | Step::Fail { reason } => self.template(reason),
            }
        }
    }

    fn request(&mut self, request: &Request) {
        self.template(&request.url);
        request.query.iter().for_each(|(_, value)| self.template(value));
        request.headers.iter().chain(&*request.default_headers).for_each(|(_, value)| self.template(value));
        request.tags.iter().for_each(|(_, value)| self.template(value));
        request.checks.iter().for_each(|check| self.expression(&check.condition));
        request.captures.iter().chain(&request.collects).for_each(|capture| self.expression(&capture.from));
        self.records(&request.records);
        match &request.auth {
            Some(Auth::Basic { username, password } | Auth::Digest { username, password }) => {
                self.template(username);
                self.template(password);
            }
            Some(Auth::Bearer(token)) => self.template(token),
            None => {}
        }
        match &request.body {
            Some(Body::Json(value)) => self.0.extend(value.names()),
            Some(Body::Form(fields)) => fields.iter().for_each(|(_, value)| self.template(value)),
            Some(Body::Raw(text)) => self.template(text),
            Some(Body::Multipart(parts)) => {
                for part in parts {
                    if let PartContent::Text(text) = &part.content {
                        self.template(text);
                    }
                }
            }
            Some(Body::Bytes(_)) | None => {}
        }
    }
}
