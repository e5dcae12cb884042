use crate::gate::{Base, Comparison, GatedMetric, History, LostFigure};
use crate::report::fixture::{
    Fixture, broken, fail, not_measured, paired_dead, paired_pass, paired_too_noisy, pass, written,
};

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
                <skipped message="too noisy: reserve failed 0.00% → 3.00%, +3.00 points, 95% interval [-1.00, +7.00] points, limit +0.1 points; the smallest change this run could have shown is +8.00 points"/>
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

/// The suite of a run's comparison.
fn comparison(fixture: &Fixture) -> String {
    let text = xml(fixture);
    let (_, rest) = text.split_once("    <testsuite name=\"comparison\"").unwrap();
    format!("<testsuite{rest}")
}

#[test]
fn a_paired_run_says_how_it_was_compared_and_what_it_could_not_judge() {
    insta::assert_snapshot!(comparison(&paired_pass()), @r#"
    <testsuite tests="5" skipped="1" errors="0" failures="0">
            <properties>
                <property name="reference" value="https://base.example"/>
                <property name="reference commit" value="1f0c9b2d77e1a37f8832"/>
                <property name="design" value="parallel: both deployments had the load at the same time; 20 pairs of blocks of 1s; one look"/>
                <property name="design" value="assumes equal hardware; assumes that the deployments share no database, cache or host"/>
                <property name="design" value="calibration: A/A: 0 of 60 failed; +10 % found in 19 of 20"/>
            </properties>
            <testcase name="available-seats p50"/>
            <testcase name="available-seats p95"/>
            <testcase name="reserve p50"/>
            <testcase name="reserve p95"/>
            <testcase name="reserve p99">
                <skipped message="too few samples: 40 beyond p99, 100 needed"/>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
    insta::assert_snapshot!(comparison(&paired_too_noisy()), @r#"
    <testsuite tests="3" skipped="2" errors="0" failures="0">
            <properties>
                <property name="reference" value="https://base.example"/>
                <property name="reference commit" value="1f0c9b2d77e1a37f8832"/>
                <property name="design" value="alternating: the deployments had the load in turn, block by block; 20 pairs of blocks of 1s; extended: look 2 of 2, at half of α"/>
                <property name="design" value="assumes equal hardware; the deployments share: database, host"/>
            </properties>
            <testcase name="available-seats p50"/>
            <testcase name="reserve p50">
                <skipped message="too noisy: reserve p50 8.53ms → 8.53ms, 0.0%, 95% interval [-13.0, +13.0]%, limit +5%; the smallest change this run could have shown is +18.0%"/>
            </testcase>
            <testcase name="reserve p95">
                <skipped message="too noisy: reserve p95 8.98ms → 8.98ms, 0.0%, 95% interval [-17.0, +17.0]%, limit +5%; the smallest change this run could have shown is +22.0%"/>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_figure_that_the_run_has_lost_is_skipped() {
    let mut fixture = paired_pass();
    let Comparison::Made(compared) = &mut fixture.judgement.comparison else { panic!("no reference") };
    compared.rows.clear();
    compared.lost = vec![LostFigure { request: "reserve".into(), metric: GatedMetric::P95, samples: 8, base: 3_000 }];
    let text = comparison(&fixture);
    let (_, cases) = text.split_once("</properties>").unwrap();
    insta::assert_snapshot!(cases, @r#"
            <testcase name="reserve p95">
                <skipped message="reserve p95: 8 samples, where the reference has 3000"/>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn nothing_passes_that_was_not_measured() {
    let text = comparison(&paired_dead());
    assert!(text.contains(r#"<skipped message="not measured: see the guards"/>"#), "{text}");
    assert!(!text.contains(r#"<testcase name="reserve p50"/>"#), "{text}");
}

#[test]
fn a_guard_of_the_reference_is_an_error() {
    let text = xml(&paired_dead());
    let (_, rest) = text.split_once("<testcase name=\"not refused: ").unwrap();
    let (case, _) = rest.split_once("</testcase>").unwrap();
    insta::assert_snapshot!(case, @r#"
    reference: reserve">
                <error message="4000 refusals of 4000 requests (401: 4000), 100.00%; limit 50%">check the token of the reference</error>
    "#);
}
