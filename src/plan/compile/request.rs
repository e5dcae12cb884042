//! Requests: what is sent, and what every sample of it carries.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};

use super::Compiler;
use super::contract;
use super::names::{Part, Scope};
use super::series::{Carrier, Tags};
use crate::plan::error::list;
use crate::plan::file::read::{Map, Text};
use crate::plan::file::step::StepEntry;
use crate::plan::step::{Capture, Request, RequestId, SubmetricMatch};
use crate::plan::template::Template;

/// k6's time limit of a request.
const TIMEOUT: Duration = Duration::from_secs(60);
/// k6's limit of redirects.
const REDIRECTS: u64 = 10;
/// Most redirects that may be followed.
const MOST_REDIRECTS: u64 = 100;
/// Headers that the client makes itself.
const CLIENT_HEADERS: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];

/// Tags whose value only the answer decides.
const ANSWER_TAGS: [&str; 3] = ["status", "expected_response", "error"];

/// Method and URL of a request.
pub struct Line<'a> {
    pub method: Method,
    pub url: &'a Text,
}

/// How long a request may take, and what it follows and keeps.
struct Limits {
    timeout: Duration,
    redirects: u32,
    cookies: bool,
}

impl Compiler<'_> {
    /// Compiles a request step.
    pub fn request(&mut self, step: &StepEntry, line: &Line, scope: &Scope) -> Option<Request> {
        let url = self.template(line.url, scope);
        if let Some(url) = &url {
            self.check_url(url, line.url);
        }
        let name = self.request_name(step, line, url.as_ref());
        self.note_losses(step, url.is_some());
        let mut own_tags = self.tags(&step.tags.get().cloned(), scope);
        own_tags.known.set("name", &name);
        own_tags.known.set("method", line.method.as_str());
        let tags = &own_tags.known;
        let headers = self.headers(step.headers.get(), scope);
        let default_headers = self.default_headers(&headers, scope);
        let query = self.templates(step.query.get(), scope);
        let body = self.body(step, scope);
        let auth = self.auth(step, scope);
        let checks = self.checks(step, scope, tags);
        let captures = self.captures(step.capture.get(), scope);
        let collects = self.collects(step, scope);
        let records = self.records(step.record.get(), scope, tags);
        let submetrics = self.request_submetrics(tags.clone(), scope);
        let expect = self.expect(step);
        let Limits { timeout, redirects, cookies } = self.limits(step);
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
        let optional = scope.optional || step.optional.get().is_some_and(|optional| optional.value);
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

    /// Notes whether something could not be read that decides what the request's samples carry.
    fn note_losses(&mut self, step: &StepEntry, has_url: bool) {
        self.lossy |= !has_url && step.name.is_absent();
        self.lossy |= [step.check.get(), step.tags.get()].into_iter().flatten().any(Map::is_broken);
        self.lossy |= step.record.get().is_some_and(Map::is_broken);
    }

    /// Values for a shared pool; only before the load.
    fn collects(&mut self, step: &StepEntry, scope: &Scope) -> Vec<Capture> {
        if let (Some(key), Part::Scenario) = (step.collect.key(), scope.part) {
            let help = "in a scenario write `capture`, which keeps a value for the iteration";
            self.problems.add(key, "`collect` fills a pool before the load: it belongs to `setup`", help);
        }
        self.captures(step.collect.get(), scope)
    }

    /// Submetrics of the `http_*` and `data_*` metrics, for some of which the answer decides.
    fn request_submetrics(&mut self, mut tags: Tags, scope: &Scope) -> Vec<SubmetricMatch> {
        tags.pending.extend(ANSWER_TAGS.map(Arc::from));
        self.matching(&Carrier::Request, &tags, scope)
    }

    /// The request's own limits, or the plan's, or k6's.
    fn limits(&mut self, step: &StepEntry) -> Limits {
        let defaults = self.defaults();
        let redirects = step.redirects.get().or(defaults.and_then(|d| d.redirects.get()));
        if let Some(redirects) = redirects.filter(|redirects| redirects.value > MOST_REDIRECTS) {
            let problem = format!("{} redirects are too many", redirects.value);
            self.problems.add(&redirects.place, problem, format!("write {MOST_REDIRECTS} at most"));
        }
        let timeout = step.timeout.get().or(defaults.and_then(|d| d.timeout.get()));
        if let Some(timeout) = timeout.filter(|timeout| timeout.value.is_zero()) {
            self.problems.add(&timeout.place, "no request ends in no time", "write a duration such as 15s");
        }
        let cookies = step.cookies.get().or(defaults.and_then(|d| d.cookies.get()));
        Limits {
            timeout: timeout.map_or(TIMEOUT, |timeout| timeout.value),
            redirects: redirects.map_or(REDIRECTS, |redirects| redirects.value) as u32,
            cookies: cookies.is_none_or(|cookies| cookies.value),
        }
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
}

/// A step's tags, with the templates of those that only the run knows.
struct StepTags {
    known: Tags,
    templates: Vec<(Arc<str>, Template)>,
}

/// Tags that samples carry by themselves.
pub const BUILTIN_TAGS: [&str; 8] =
    ["name", "method", "scenario", "group", "check", "status", "expected_response", "error"];
