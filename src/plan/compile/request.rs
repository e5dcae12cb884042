//! Requests: what is sent, what is expected of the answer, and what is taken from it.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use url::Url;

use super::Compiler;
use super::contract;
use super::names::{Part, Scope, nameable};
use super::series::{Carrier, Tags};
use crate::plan::error::{list, nearest};
use crate::plan::expression::Expression;
use crate::plan::file::read::{Map, Text};
use crate::plan::file::request::{CaptureForm, ExpectForm, RecordForm};
use crate::plan::file::step::StepEntry;
use crate::plan::step::{Capture, Check, CheckId, MetricId, Record, Request, RequestId, StatusSet};
use crate::plan::template::Template;

/// k6's time limit of a request.
const TIMEOUT: Duration = Duration::from_secs(60);
/// k6's limit of redirects.
const REDIRECTS: u64 = 10;
/// Headers that the client makes itself.
const CLIENT_HEADERS: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];

/// Tags whose value only the answer decides.
const ANSWER_TAGS: [&str; 3] = ["status", "expected_response", "error"];

/// Method and URL of a request.
pub struct Line<'a> {
    pub method: Method,
    pub url: &'a Text,
}

impl Compiler<'_> {
    /// Compiles a request step.
    pub fn request(&mut self, step: &StepEntry, line: &Line, scope: &Scope) -> Option<Request> {
        let url = self.template(line.url, scope);
        if let Some(url) = &url {
            self.check_url(url, line.url);
        }
        let name = self.request_name(step, line, url.as_ref());
        self.lossy |= url.is_none() && step.name.is_absent();
        self.lossy |= [step.check.get(), step.tags.get()].into_iter().flatten().any(Map::is_broken);
        self.lossy |= step.record.get().is_some_and(Map::is_broken);
        let own_tags = self.tags(&step.tags.get().cloned(), scope);
        let mut tags = own_tags.known;
        tags.set("name", &name);
        tags.set("method", line.method.as_str());
        let headers = self.headers(step.headers.get(), scope);
        let query = self.templates(step.query.get(), scope);
        let body = self.body(step, scope);
        let auth = self.auth(step, scope);
        let checks = self.checks(step, scope, &tags);
        let captures = self.captures(step.capture.get(), scope);
        let collects = self.captures(step.collect.get(), scope);
        if let (Some(key), Part::Scenario) = (step.collect.key(), scope.part) {
            let help = "in a scenario write `capture`, which keeps a value for the iteration";
            self.problems.add(key, "`collect` fills a pool before the load: it belongs to `setup`", help);
        }
        let records = self.records(step.record.get(), scope, &tags);
        let default_headers = self.default_headers(&headers, scope);
        let expect = self.expect(step);
        let redirects = step.redirects.get().or(self.defaults().and_then(|d| d.redirects.get()));
        if let Some(redirects) = redirects.filter(|redirects| redirects.value > 100) {
            self.problems.add(&redirects.place, format!("{} redirects are too many", redirects.value), "100 at most");
        }
        let redirects = redirects.map_or(REDIRECTS, |redirects| redirects.value) as u32;
        let timeout = step.timeout.get().or(self.defaults().and_then(|d| d.timeout.get()));
        if let Some(timeout) = timeout.filter(|timeout| timeout.value.is_zero()) {
            self.problems.add(&timeout.place, "no request ends in no time", "write a duration such as 15s");
        }
        let timeout = timeout.map_or(TIMEOUT, |timeout| timeout.value);
        let cookies = step.cookies.get().or(self.defaults().and_then(|d| d.cookies.get()));
        let cookies = cookies.is_none_or(|cookies| cookies.value);

        let mut pending_tags = tags.clone();
        pending_tags.pending.extend(ANSWER_TAGS.map(Arc::from));
        let submetrics = self.matching(&Carrier::Request, &pending_tags, scope);
        let optional = scope.optional || step.optional.get().is_some_and(|optional| optional.value);
        let url = url?;
        let definition = contract::Definition {
            method: &line.method,
            url: &url,
            query: &query,
            headers: [&default_headers[..], &scope.headers[..], &headers[..]],
            body: body.as_ref(),
            auth: auth.as_ref(),
            redirects,
            expect: &expect,
        }
        .hash();
        let id = RequestId(self.series.request(&name, definition, optional, scope.part == Part::Scenario));
        Some(Request {
            id,
            name: name.into(),
            method: line.method.clone(),
            url,
            query,
            headers,
            default_headers,
            body,
            auth,
            timeout,
            redirects,
            cookies,
            expect,
            checks,
            captures,
            collects,
            records,
            tags: own_tags.templates,
            submetrics,
        })
    }

    /// A URL begins with the path or the scheme; a host that is written out must be one the load may touch.
    fn check_url(&mut self, url: &Template, text: &Text) {
        let first = match url.parts().next() {
            Some(Ok(first)) => first,
            Some(Err(_)) => return,
            None => "",
        };
        if first.starts_with('/') && !first.starts_with("//") {
            return;
        }
        let absolute = ["http://", "https://"].iter().find_map(|scheme| first.strip_prefix(scheme));
        let Some(rest) = absolute else {
            let problem = format!("`{}` is no path and no URL", text.value);
            self.problems.add(&text.place, problem, "begin with `/`, or with the scheme of an allowed host's URL");
            return;
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.len() == rest.len() && url.constant().is_none() {
            return;
        }
        let Ok(parsed) = Url::parse(&first[..first.len() - rest.len() + host.len()]) else {
            self.problems.add(&text.place, format!("`{host}` is no host"), "write the path alone to reach the target");
            return;
        };
        if !self.may_touch(&parsed) {
            let problem = format!("the load may not touch `{host}`");
            let help = format!("write the path alone to reach the target, or add `{host}` to `target.allowedHosts`");
            self.problems.add(&text.place, problem, help);
        }
    }

    /// The name given, or method and path with templates as parameters.
    fn request_name(&mut self, step: &StepEntry, line: &Line, url: Option<&Template>) -> String {
        let Some(name) = step.name.get() else {
            return match url {
                Some(url) => default_name(&line.method, url),
                None => format!("{} {}", line.method, line.url.value),
            };
        };
        if name.value.contains("${") {
            let help = "a name is constant, so that the number of series is known; use `tags` for what changes";
            self.problems.add(&name.place, "a request's name can't hold a template", help);
        }
        if name.value.trim().is_empty() {
            self.problems.add(&name.place, "a request's name can't be empty", "leave `name` out for method and path");
        }
        name.value.clone()
    }

    /// Headers with their templates; names are checked.
    pub fn headers(&mut self, headers: Option<&Map<Text>>, scope: &Scope) -> Vec<(HeaderName, Template)> {
        let mut compiled: Vec<(HeaderName, Template)> = Vec::new();
        for (name, value) in headers.into_iter().flat_map(Map::iter) {
            let Ok(header) = name.value.parse::<HeaderName>() else {
                let problem = format!("`{}` is no name of a header", name.value);
                self.problems.add(&name.place, problem, "a header's name is letters, digits and `-`");
                continue;
            };
            if CLIENT_HEADERS.contains(&header.as_str()) {
                let problem = format!("`{header}` is made by the client");
                self.problems.add(&name.place, problem, "leave it out");
            }
            if compiled.iter().any(|(known, _)| *known == header) {
                self.problems.add(
                    &name.place,
                    format!("the header `{header}` is there twice"),
                    "leave one of them out",
                );
            }
            let Some(template) = self.template(value, scope) else { continue };
            if template.constant().is_some_and(|constant| HeaderValue::from_str(constant).is_err()) {
                let problem = format!("the value of `{header}` can't be sent in a header");
                self.problems.add(&value.place, problem, "a header's value is one line without control characters");
            }
            compiled.push((header, template));
        }
        compiled
    }

    /// The plan's default headers that neither the request nor its scenario overrides.
    fn default_headers(&mut self, own: &[(HeaderName, Template)], scope: &Scope) -> Arc<[(HeaderName, Template)]> {
        let file = self.file;
        let Some(headers) = file.defaults.get().and_then(|defaults| defaults.headers.get()) else {
            return Arc::from([]);
        };
        let mut compiled = self.headers(Some(headers), scope);
        let overridden = |name: &HeaderName| own.iter().chain(scope.headers.iter()).any(|(known, _)| known == name);
        compiled.retain(|(name, _)| !overridden(name));
        compiled.into()
    }

    /// Names with templates, in order.
    pub fn templates(&mut self, map: Option<&Map<Text>>, scope: &Scope) -> Vec<(String, Template)> {
        map.into_iter()
            .flat_map(Map::iter)
            .filter_map(|(name, value)| Some((name.value.clone(), self.template(value, scope)?)))
            .collect()
    }

    /// Tags of a step: constants are known now, templates are not.
    fn tags(&mut self, tags: &Option<Map<Text>>, scope: &Scope) -> StepTags {
        let mut step = StepTags { known: self.scope_tags(scope), templates: Vec::new() };
        for (tag, value) in tags.iter().flat_map(Map::iter) {
            if BUILTIN_TAGS.contains(&tag.value.as_str()) {
                let problem = format!("every sample has its own tag `{}`", tag.value);
                self.problems.add(&tag.place, problem, format!("take another name than {}", list(BUILTIN_TAGS)));
                continue;
            }
            let Some(template) = self.template(value, scope) else { continue };
            match template.constant() {
                Some(constant) => step.known.set(&tag.value, constant),
                None => {
                    step.known.known.retain(|(known, _)| known.as_ref() != tag.value);
                    step.known.pending.push(tag.value.as_str().into());
                    step.templates.push((tag.value.as_str().into(), template));
                }
            }
        }
        step
    }

    /// Tags that every sample of the scope carries.
    pub fn scope_tags(&self, scope: &Scope) -> Tags {
        let mut tags = Tags { known: scope.tags.to_vec(), pending: Vec::new() };
        if let Some(group) = scope.group() {
            tags.set("group", &group);
        }
        tags
    }

    fn expect(&mut self, step: &StepEntry) -> StatusSet {
        let Some(form) = step.expect.get().or(self.defaults().and_then(|defaults| defaults.expect.get())) else {
            return StatusSet::default();
        };
        let statuses: Vec<_> = match form {
            ExpectForm::One(statuses) => vec![statuses],
            ExpectForm::Many(list) => {
                if list.items.is_empty() {
                    self.problems.add(&list.place, "no status is expected", "leave `expect` out for 200 to 399");
                }
                list.iter().collect()
            }
        };
        StatusSet(statuses.iter().map(|statuses| statuses.first..=statuses.last).collect())
    }

    fn checks(&mut self, step: &StepEntry, scope: &Scope, tags: &Tags) -> Vec<Check> {
        let mut checks = Vec::new();
        for (name, condition) in step.check.get().into_iter().flat_map(Map::iter) {
            let condition = self.expression(condition, scope);
            let mut tags = tags.clone();
            tags.set("check", &name.value);
            let submetrics = self.matching(&Carrier::Check, &tags, scope);
            let id = CheckId(self.series.checks.id(&name.value));
            if let Some(condition) = condition {
                checks.push(Check { id, name: name.value.as_str().into(), condition, submetrics });
            }
        }
        checks
    }

    fn captures(&mut self, map: Option<&Map<CaptureForm>>, scope: &Scope) -> Vec<Capture> {
        let mut captures = Vec::new();
        for (name, form) in map.into_iter().flat_map(Map::iter) {
            nameable(name, &mut self.problems);
            let (from, optional) = match form {
                CaptureForm::Expression(text) => (Some(text), false),
                CaptureForm::Section(section) => {
                    let help = "write the expression of the value, such as `from: body.data.id`";
                    let from = section.from.required("from", help, &section.place, &mut self.problems);
                    (from, section.optional.get().is_some_and(|optional| optional.value))
                }
            };
            let Some(from) = from.and_then(|from| self.expression(from, scope)) else { continue };
            captures.push(Capture { name: name.value.as_str().into(), from, optional });
        }
        captures
    }

    /// Samples of the plan's metrics, whose tags are those given.
    pub fn records(&mut self, map: Option<&Map<RecordForm>>, scope: &Scope, tags: &Tags) -> Vec<Record> {
        let mut records = Vec::new();
        for (metric, form) in map.into_iter().flat_map(Map::iter) {
            let id = self.metric(metric);
            let (when, value) = match form {
                RecordForm::Expression(text) => (None, Some(text)),
                RecordForm::Section(section) => {
                    let help = "write the expression of the sample's value";
                    let value = section.value.required("value", help, &section.place, &mut self.problems);
                    (section.when.get(), value)
                }
            };
            let when = when.map(|when| self.expression(when, scope));
            let value = value.and_then(|value| self.expression(value, scope));
            let (Some(id), Some(value)) = (id, value) else { continue };
            let when: Option<Expression> = match when {
                Some(None) => continue,
                Some(when) => when,
                None => None,
            };
            let submetrics = self.matching(&Carrier::Custom(metric.value.as_str().into()), tags, scope);
            records.push(Record { metric: id, when, value, submetrics });
        }
        records
    }

    fn metric(&mut self, name: &Text) -> Option<MetricId> {
        let file = self.file;
        let declared = file.metrics.get();
        let index = declared.and_then(|metrics| metrics.names().position(|known| known == name.value));
        if index.is_none() {
            let problem = format!("there is no metric `{}`", name.value);
            let names: Vec<&str> = declared.into_iter().flat_map(Map::names).collect();
            let help = match nearest(&name.value, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it: `metrics: {{ {}: rate }}`", name.value),
            };
            self.problems.add(&name.place, problem, help);
        }
        index.map(|index| MetricId(index as u16))
    }
}

