//! Steps as they are written: one map with one verb.

use std::time::Duration;

use super::declare::{forms, record, words};
use super::read::{Json, List, Map, Spanned, Text};
use super::request::{AuthSection, BodyForm, CaptureForm, ExpectForm, PartForm, RecordForm};

record! {
    /// One step: a map with one verb, and what belongs to the verb.
    StepEntry: "a step" {
        /// GET this path.
        get = "get": Text,
        /// POST to this path.
        post = "post": Text,
        /// PUT to this path.
        put = "put": Text,
        /// PATCH this path.
        patch = "patch": Text,
        /// DELETE this path.
        delete = "delete": Text,
        /// HEAD of this path.
        head = "head": Text,
        /// OPTIONS of this path.
        options = "options": Text,
        /// A request of any method.
        request = "request": RequestTarget,
        /// Wait: a duration, or a range of which each pass takes a random one.
        think = "think": ThinkForm,
        /// Name the `steps`; their time is `group_duration`.
        group = "group": Text,
        /// Repeat the `steps`.
        repeat = "repeat": RepeatSection,
        /// Repeat this step's request until its answer satisfies.
        poll = "poll": PollSection,
        /// Try the `steps` until one attempt succeeds.
        retry = "retry": RetrySection,
        /// Run the steps under `then` where this holds, else those under `else`.
        if_ = "if": Text,
        /// Run one of these branches, by chance.
        choose = "choose": List<BranchSection>,
        /// Send these requests at once.
        all = "all": List<StepEntry>,
        /// Give names to values, for the rest of the iteration.
        let_ = "let": Map<Json>,
        /// Samples of the plan's own metrics; a verb where it stands alone.
        record = "record": Map<RecordForm>,
        /// End this iteration; it counts in `iterations_stopped` under this reason.
        stop = "stop": Text,
        /// End this iteration as failed; it counts in `iteration_errors` under this reason.
        fail = "fail": Text,
        /// What `group`, `repeat` and `retry` run.
        steps = "steps": List<StepEntry>,
        /// Where the condition of `if` holds.
        then = "then": List<StepEntry>,
        /// Where the condition of `if` does not hold.
        else_ = "else": List<StepEntry>,
        /// For each pool that `repeat` collects: the least number of values, else the iteration or the setup fails.
        at_least = "atLeast": Spanned<u64>,
        /// The request's name in reports and thresholds: method and path by default.
        name = "name": Text,
        /// The request's own headers.
        headers = "headers": Map<Text>,
        /// Added to the URL.
        query = "query": Map<Text>,
        /// A body of JSON.
        json = "json": Json,
        /// A body of form fields.
        form = "form": Map<Text>,
        /// A body of parts.
        multipart = "multipart": Map<PartForm>,
        /// A body as it is, or from a file.
        body = "body": BodyForm,
        /// How the request proves who it is.
        auth = "auth": AuthSection,
        /// Longest time of the request, redirects included.
        timeout = "timeout": Spanned<Duration>,
        /// Redirects followed at most.
        redirects = "redirects": Spanned<u64>,
        /// Whether cookies are sent and kept.
        cookies = "cookies": Spanned<bool>,
        /// The statuses that are not failures.
        expect = "expect": ExpectForm,
        /// Never being attempted is no reason to doubt the run: false by default.
        optional = "optional": Spanned<bool>,
        /// Conditions on the answer, by name, counted in `checks`.
        check = "check": Map<Text>,
        /// Values of the answer, kept for this iteration.
        capture = "capture": Map<CaptureForm>,
        /// Values of the answer, added to a pool that all virtual users share.
        collect = "collect": Map<CaptureForm>,
        /// Tags of the request's samples.
        tags = "tags": Map<Text>,
    }
}

/// The keys that belong to a request.
pub const REQUEST_KEYS: &[&str] = &[
    "name",
    "headers",
    "query",
    "json",
    "form",
    "multipart",
    "body",
    "auth",
    "timeout",
    "redirects",
    "cookies",
    "expect",
    "optional",
    "check",
    "capture",
    "collect",
    "record",
    "tags",
    "poll",
];

record! {
    /// A request of any method.
    RequestTarget: "a map of `method` and `url`" {
        /// GET, PURGE …
        method = "method": Text,
        /// A path, or the URL of an allowed host.
        url = "url": Text,
    }
}

forms! {
    /// How long to wait.
    ThinkForm: "a duration such as 1s, or a map of `min` and `max`" {
        Scalar => Fixed(Spanned<Duration>),
        Map => Range(RangeSection),
    }
}

record! {
    /// A range of durations.
    RangeSection: "a map of `min` and `max`" {
        /// The shortest.
        min = "min": Spanned<Duration>,
        /// The longest.
        max = "max": Spanned<Duration>,
    }
}

record! {
    /// How often, or how long, to repeat. `index` counts from 0 inside.
    RepeatSection: "a map of `count`, `while`, `until` and `parallel`" {
        /// At most this often.
        count = "count": Spanned<u64>,
        /// Looked at before each pass: go on while it holds.
        while_ = "while": Text,
        /// Looked at after each pass: end when it holds.
        until = "until": Text,
        /// Passes at once: 1 by default. Needs `count`.
        parallel = "parallel": Spanned<u64>,
    }
}

record! {
    /// Repeat a request until its answer satisfies.
    PollSection: "a map of `until`, `every`, `max` and `else`" {
        /// A condition on the answer.
        until = "until": Text,
        /// The wait between two requests: 1s by default.
        every = "every": Spanned<Duration>,
        /// Requests at most: 60 by default.
        max = "max": Spanned<u64>,
        /// What becomes of the iteration then: `fail` by default.
        else_ = "else": Spanned<ElseWord>,
    }
}

record! {
    /// Repeat an attempt until nothing in it failed and `until` holds.
    RetrySection: "a map of `max`, `delay`, `until` and `else`" {
        /// Attempts at most: 3 by default.
        max = "max": Spanned<u64>,
        /// The wait between two attempts: 1s by default.
        delay = "delay": Spanned<Duration>,
        /// Looked at after each attempt that did not fail.
        until = "until": Text,
        /// What becomes of the iteration when every attempt failed: `fail` by default.
        else_ = "else": Spanned<ElseWord>,
    }
}

/// What becomes of the iteration when a poll or a retry gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElseWord {
    Stop,
    Fail,
    Continue,
}

words! { ElseWord: "a way to go on" {
    "stop" => ElseWord::Stop,
    "fail" => ElseWord::Fail,
    "continue" => ElseWord::Continue,
} }

record! {
    /// One of several ways to go on.
    BranchSection: "a branch" {
        /// Its chance, relative to the others: 1 by default.
        weight = "weight": Spanned<f64>,
        /// What is done then, in order.
        steps = "steps": List<StepEntry>,
    }
}
