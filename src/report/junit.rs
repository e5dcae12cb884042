//! JUnit XML: each guard, threshold and row of the comparison is a test case.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::gate::{Comparison, Guard, Row, RowOutcome, ThresholdResult};

use super::text::no_comparison;
use super::{Report, tables};

/// Writes the report. A broken threshold and a regression are failures, a guard that fired is an error, and what could not
/// be decided is skipped.
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
    junit.add_test_suite(suite("thresholds", judgement.thresholds.iter().map(threshold).collect()));
    let comparison = match &judgement.comparison {
        Comparison::History(history) => history.rows.iter().map(row).collect(),
        Comparison::None(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(no_comparison(why));
            vec![TestCase::new("comparison with history", status)]
        }
    };
    junit.add_test_suite(suite("comparison", comparison));
    junit.serialize(out).map_err(io::Error::other)
}

fn guard(guard: &Guard) -> TestCase {
    let status = if guard.fired {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(&*guard.finding).set_description(&*guard.cure);
        status
    } else {
        TestCaseStatus::success()
    };
    let name = match &guard.subject {
        Some(subject) => format!("{}: {subject}", tables::guard_name(guard.kind)),
        None => tables::guard_name(guard.kind).to_owned(),
    };
    TestCase::new(name, status)
}

fn threshold(result: &ThresholdResult) -> TestCase {
    let status = if result.passed {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(tables::threshold_sentence(result));
        status
    };
    TestCase::new(format!("{}: {}", result.selector, result.condition), status)
}

fn row(row: &Row) -> TestCase {
    let skipped = |why: &str| {
        let mut status = TestCaseStatus::skipped();
        status.set_message(why);
        status
    };
    let status = match row.outcome {
        RowOutcome::Pass => TestCaseStatus::success(),
        RowOutcome::Fail => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(tables::regression_sentence(row));
            status
        }
        RowOutcome::TooNoisy => skipped("too noisy: neither a regression nor its absence could be shown"),
        RowOutcome::TooFewSamples => skipped("too few samples"),
    };
    TestCase::new(format!("{} {}", row.request, row.metric.name()), status)
}