/// A step's tags, with the templates of those that only the run knows.
struct StepTags {
    known: Tags,
    templates: Vec<(Arc<str>, Template)>,
}

/// Tags that samples carry by themselves.
pub const BUILTIN_TAGS: [&str; 8] =
    ["name", "method", "scenario", "group", "check", "status", "expected_response", "error"];

/// Method and path with templates as parameters: `POST /concert-events/:concert/reserve`. The query is left out.
fn default_name(method: &Method, url: &Template) -> String {
    let mut name = format!("{method} ");
    for part in url.parts() {
        match part {
            Ok(text) => {
                let end = text.find(['?', '#']).unwrap_or(text.len());
                name.push_str(&text[..end]);
                if end < text.len() {
                    break;
                }
            }
            Err(expression) => {
                name.push(':');
                name.push_str(parameter(expression.source()));
            }
        }
    }
    name
}

/// The last name in an expression: `concert`, `id` of `pick(seats).id`.
fn parameter(expression: &str) -> &str {
    expression
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .rfind(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .unwrap_or("value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_names_are_method_and_path_with_parameters() {
        for (url, name) in [
            ("/boards", "GET /boards"),
            ("/boards?page=${page}", "GET /boards"),
            ("/api/v1/concert-events/${concert}/reserve", "GET /api/v1/concert-events/:concert/reserve"),
            ("/seats/${pick(seats).id}.json", "GET /seats/:id.json"),
            ("/a/${index + 1}", "GET /a/:index"),
            ("/a/${1 + 1}/${user['id']}", "GET /a/:value/:id"),
        ] {
            assert_eq!(default_name(&Method::GET, &Template::compile(url).unwrap()), name);
        }
    }
}
