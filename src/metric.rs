//! The vocabulary of measurement: k6's metric names, their kinds and units, and the statistics drawn from them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a metric accumulates, in k6's four kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A sum.
    Counter,
    /// The last value, with the smallest and largest seen.
    Gauge,
    /// The share of samples that were true, 0 to 1.
    Rate,
    /// A distribution.
    Trend,
}

impl Kind {
    /// The kind's name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Rate => "rate",
            Kind::Trend => "trend",
        }
    }

    /// The figures that a metric of this kind has, of percentiles one for all.
    pub fn statistics(self) -> Vec<Statistic> {
        let all = [
            Statistic::Count,
            Statistic::Rate,
            Statistic::Value,
            Statistic::Avg,
            Statistic::Min,
            Statistic::Max,
            Statistic::Med,
            Statistic::Percentile(95.0),
        ];
        all.into_iter().filter(|statistic| statistic.applies_to(self)).collect()
    }
}

/// The unit in which a metric's figures are written and thresholds are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Milliseconds, as in k6's thresholds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Bytes.
    Bytes,
    /// A plain number.
    #[serde(rename = "none")]
    Plain,
}

impl Unit {
    /// What k6 says of a metric in this unit: what it contains.
    pub fn contains(self) -> &'static str {
        match self {
            Unit::Milliseconds => "time",
            Unit::Bytes => "data",
            Unit::Plain => "default",
        }
    }
}

macro_rules! builtins {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident, $unit:ident;)*) => {
        /// A metric that every run records. The names and meanings are k6's, but for those that say otherwise.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Builtin { $($(#[$doc])* $variant,)* }

        impl Builtin {
            /// Every built-in metric, in the order in which reports list them.
            pub const ALL: &'static [Builtin] = &[$(Builtin::$variant,)*];

            /// The metric's name as thresholds write it.
            pub fn name(self) -> &'static str {
                match self { $(Builtin::$variant => $name,)* }
            }

            /// What the metric accumulates.
            pub fn kind(self) -> Kind {
                match self { $(Builtin::$variant => Kind::$kind,)* }
            }

            /// The unit of its figures.
            pub fn unit(self) -> Unit {
                match self { $(Builtin::$variant => Unit::$unit,)* }
            }
        }
    };
}

builtins! {
    /// Requests started, redirect hops included.
    HttpReqs = "http_reqs", Counter, Plain;
    /// Share of requests without an expected response.
    HttpReqFailed = "http_req_failed", Rate, Plain;
    /// Sending + waiting + receiving. A request without any response has no duration; a time-out counts as its limit.
    HttpReqDuration = "http_req_duration", Trend, Milliseconds;
    /// Duration plus how late the request's iteration began (ours; arrival-rate executors only).
    HttpReqScheduledDuration = "http_req_scheduled_duration", Trend, Milliseconds;
    /// Waiting for a connection: DNS, connect and TLS included; 0 on a reused connection.
    HttpReqBlocked = "http_req_blocked", Trend, Milliseconds;
    /// TCP connect.
    HttpReqConnecting = "http_req_connecting", Trend, Milliseconds;
    /// TLS handshake.
    HttpReqTlsHandshaking = "http_req_tls_handshaking", Trend, Milliseconds;
    /// Writing the request.
    HttpReqSending = "http_req_sending", Trend, Milliseconds;
    /// From the last byte written to the first byte read.
    HttpReqWaiting = "http_req_waiting", Trend, Milliseconds;
    /// From the first byte read to the last.
    HttpReqReceiving = "http_req_receiving", Trend, Milliseconds;
    /// Share of checks that passed.
    Checks = "checks", Rate, Plain;
    /// Iterations completed.
    Iterations = "iterations", Counter, Plain;
    /// Time of a completed iteration.
    IterationDuration = "iteration_duration", Trend, Milliseconds;
    /// Iterations that were due but never started.
    DroppedIterations = "dropped_iterations", Counter, Plain;
    /// Iterations ended early by a `stop` step, an exhausted poll or an exhausted retry (ours).
    IterationsStopped = "iterations_stopped", Counter, Plain;
    /// Iterations that failed: a `fail` step, a failed capture or a template with a missing field (ours).
    IterationErrors = "iteration_errors", Counter, Plain;
    /// How late iterations of arrival-rate executors began (ours).
    ScheduleLag = "schedule_lag", Trend, Milliseconds;
    /// Time spent in a group, once per pass.
    GroupDuration = "group_duration", Trend, Milliseconds;
    /// Virtual users that are running.
    Vus = "vus", Gauge, Plain;
    /// Virtual users that have been allocated.
    VusMax = "vus_max", Gauge, Plain;
    /// Bytes written to the network.
    DataSent = "data_sent", Counter, Bytes;
    /// Bytes read from the network.
    DataReceived = "data_received", Counter, Bytes;
}

