//! JUnit XML: each guard, failure, threshold and row of the comparison is a test case.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Property, Report as Junit, TestCase, TestCaseStatus, TestSuite, XmlString};

use crate::gate::{
    Base, ByBase, Compared, Comparison, Failure, GatedMetric, Guard, Row, RowOutcome, Standing, ThresholdResult,
    Verdict,
};

use super::text::no_comparison;
use super::{Report, base, design, tables};

/// Writes the report. What failed without a threshold, a broken threshold and a regression are failures, a guard that fired
/// is an error, and what could not be decided is skipped.
///
/// # Errors
/// The writer's.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut junit = Junit::new(format!("loadgate {}", report.measurement.plan));
    let suite = |name: &str, cases: Vec<TestCase>| {
        let mut suite = TestSuite::new(name);
        suite.add_test_cases(cases);
        suite
    };
    let judgement = report.judgement;
    junit.add_test_suite(suite("guards", judgement.guards.iter().map(guard).collect()));
    // There is a case only where there is a failure: these are found, not looked for one by one.
    if !judgement.failures.is_empty() {
        junit.add_test_suite(suite("failures", judgement.failures.iter().map(failure).collect()));
    }
    junit.add_test_suite(suite(
        "thresholds",
        judgement.thresholds.iter().map(|result| threshold(report, result)).collect(),
    ));
    if let Some(base) = &judgement.base {
        junit.add_test_suite(suite("base's rules", by_base(base)));
    }
    let mut comparison = suite("comparison", comparison(report));
    comparison.add_properties(properties(&judgement.comparison));
    junit.add_test_suite(comparison);
    junit.serialize(out).map_err(io::Error::other)
}

/// What base's rules don't accept and the pull request's own do; one case that has passed where there is nothing.
fn by_base(base: &ByBase) -> Vec<TestCase> {
    let status = |finding: String| {
        if base.standing == Standing::Waived || base.judgement.verdict == Verdict::TooNoisy {
            return skipped(finding);
        }
        let kind = match base.judgement.verdict {
            Verdict::NotMeasured => NonSuccessKind::Error,
            _ => NonSuccessKind::Failure,
        };
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(finding);
        status
    };
    if base.loosened.is_empty() {
        let status = match base.standing {
            Standing::Own => TestCaseStatus::success(),
            Standing::Base | Standing::Waived => skipped(base.judgement.headline()),
        };
        return vec![TestCase::new(base::line(base), status)];
    }
    base.loosened.iter().map(|loosened| TestCase::new(&*loosened.subject, status(loosened.sentence()))).collect()
}

/// How the run was compared.
fn properties(comparison: &Comparison) -> Vec<Property> {
    let Comparison::Made(compared) = comparison else { return Vec::new() };
    let mut properties = Vec::new();
    if let Base::Reference(paired) = &compared.with {
        properties.push(Property::new("reference", &paired.target));
        properties.extend(paired.commit.as_ref().map(|commit| Property::new("reference commit", commit)));
    }
    properties.extend(design::lines(compared).into_iter().map(|line| Property::new("design", line)));
    properties
}

fn comparison(report: &Report<'_>) -> Vec<TestCase> {
    match &report.judgement.comparison {
        Comparison::Made(compared) => {
            let name = |request: &str, metric: GatedMetric| format!("{request} {}", metric.name());
            let lost = compared.lost.iter().map(|figure| {
                TestCase::new(name(&figure.request, figure.metric), skipped(figure.sentence(&compared.with)))
            });
            let hidden = compared
                .hidden
                .iter()
                .map(|figure| TestCase::new(name(&figure.request, figure.metric), skipped(figure.sentence())));
            lost.chain(hidden).chain(compared.rows.iter().map(|one| row(report, compared, one))).collect()
        }
        Comparison::None(why) => vec![TestCase::new("comparison with history", skipped(no_comparison(why)))],
    }
}

fn skipped(why: impl Into<XmlString>) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(why);
    status
}

fn guard(guard: &Guard) -> TestCase {
    let status = if guard.fired {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(&*guard.finding).set_description(&*guard.cure);
        status
    } else {
        TestCaseStatus::success()
    };
    TestCase::new(case_name(tables::guard_name(guard.kind), guard.subject.as_deref()), status)
}

fn failure(failure: &Failure) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(&*failure.finding).set_description(&*failure.cure);
    TestCase::new(case_name(tables::failure_name(failure.kind), failure.subject.as_deref()), status)
}

fn case_name(kind: &str, subject: Option<&str>) -> String {
    subject.map_or_else(|| kind.to_owned(), |subject| format!("{kind}: {subject}"))
}

/// What holds has passed, unless nothing could be measured.
fn passed(report: &Report<'_>) -> TestCaseStatus {
    match report.judgement.verdict {
        Verdict::NotMeasured => skipped("not measured: see the guards"),
        Verdict::Fail | Verdict::TooNoisy | Verdict::Pass => TestCaseStatus::success(),
    }
}

fn threshold(report: &Report<'_>, result: &ThresholdResult) -> TestCase {
    let status = if result.passed {
        passed(report)
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(result.sentence());
        status
    };
    TestCase::new(format!("{}: {}", result.selector, result.condition), status)
}

fn row(report: &Report<'_>, compared: &Compared, row: &Row) -> TestCase {
    let status = match row.outcome {
        RowOutcome::Pass => passed(report),
        RowOutcome::Fail if compared.blocks(row) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(row.sentence());
            status
        }
        RowOutcome::Fail => skipped(format!("too few runs to block: {}", row.sentence())),
        RowOutcome::TooNoisy => {
            let parts = [Some(format!("too noisy: {}", row.sentence())), row.smallest_text()];
            skipped(parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
        }
        RowOutcome::TooFewSamples => skipped(row.not_judged(compared).unwrap_or_default()),
    };
    TestCase::new(format!("{} {}", row.request, row.metric.name()), status)
}

#[cfg(test)]
mod tests;
