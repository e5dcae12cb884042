//! The steps of a flow, compiled: what a virtual user does in one iteration.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, Method, StatusCode};
use serde_json::Value;

use super::expression::Expression;
use super::template::Template;

/// Index of a request's series in [`super::Plan::requests`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u16);

/// Index of a selector in [`super::Plan::submetrics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubmetricId(pub u16);

/// Index of a check's name in [`super::Plan::checks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CheckId(pub u16);

/// Index of a group's name in [`super::Plan::groups`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub u16);

/// Index of a metric in [`super::Plan::metrics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricId(pub u16);

/// A submetric that a sample of this step may belong to. All tags known when the plan was read have been matched already;
/// those that only the response decides are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmetricMatch {
    pub submetric: SubmetricId,
    /// Tag and value still to be compared: `status`, `expected_response`, `error`, or a tag with a template.
    pub pending: Vec<(Arc<str>, Arc<str>)>,
}

/// One step.
#[derive(Debug)]
pub enum Step {
    Request(Box<Request>),
    /// Wait, uniformly random between the two.
    Think {
        min: Duration,
        max: Duration,
    },
    /// Name a list of steps; its time is `group_duration`.
    Group {
        id: GroupId,
        steps: Arc<[Step]>,
        submetrics: Vec<SubmetricMatch>,
    },
    Repeat(Box<Repeat>),
    /// Ask again until an answer satisfies.
    Poll(Box<Poll>),
    /// Try a list of steps until one attempt succeeds.
    Retry(Box<Retry>),
    If {
        condition: Expression,
        then: Arc<[Step]>,
        otherwise: Arc<[Step]>,
    },
    /// One branch by chance, in proportion to its weight.
    Choose {
        branches: Vec<(f64, Arc<[Step]>)>,
    },
    /// Requests at once, each on a connection of its own; captures are visible after the last has ended.
    All {
        requests: Vec<Request>,
    },
    Let {
        bindings: Vec<(Arc<str>, ValueTemplate)>,
    },
    Record {
        records: Vec<Record>,
    },
    /// End this iteration; it counts in `iterations_stopped` under the reason.
    Stop {
        reason: Template,
    },
    /// End this iteration as failed; it counts in `iteration_errors` under the reason.
    Fail {
        reason: Template,
    },
}

/// Repeat steps; `index` counts from 0 inside them.
#[derive(Debug)]
pub struct Repeat {
    /// At most this often; without it the conditions alone end the loop.
    pub count: Option<u64>,
    /// Looked at before each pass: go on while it holds.
    pub while_: Option<Expression>,
    /// Looked at after each pass: end when it holds.
    pub until: Option<Expression>,
    /// Passes at once, 1 = one after another. Only where passes don't depend on each other.
    pub parallel: usize,
    pub steps: Arc<[Step]>,
    /// For each pool collected inside: the least number of values, else the iteration (or the setup) fails.
    pub at_least: Option<u64>,
    /// Names of the pools collected inside, for `at_least`.
    pub pools: Vec<Arc<str>>,
}

/// Repeat one request until its answer satisfies.
#[derive(Debug)]
pub struct Poll {
    pub request: Request,
    pub until: Expression,
    pub every: Duration,
    /// Requests at most.
    pub max: u64,
    pub otherwise: Exhausted,
}

/// Repeat an attempt until nothing in it failed and `until` holds.
#[derive(Debug)]
pub struct Retry {
    pub steps: Arc<[Step]>,
    /// Looked at after each attempt that did not fail.
    pub until: Option<Expression>,
    pub delay: Duration,
    /// Attempts at most.
    pub max: u64,
    pub otherwise: Exhausted,
}

/// What becomes of the iteration when a poll or a retry gives up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// Ends it, counted in `iterations_stopped` under this reason (`queue-status: poll exhausted`).
    Stop(Arc<str>),
    /// Fails it, counted in `iteration_errors` under this reason.
    Fail(Arc<str>),
    /// Goes on with the next step.
    Continue,
}

/// One HTTP request.
#[derive(Debug)]
pub struct Request {
    pub id: RequestId,
    pub name: Arc<str>,
    pub method: Method,
    /// A path (joined to the target's origin) or an absolute URL of the target or an allowed host.
    pub url: Template,
    pub query: Vec<(String, Template)>,
    /// The request's own headers, and the plan's defaults that it doesn't override. The flow's come in between.
    pub headers: Vec<(HeaderName, Template)>,
    pub default_headers: Arc<[(HeaderName, Template)]>,
    pub body: Option<Body>,
    pub auth: Option<Auth>,
    /// For the whole exchange, redirects included.
    pub timeout: Duration,
    /// Redirects followed at most.
    pub redirects: u32,
    /// Whether cookies are sent and kept (once an iteration).
    pub cookies: bool,
    pub expect: StatusSet,
    pub checks: Vec<Check>,
    pub captures: Vec<Capture>,
    pub collects: Vec<Capture>,
    pub records: Vec<Record>,
    /// Tags whose value only the run knows; constant ones are matched already.
    pub tags: Vec<(Arc<str>, Template)>,
    /// Submetrics of the `http_*` and `data_*` metrics that a sample may belong to.
    pub submetrics: Vec<SubmetricMatch>,
}

/// What a request sends.
#[derive(Debug)]
pub enum Body {
    Json(ValueTemplate),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, Template)>),
    Multipart(Vec<Part>),
    /// As it is; the content type is the request's own header.
    Raw(Template),
    /// A file of the plan's folder, read when the plan was.
    Bytes(bytes::Bytes),
}

/// One part of a multipart body.
#[derive(Debug)]
pub struct Part {
    pub name: String,
    pub filename: Option<String>,
    pub content_type: Option<String>,
    pub content: PartContent,
}

#[derive(Debug)]
pub enum PartContent {
    Text(Template),
    Bytes(bytes::Bytes),
}

/// How a request proves who it is.
#[derive(Debug)]
pub enum Auth {
    Basic { username: Template, password: Template },
    Bearer(Template),
}

/// A JSON value in which strings may be templates. A string that is one `${…}` keeps the type of its value.
#[derive(Debug)]
pub enum ValueTemplate {
    Constant {
        value: Value,
        /// The same as JSON.
        json: String,
    },
    Template(Template),
    Array(Vec<ValueTemplate>),
    Object(Vec<(String, ValueTemplate)>),
}

/// The statuses that are not failures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusSet(pub Vec<std::ops::RangeInclusive<u16>>);

impl StatusSet {
    /// Whether an answer with this status is expected.
    pub fn contains(&self, status: StatusCode) -> bool {
        self.0.iter().any(|range| range.contains(&status.as_u16()))
    }
}

impl Default for StatusSet {
    /// 200 to 399, as in k6.
    fn default() -> Self {
        StatusSet(vec![200..=399])
    }
}

/// A named condition on an answer, counted in `checks`.
#[derive(Debug)]
pub struct Check {
    pub id: CheckId,
    pub name: Arc<str>,
    pub condition: Expression,
    pub submetrics: Vec<SubmetricMatch>,
}

/// A value taken from an answer: kept for this iteration (`capture`), or added to a shared pool (`collect`).
#[derive(Debug)]
pub struct Capture {
    pub name: Arc<str>,
    pub from: Expression,
    /// A missing value is no failure: the name stays undefined, or nothing is added.
    pub optional: bool,
}

/// A sample of a metric that the plan declares.
#[derive(Debug)]
pub struct Record {
    pub metric: MetricId,
    /// Only when this holds.
    pub when: Option<Expression>,
    pub value: Expression,
    pub submetrics: Vec<SubmetricMatch>,
}