impl FromStr for Builtin {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|m| m.name() == name).ok_or(())
    }
}

/// A metric that a run records: built in, or declared by the plan under `metrics`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    Builtin(Builtin),
    Custom(Arc<str>),
}

impl Metric {
    /// The metric called `name`; every name that is not built in is a custom metric's.
    pub fn named(name: &str) -> Self {
        match name.parse() {
            Ok(builtin) => Metric::Builtin(builtin),
            Err(()) => Metric::Custom(name.into()),
        }
    }

    /// The name as thresholds write it.
    pub fn name(&self) -> &str {
        match self {
            Metric::Builtin(builtin) => builtin.name(),
            Metric::Custom(name) => name,
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Builtin> for Metric {
    fn from(builtin: Builtin) -> Self {
        Metric::Builtin(builtin)
    }
}

/// A figure drawn from a metric, as k6's thresholds name it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// A counter's sum, or a rate's or trend's number of samples.
    Count,
    /// A counter's sum per second of the judged phase, or a rate's share of true samples.
    Rate,
    /// A gauge's last value.
    Value,
    Avg,
    Min,
    Max,
    Med,
    /// `p(95)`: the percentile, 0 to 100.
    Percentile(f64),
}

impl Statistic {
    /// Whether a metric of this kind has the statistic, by k6's rules.
    pub fn applies_to(self, kind: Kind) -> bool {
        match kind {
            Kind::Counter => matches!(self, Statistic::Count | Statistic::Rate),
            Kind::Gauge => matches!(self, Statistic::Value),
            Kind::Rate => matches!(self, Statistic::Rate),
            Kind::Trend => !matches!(self, Statistic::Count | Statistic::Rate | Statistic::Value),
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Statistic::Count => f.write_str("count"),
            Statistic::Rate => f.write_str("rate"),
            Statistic::Value => f.write_str("value"),
            Statistic::Avg => f.write_str("avg"),
            Statistic::Min => f.write_str("min"),
            Statistic::Max => f.write_str("max"),
            Statistic::Med => f.write_str("med"),
            Statistic::Percentile(p) => write!(f, "p({p})"),
        }
    }
}

/// A metric narrowed to the samples that carry every one of these tags: `http_req_duration{name:reserve}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Selector {
    pub metric: Metric,
    /// Tag and value, all of which a sample must carry; empty selects the whole metric.
    pub tags: Vec<(String, String)>,
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.metric.fmt(f)?;
        if !self.tags.is_empty() {
            let tags: Vec<String> =
                self.tags.iter().map(|(tag, value)| format!("{tag}:{}", quoted_if_needed(value))).collect();
            write!(f, "{{{}}}", tags.join(","))?;
        }
        Ok(())
    }
}

/// A tag's value as a selector writes it: quoted only where it could be read in another way.
fn quoted_if_needed(value: &str) -> Cow<'_, str> {
    let plain = !value.is_empty() && value.trim() == value && !value.contains(',') && !value.starts_with(['"', '\'']);
    if plain {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")))
    }
}
