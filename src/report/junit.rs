//! JUnit XML: each guard, failure, threshold and row of the comparison is a test case.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::gate::{Compared, Comparison, Failure, Guard, Row, RowOutcome, ThresholdResult};

use super::text::no_comparison;
use super::{Report, tables};

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
    junit.add_test_suite(suite("thresholds", judgement.thresholds.iter().map(threshold).collect()));
    let comparison = match &judgement.comparison {
        Comparison::Made(compared) => compared.rows.iter().map(|one| row(compared, one)).collect(),
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

fn threshold(result: &ThresholdResult) -> TestCase {
    let status = if result.passed {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(result.sentence());
        status
    };
    TestCase::new(format!("{}: {}", result.selector, result.condition), status)
}

fn row(compared: &Compared, row: &Row) -> TestCase {
    let skipped = |why: &str| {
        let mut status = TestCaseStatus::skipped();
        status.set_message(why);
        status
    };
    let status = match row.outcome {
        RowOutcome::Pass => TestCaseStatus::success(),
        RowOutcome::Fail if compared.blocks(row) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(row.sentence());
            status
        }
        RowOutcome::Fail => skipped(&format!("too few runs to block: {}", row.sentence())),
        RowOutcome::TooNoisy => skipped("too noisy: neither a regression nor its absence could be shown"),
        RowOutcome::TooFewSamples => skipped("too few samples"),
    };
    TestCase::new(format!("{} {}", row.request, row.metric.name()), status)
}

#[cfg(test)]
mod tests {
    use crate::gate::{Base, Comparison, History};
    use crate::report::fixture::{Fixture, broken, fail, not_measured, pass, written};

    fn xml(fixture: &Fixture) -> String {
        written(fixture, |report, out| super::write(report, out).unwrap())
    }

    #[test]
    fn a_run_that_passes() {
        insta::assert_snapshot!(xml(&pass()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="loadgate concert-reservation" tests="3" skipped="0" failures="0" errors="0">
            <testsuite name="guards" tests="1" skipped="0" errors="0" failures="0">
                <testcase name="request attempted"/>
            </testsuite>
            <testsuite name="thresholds" tests="1" skipped="0" errors="0" failures="0">
                <testcase name="http_req_duration{name:reserve}: p(95)&lt;300"/>
            </testsuite>
            <testsuite name="comparison" tests="1" skipped="0" errors="0" failures="0">
                <testcase name="reserve p95"/>
            </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn broken_thresholds_and_regressions_are_failures() {
        insta::assert_snapshot!(xml(&fail()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="loadgate concert-reservation" tests="6" skipped="1" failures="3" errors="0">
            <testsuite name="guards" tests="1" skipped="0" errors="0" failures="0">
                <testcase name="request attempted"/>
            </testsuite>
            <testsuite name="thresholds" tests="2" skipped="0" errors="0" failures="2">
                <testcase name="http_req_duration{name:reserve}: p(95)&lt;300">
                    <failure message="http_req_duration{name:reserve} p(95) is 312.4ms, limit &lt; 300ms"/>
                </testcase>
                <testcase name="checks: rate&gt;0.9999">
                    <failure message="checks rate is 0.97, limit &gt; 0.9999"/>
                </testcase>
            </testsuite>
            <testsuite name="comparison" tests="3" skipped="1" errors="0" failures="1">
                <testcase name="available-seats p95"/>
                <testcase name="reserve p95">
                    <failure message="reserve p95 9.1ms → 312.4ms, +3330.0%, 95% interval [+3326.0, +3335.0]%, limit +10%"/>
                </testcase>
                <testcase name="reserve failed">
                    <skipped message="too noisy: neither a regression nor its absence could be shown"/>
                </testcase>
            </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn a_guard_is_an_error() {
        insta::assert_snapshot!(xml(&not_measured()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="loadgate concert-reservation" tests="4" skipped="1" failures="1" errors="1">
            <testsuite name="guards" tests="2" skipped="0" errors="1" failures="0">
                <testcase name="request attempted"/>
                <testcase name="not refused: reserve">
                    <error message="100 refusals of 100 requests (401: 100), 100.00%; limit 50%">check the token in `defaults.headers`</error>
                </testcase>
            </testsuite>
            <testsuite name="thresholds" tests="1" skipped="0" errors="0" failures="1">
                <testcase name="http_req_duration{name:reserve}: p(95)&lt;300">
                    <failure message="http_req_duration{name:reserve} p(95) has no sample, limit &lt; 300ms"/>
                </testcase>
            </testsuite>
            <testsuite name="comparison" tests="1" skipped="1" errors="0" failures="0">
                <testcase name="comparison with history">
                    <skipped message="no baseline: 3 of 10 runs; thresholds alone decide"/>
                </testcase>
            </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn failures_without_a_threshold_have_a_suite_of_their_own() {
        let text = xml(&broken());
        let (_, rest) = text.split_once("    </testsuite>\n").unwrap();
        let (failures, _) = rest.split_once("    <testsuite name=\"thresholds\"").unwrap();
        insta::assert_snapshot!(failures, @r#"
        <testsuite name="failures" tests="2" skipped="0" errors="0" failures="2">
            <testcase name="no response: occupy">
                <failure message="none of 100 requests was answered (connect: 90, timeout: 10)">see the first failures in the report; check that the deployment serves this path</failure>
            </testcase>
            <testcase name="ended early">
                <failure message="ended early by http_req_failed: rate&lt;0.5">see the figure of that threshold</failure>
            </testcase>
        </testsuite>
        "#);
    }

    #[test]
    fn a_regression_beside_too_short_a_history_is_skipped() {
        let mut fixture = fail();
        let Comparison::Made(history) = &mut fixture.judgement.comparison else { panic!("no history") };
        history.with = Base::History(History { runs: 7, needed: 10, blocking: false });
        let text = xml(&fixture);
        let (_, rest) = text.split_once("<testcase name=\"reserve p95\">").unwrap();
        let (case, _) = rest.split_once("</testcase>").unwrap();
        insta::assert_snapshot!(case.trim(), @r#"<skipped message="too few runs to block: reserve p95 9.1ms → 312.4ms, +3330.0%, 95% interval [+3326.0, +3335.0]%, limit +10%"/>"#);
    }

    #[test]
    fn it_is_xml_whatever_a_name_is() {
        let mut fixture = fail();
        fixture.judgement.thresholds[0].selector = "a<b>&\"\u{1b}[2J]]>".into();
        let report = quick_junit::Report::deserialize_from_str(&xml(&fixture)).unwrap();
        assert_eq!(report.test_suites[1].test_cases.len(), 2);
    }
}
