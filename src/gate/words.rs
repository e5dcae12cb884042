//! A judgement's grounds as sentences: the headline and every report say them in these words.

use crate::metric::Unit;
use crate::number::{self, counted, plain};
use crate::plan::policy::GatedMetric;

use super::sample_size::Beyond;
use super::{Base, Compared, Failure, Guard, HiddenFigure, LostFigure, Row, RowOutcome, ThresholdResult};

/// Samples beyond a quantile that a paired run takes: five in each of eight blocks.
const BEYOND_OF_PAIRED: f64 = 40.0;

impl Row {
    /// A figure of the row's metric: `23.4ms`, or `1.20%` of the requests.
    pub fn figure_text(&self, figure: f64) -> String {
        if self.is_share() { number::percent(figure) } else { number::duration(figure) }
    }

    /// A change of the row's metric: `+32.5%`, or `+0.40 points`.
    pub fn change_text(&self, change: f64) -> String {
        if self.is_share() { number::points(change) } else { number::change(change) }
    }

    /// The 95 % interval of the change: `[+20.1, +46.0]%`, or `[-0.10, +0.70] points`.
    pub fn interval_text(&self) -> String {
        let unit = if self.is_share() { " points" } else { "%" };
        let bound = |change| self.change_text(change).trim_end_matches(unit).to_owned();
        format!("[{}, {}]{unit}", bound(self.interval.0), bound(self.interval.1))
    }

    /// The accepted change: `+10%`, or `+0.1 points`.
    pub fn limit_text(&self) -> String {
        if self.is_share() { number::points_limit(self.limit) } else { number::change_limit(self.limit) }
    }

    /// `reserve p95 23.4ms → 31ms, +32.5%, 95% interval [+20.1, +46.0]%, limit +10%`
    pub fn sentence(&self) -> String {
        format!(
            "{} {} {} → {}, {}, 95% interval {}, limit {}",
            self.request,
            self.metric.name(),
            self.figure_text(self.base),
            self.figure_text(self.candidate),
            self.change_text(self.change),
            self.interval_text(),
            self.limit_text()
        )
    }

    /// `the smallest change this run could have shown is +14.2%`; none where that is not known.
    pub fn smallest_text(&self) -> Option<String> {
        let smallest = self.detectable?;
        Some(format!("the smallest change this run could have shown is {}", self.change_text(smallest)))
    }

    /// Why the row is shown and not judged: `too few samples: 12 beyond p99, 100 needed`; none of one that is judged.
    pub fn not_judged(&self, compared: &Compared) -> Option<String> {
        if self.outcome != RowOutcome::TooFewSamples {
            return None;
        }
        let Some(quantile) = self.metric.quantile() else { return Some(self.too_few_requests(compared)) };
        // 200 × (1 − 0.95) is 9.999999999999993.
        let beyond = (self.samples as f64 * (1.0 - quantile) + 1e-6).floor();
        let of_run = Beyond::quantile(quantile).judged;
        let (needed, otherwise) = match compared.with {
            Base::History(_) => (of_run, "too few runs have enough, or they are too much alike"),
            Base::Reference(_) => (
                of_run.max(BEYOND_OF_PAIRED),
                "the reference has fewer, some blocks have too few, or they are too much alike",
            ),
        };
        if beyond >= needed {
            return Some(format!("too few samples: {otherwise}"));
        }
        Some(format!("too few samples: {} beyond {}, {} needed", plain(beyond), self.metric.name(), plain(needed)))
    }

    /// Not a single failure among n requests rules out a rate of 1 − α^(1/n) (Clopper and Pearson, 1934) and more. That of a
    /// reference may be 0.
    fn too_few_requests(&self, compared: &Compared) -> String {
        let (base, otherwise) = match compared.with {
            Base::History(_) => (self.base, "which fail in bursts"),
            Base::Reference(_) => (0.0, "in too few blocks"),
        };
        let requests = counted(self.samples, "request");
        let needed = (compared.alpha.ln() / (1.0 - self.limit - base).ln()).ceil();
        if needed.is_finite() && (self.samples as f64) < needed {
            return format!("too few samples: {requests}, {needed} needed to rule out {}", self.limit_text());
        }
        format!("too few samples: {requests}, {otherwise}")
    }

    fn is_share(&self) -> bool {
        self.metric == GatedMetric::Failed
    }
}

impl LostFigure {
    /// `reserve p95: 8 samples, where every run of the window has 3000 or more`
    pub fn sentence(&self, with: &Base) -> String {
        let (samples, base) = (counted(self.samples, "sample"), self.base);
        let base = match with {
            Base::History(_) => format!("every run of the window has {base} or more"),
            Base::Reference(_) => format!("the reference has {base}"),
        };
        format!("{} {}: {samples}, where {base}", self.request, self.metric.name())
    }
}

impl ThresholdResult {
    /// The statistic that the threshold is on: `p(95)`.
    pub fn statistic(&self) -> &str {
        self.condition[..self.operator().0].trim()
    }

    /// The limit with its operator and unit: `< 300ms`.
    pub fn limit_text(&self) -> String {
        let (from, to) = self.operator();
        let limit = match self.unit {
            Unit::Plain => self.condition[to..].trim().to_owned(),
            unit => number::with_unit(self.limit, unit),
        };
        format!("{} {limit}", &self.condition[from..to])
    }

    /// Which way the figure must stand to the limit: the operator without its `=`, but for `==` and `!=`.
    pub fn direction(&self) -> &str {
        let (from, to) = self.operator();
        match &self.condition[from..to] {
            equal @ ("==" | "===" | "!=") => equal,
            operator => operator.trim_end_matches('='),
        }
    }

    /// What was measured: `312.4ms`, or `no sample`.
    pub fn figure_text(&self) -> String {
        let text = |figure| number::beside_limit(figure, self.limit, self.unit);
        self.figure.map_or("no sample".to_owned(), text)
    }

    /// `http_req_duration p(95) is 312.4ms, limit < 300ms`
    pub fn sentence(&self) -> String {
        let verb = if self.figure.is_some() { "is" } else { "has" };
        let aborted = if self.aborted { ", which ended the run" } else { "" };
        let (statistic, measured, limit) = (self.statistic(), self.figure_text(), self.limit_text());
        format!("{} {statistic} {verb} {measured}, limit {limit}{aborted}", self.selector)
    }

    /// Where the condition's operator begins and ends.
    fn operator(&self) -> (usize, usize) {
        let is_operator = |c| matches!(c, '<' | '>' | '=' | '!');
        let from = self.condition.find(is_operator).unwrap_or(self.condition.len());
        let rest = &self.condition[from..];
        (from, from + rest.find(|c| !is_operator(c)).unwrap_or(rest.len()))
    }
}

impl HiddenFigure {
    /// `reserve p99: 2000 samples of the 3000 that it takes`
    pub fn sentence(&self) -> String {
        format!("{} {}: {}", self.request, self.metric.name(), self.reason)
    }
}

impl Guard {
    /// `reserve: 210 refusals of 300 requests, 70.00%; limit 50%`
    pub fn sentence(&self) -> String {
        about(self.subject.as_deref(), &self.finding)
    }
}

impl Failure {
    /// `reserve: none of 300 requests was answered (connect: 300)`
    pub fn sentence(&self) -> String {
        about(self.subject.as_deref(), &self.finding)
    }
}

fn about(subject: Option<&str>, finding: &str) -> String {
    subject.map_or_else(|| finding.to_owned(), |subject| format!("{subject}: {finding}"))
}

#[cfg(test)]
mod tests;
