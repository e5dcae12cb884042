//! A judgement's grounds as sentences: the headline and every report say them in these words.

use crate::metric::Unit;
use crate::number;
use crate::plan::policy::GatedMetric;

use super::{Failure, Guard, Row, ThresholdResult};

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

    fn is_share(&self) -> bool {
        self.metric == GatedMetric::Failed
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
