use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::measurement::contract::Machine;
use crate::measurement::layout::{CustomLabel, Layout};
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{Ending, Series, Tally, Trend};
use crate::metric::{Kind, Statistic, Unit};
use crate::report::fixture::{fail, not_measured, paired_fail, pass};

use super::*;

fn described<'a>(old: &'a Measurement, new: &'a Measurement) -> SideBySide<'a> {
    let side = |path, run| Side { path, arm: None, run, guards: &[] };
    SideBySide::of(Subject::TwoRuns, side("old.json", old), side("new.json", new))
}

fn written(described: &SideBySide<'_>, format: Format) -> String {
    let mut out = Vec::new();
    described.write(format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A fast run, and a slow one of another deployment in which three of a hundred reservations fail.
fn before_and_after() -> (Measurement, Measurement) {
    let (old, mut new) = (pass().measurement, fail().measurement);
    new.target = "https://pr-7.preview.example".into();
    new.commit = Some("1f0c9b2d77e1".into());
    new.contract.machine = Machine { cores: Some(2), ..new.contract.machine };
    (old, new)
}

fn relabelled(run: &mut Measurement, change: impl FnOnce(&mut Layout)) {
    change(Arc::make_mut(&mut run.layout));
}

#[test]
fn a_change_is_plain_arithmetic() {
    let (amount, share) = (Quantity::Amount(Unit::Milliseconds), Quantity::Share);
    let table = [
        (amount, Some(10.0), Some(12.5), Some(Change::Relative(0.25))),
        (amount, Some(10.0), Some(7.5), Some(Change::Relative(-0.25))),
        (amount, Some(-10.0), Some(-5.0), Some(Change::Relative(0.5))),
        (amount, Some(0.0), Some(0.0), Some(Change::Relative(0.0))),
        (amount, Some(0.0), Some(3.0), None),
        (amount, None, Some(3.0), None),
        (amount, Some(3.0), None, None),
        (share, Some(0.25), Some(0.75), Some(Change::Difference(0.5))),
        (share, Some(0.0), Some(0.5), Some(Change::Difference(0.5))),
        (share, None, Some(0.5), None),
    ];
    for (quantity, old, new, change) in table {
        let pair = Pair::new(quantity, old.map(Figure::exact), new.map(Figure::exact));
        assert_eq!(pair.change, change, "{quantity:?} {old:?} {new:?}");
    }
}

#[test]
fn a_part_is_compared_by_its_share() {
    let pair = SharePair::new(Some((1, 100)), Some((4, 200)));
    assert_eq!(pair.count.new.unwrap().value, 4.0);
    assert_eq!(pair.share.change, Some(Change::Difference(0.02 - 0.01)));
    assert_eq!(SharePair::new(Some((0, 0)), Some((4, 200))).share.old, None);
    assert_eq!(SharePair::new(None, Some((4, 200))).count.old, None);
}

#[test]
fn a_percentile_of_few_samples_is_marked_by_the_gates_rule() {
    let table = [
        (Statistic::Med, 19, true),
        (Statistic::Med, 20, false),
        (Statistic::Percentile(95.0), 199, true),
        (Statistic::Percentile(95.0), 200, false),
        (Statistic::Percentile(99.0), 9_999, true),
        (Statistic::Percentile(99.0), 10_000, false),
        (Statistic::Avg, 1, false),
        (Statistic::Max, 1, false),
    ];
    for (statistic, count, few) in table {
        let mut trend = Trend::default();
        (0..count).for_each(|_| trend.record(Duration::from_millis(5)));
        assert_eq!(Figure::of_trend(&trend, statistic).unwrap().few_samples, few, "{statistic} of {count}");
    }
}

#[test]
fn what_changed_is_named_by_the_contracts_terms() {
    let old =
        Simulated::new(vec![SimulatedRequest::new("seats", 5.0), SimulatedRequest::new("reserve", 9.0)]).measure();
    let same = Differences::of(Subject::TwoRuns, Runs { old: &old, new: &old });
    assert_eq!(same, Differences::default());
    assert!(same.comparable());
    type Edit = fn(&mut Measurement);
    let table: [(Edit, &str, bool); 9] = [
        (|run| run.plan = "shop".into(), "hard: plan shop, was concert", false),
        (|run| run.contract.profile = Some("night".into()), "hard: profile night, was none", false),
        (|run| run.contract.tier = Some("large".into()), "hard: tier large, was none", false),
        (|run| run.contract.load = "another".into(), "hard: the load (", false),
        (|run| drop(run.contract.requests.insert("seats".into(), "another".into())), "redefined: seats", false),
        (
            |run| relabelled(run, |layout| layout.requests[0].name = "halls".into()),
            "added: halls\nremoved: seats",
            true,
        ),
        (
            |run| run.target = "http://127.0.0.1:9".into(),
            "soft: target http://127.0.0.1:9, was http://127.0.0.1:8080",
            true,
        ),
        (|run| run.contract.machine.cores = Some(4), "soft: cores 4, was none", true),
        (|run| run.ending = Ending::Interrupted, "incomplete: new: it was interrupted", true),
    ];
    for (edit, expected, comparable) in table {
        let mut new = old.clone();
        edit(&mut new);
        let differences = Differences::of(Subject::TwoRuns, Runs { old: &old, new: &new });
        let lists = [
            ("hard", &differences.hard),
            ("redefined", &differences.redefined),
            ("added", &differences.added),
            ("removed", &differences.removed),
            ("soft", &differences.soft),
            ("incomplete", &differences.incomplete),
        ];
        let lines = lists.iter().flat_map(|(name, list)| list.iter().map(move |one| format!("{name}: {one}")));
        let lines = lines.collect::<Vec<_>>().join("\n");
        assert!(lines.starts_with(expected), "{lines:?} is not {expected:?}");
        assert_eq!(differences.comparable(), comparable, "{expected}");
    }
}

#[test]
fn a_request_of_one_run_alone_has_no_change() {
    let old =
        Simulated::new(vec![SimulatedRequest::new("seats", 5.0), SimulatedRequest::new("reserve", 9.0)]).measure();
    let new =
        Simulated::new(vec![SimulatedRequest::new("reserve", 9.0), SimulatedRequest::new("halls", 2.0)]).measure();
    let described = described(&old, &new);
    let standings: Vec<_> = described.requests.iter().map(|request| (&*request.name, request.standing)).collect();
    assert_eq!(
        standings,
        [("reserve", Standing::Both), ("halls", Standing::Added), ("seats", Standing::Removed)],
        "in the order of the new run"
    );
    for request in &described.requests[1..] {
        assert!(request.figures().all(|figure| figure.pair.change.is_none()), "{}", request.name);
    }
    let rows = tables::requests(&described).rows;
    let names: Vec<_> = rows.iter().map(|row| [row.cells[0].clone(), row.cells[1].clone()].join("/")).collect();
    assert_eq!(names, ["reserve/old", "/new", "/change", "halls (added)/new", "seats (removed)/old"]);
}

#[test]
fn a_metric_declared_in_two_ways_is_two_metrics() {
    let (old, mut new) = before_and_after();
    new.judged.custom[0] = Series::Counter { sum: 3.0, samples: 2 };
    relabelled(&mut new, |layout| {
        layout.custom[0] = CustomLabel { kind: Kind::Counter, ..layout.custom[0].clone() };
    });
    let custom = described(&old, &new).custom;
    let sides = custom.iter().map(|metric| {
        let pair = metric.figures[0].pair;
        (&*metric.name, pair.old.map(|figure| figure.value), pair.new.map(|figure| figure.value))
    });
    assert_eq!(sides.collect::<Vec<_>>(), [("data_integrity", Some(1.0), None), ("data_integrity", None, Some(3.0))]);
}

#[test]
fn a_run_that_measured_nothing_has_no_figures_and_says_so() {
    let (old, mut new) = before_and_after();
    new.judged = Tally::new(&new.layout);
    let described = described(&old, &new);
    assert_eq!(described.differences.incomplete, ["new: no request was sent in its judged phase"]);
    assert!(written(&described, Format::Text).contains("no request was sent"));
    assert!(described.requests.iter().all(|request| request.duration.iter().all(|figure| figure.pair.new.is_none())));
}

#[test]
fn groups_submetrics_and_scenarios_stand_beside_each_other() {
    let requests = |median| vec![SimulatedRequest { count: 300, ..SimulatedRequest::new("seats", median) }];
    let old = Simulated::new(requests(5.0)).measure();
    let new = Simulated { seed: 2, ..Simulated::new(requests(10.0)) }.measure();
    let described = described(&old, &new);
    let names = |metrics: &[MetricPair]| metrics.iter().map(|metric| metric.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&described.groups), ["checkout"]);
    assert_eq!(names(&described.submetrics), ["http_req_duration{expected_response:true}"]);
    assert_eq!(names(&described.scenarios), ["users"]);
    let iterations = described.scenarios[0].figures[0].pair;
    assert_eq!(described.scenarios[0].figures[0].figure, "iterations");
    assert_eq!((iterations.old.unwrap().value, iterations.new.unwrap().value), (300.0, 300.0));
    let median = described.submetrics[0].figures.iter().find(|figure| figure.figure == "med").unwrap().pair;
    let Some(Change::Relative(change)) = median.change else { panic!("{median:?}") };
    assert!((change - 1.0).abs() < 0.15, "{change} is not about twice");
}

#[test]
fn guards_that_fired_stand_beside_their_run_with_their_cure() {
    let (old, new) = before_and_after();
    let guards = not_measured().judgement.guards;
    let described = SideBySide::of(
        Subject::TwoRuns,
        Side { path: "old.json", arm: None, run: &old, guards: &[] },
        Side { path: "new.json", arm: None, run: &new, guards: &guards },
    );
    assert_eq!(
        tables::guard_lines(&described),
        [
            "new: reserve: 100 refusals of 100 requests (401: 100), 100.00%; limit 50%; check the token in `defaults.headers`"
        ]
    );
    for format in [Format::Text, Format::Markdown, Format::Json] {
        let text = written(&described, format);
        for part in ["100 refusals of 100 requests", "limit 50%", "check the token in "] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}

#[test]
fn the_arms_of_a_paired_run_have_their_names() {
    let paired = paired_fail();
    let reference = paired.reference.unwrap();
    let side = |arm, run| Side { path: "run.json", arm: Some(arm), run, guards: &[] };
    let described = SideBySide::of(
        Subject::ArmsOfOneRun,
        side("reference, parallel", &reference.measurement),
        side("candidate, parallel", &paired.measurement),
    );
    let text = written(&described, Format::Text);
    let (head, _) = text.split_once("   requests\n").unwrap();
    insta::assert_snapshot!(head, @"
    the arms of a run side by side: nothing is judged here, and a change between totals does not say how far it could be chance
    `loadgate judge` tests it against the spread between blocks (docs/verdict.md)

       runs
         run             base                     candidate
         measurement     run.json                 run.json
         arm             reference, parallel      candidate, parallel
         plan            concert-reservation      concert-reservation
         profile         pr                       pr
         target          https://base.example     https://preview.example
         commit          1f0c9b2d77e1a37f8832     8c0fde910a37f88322ed
         scenarios       reserve                  reserve
         started         2025-11-20 12:00:00 UTC  2025-11-20 12:00:00 UTC
         ran             20.35s, completed        20.35s, completed
         judged          20s                      20s
         seed            42                       42
         loadgate        0.1.0                    0.1.0
         cores           4                        4
         job             100/1/gate               100/1/gate
         busiest worker  31.00% of one core       31.00% of one core

       what differs (the reference's second):
         - target https://preview.example, was https://base.example
         - commit 8c0fde910a37f88322ed, was 1f0c9b2d77e1a37f8832

       totals of the judged phase
         metric                                     figure      base  candidate        change
         http_reqs                                  count       8000       8000          0.0%
         http_reqs                                  rate       400/s      400/s          0.0%
         http_req_failed                            rate       0.02%      0.51%  +0.49 points
         http_req_duration                          avg       8.15ms     9.15ms        +12.3%
         http_req_duration                          min       4.03ms     4.03ms          0.0%
         http_req_duration                          med       4.03ms     4.03ms          0.0%
         http_req_duration                          max          15s        15s          0.0%
         http_req_duration                          p(90)     8.83ms    10.83ms        +22.6%
         http_req_duration                          p(95)     8.93ms    10.93ms        +22.4%
         http_req_duration                          p(99)    9.01ms*   11.01ms*       +22.2%*
         http_req_duration{expected_response:true}  avg       6.27ms     7.26ms        +15.7%
         http_req_duration{expected_response:true}  min       4.03ms     4.03ms          0.0%
         http_req_duration{expected_response:true}  med       4.03ms     4.03ms          0.0%
         http_req_duration{expected_response:true}  max       9.02ms    11.02ms        +22.2%
         http_req_duration{expected_response:true}  p(90)     8.83ms    10.83ms        +22.6%
         http_req_duration{expected_response:true}  p(95)     8.93ms    10.93ms        +22.4%
         http_req_duration{expected_response:true}  p(99)    9.01ms*   11.01ms*       +22.2%*
         checks                                     rate      99.97%     99.48%  -0.49 points
         iterations                                 count       4000       4000          0.0%
         iterations                                 rate       200/s      200/s          0.0%
         iteration_duration                         avg         13ms       15ms        +15.4%
         iteration_duration                         p(95)       13ms       15ms        +15.4%
         iterations_stopped                         count          2          2          0.0%
         vus                                        max           20         20          0.0%
         vus_max                                    max           20         20          0.0%
         data_sent                                  count     3.4 MB     3.4 MB          0.0%
         data_sent                                  rate    168 kB/s   168 kB/s          0.0%
         data_received                              count     9.6 MB     9.6 MB          0.0%
         data_received                              rate    480 kB/s   480 kB/s          0.0%
    ");
    let page = written(&described, Format::Markdown);
    let (head, _) = page.split_once("#### Totals").unwrap();
    insta::assert_snapshot!(head, @r"
    ### loadgate: the arms of a run side by side

    > [!NOTE]
    > Nothing is judged here, and a change between totals does not say how far it could be chance.
    > `loadgate judge` tests it against the spread between blocks (docs/verdict.md).

    What differs (the reference's second):

    - target https&#58;//preview.example, was https&#58;//base.example
    - commit 8c0fde910a37f88322ed, was 1f0c9b2d77e1a37f8832

    \* too few samples for the gate to judge: it asks for 10 beyond a percentile, 100 from p(99) on
    ");
    let document: Value = serde_json::from_str(&written(&described, Format::Json)).unwrap();
    assert_eq!(document["subject"], "arms_of_one_run");
    assert_eq!(document["old"]["target"], "https://base.example");
}

#[test]
fn names_and_targets_cant_break_the_page() {
    let (old, mut new) = before_and_after();
    new.target = "https://x.example/\n# @everyone <img src=x>".into();
    relabelled(&mut new, |layout| layout.requests[0].name = "a|b\n<script> @team \u{1b}[2J".into());
    let described = described(&old, &new);
    let markdown = written(&described, Format::Markdown);
    assert!(!markdown.contains("<script>") && !markdown.contains("@team") && !markdown.contains("<img"), "{markdown}");
    assert!(!markdown.contains("\n# "), "{markdown}");
    assert!(!written(&described, Format::Text).contains('\u{1b}'));
}

#[test]
fn a_page_keeps_its_budget_and_names_what_it_left_out() {
    let (old, new) = before_and_after();
    let mut out = Vec::new();
    markdown::write_side_by_side(&described(&old, &new), 2_500, &mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    assert!(page.len() <= 2_500, "{}", page.len());
    assert!(page.contains("Left out for want of room: "), "{page}");
}

#[test]
fn junit_is_refused() {
    let (old, new) = before_and_after();
    assert!(described(&old, &new).write(Format::Junit, &mut Vec::new()).is_err());
}

#[test]
fn as_text() {
    let (old, new) = before_and_after();
    insta::assert_snapshot!(written(&described(&old, &new), Format::Text), @"
    two runs side by side: nothing is judged here, and one run each proves nothing: two runs of the same code differ as well
    `loadgate run` and `loadgate judge` test a change against the spread of earlier runs (docs/verdict.md)

       runs
         run             old                      new
         measurement     old.json                 new.json
         plan            concert-reservation      concert-reservation
         profile         pr                       pr
         target          https://preview.example  https://pr-7.preview.example
         commit          8c0fde910a37f88322ed     1f0c9b2d77e1
         scenarios       reserve                  reserve
         started         2025-11-20 12:00:00 UTC  2025-11-20 12:00:00 UTC
         ran             20.35s, completed        20.35s, completed
         judged          20s                      20s
         seed            42                       42
         loadgate        0.1.0                    0.1.0
         cores           4                        2
         job             100/1/gate               100/1/gate
         busiest worker  31.00% of one core       31.00% of one core

       what else changed:
         - target https://pr-7.preview.example, was https://preview.example
         - commit 1f0c9b2d77e1, was 8c0fde910a37f88322ed
         - cores 2, was 4

       totals of the judged phase
         metric                                     figure       old        new        change
         http_reqs                                  count        200        200          0.0%
         http_reqs                                  rate        10/s       10/s          0.0%
         http_req_failed                            rate       0.00%      1.50%  +1.50 points
         http_req_duration                          avg       6.27ms   231.71ms      +3591.2%
         http_req_duration                          min       4.03ms     4.03ms          0.0%
         http_req_duration                          med       4.03ms     4.03ms          0.0%
         http_req_duration                          max       9.02ms        15s    +166197.1%
         http_req_duration                          p(90)     8.82ms   312.83ms      +3445.6%
         http_req_duration                          p(95)     8.92ms   313.08ms      +3407.2%
         http_req_duration                          p(99)       9ms*  313.08ms*     +3376.0%*
         http_req_duration{expected_response:true}  avg       6.27ms   155.93ms      +2384.0%
         http_req_duration{expected_response:true}  min       4.03ms     4.03ms          0.0%
         http_req_duration{expected_response:true}  med       4.03ms     4.03ms          0.0%
         http_req_duration{expected_response:true}  max       9.02ms   313.02ms      +3370.3%
         http_req_duration{expected_response:true}  p(90)     8.82ms   312.83ms      +3445.6%
         http_req_duration{expected_response:true}  p(95)     8.92ms  313.02ms*     +3406.4%*
         http_req_duration{expected_response:true}  p(99)       9ms*  313.02ms*     +3375.3%*
         checks                                     rate     100.00%     98.50%  -1.50 points
         iterations                                 count        100        100          0.0%
         iterations                                 rate         5/s        5/s          0.0%
         iteration_duration                         avg         13ms      317ms      +2338.5%
         iteration_duration                         p(95)      13ms*     317ms*     +2338.5%*
         iterations_stopped                         count          2          2          0.0%
         vus                                        max           20         20          0.0%
         vus_max                                    max           20         20          0.0%
         data_sent                                  count      84 kB      84 kB          0.0%
         data_sent                                  rate    4.2 kB/s   4.2 kB/s          0.0%
         data_received                              count     240 kB     240 kB          0.0%
         data_received                              rate     12 kB/s    12 kB/s          0.0%

       requests
         request          run     count  rate        failed       avg       min       med         max      p(90)      p(95)      p(99)
         reserve          old       100   5/s             0    8.52ms    8.03ms    8.52ms      9.02ms     8.92ms    8.97ms*    9.01ms*
                          new       100   5/s     3 (3.00%)  459.39ms  312.03ms  312.57ms         15s   313.08ms  313.08ms*  313.08ms*
                          change   0.0%  0.0%  +3.00 points  +5288.9%  +3785.8%  +3565.7%  +166197.1%   +3407.2%  +3388.4%*  +3373.0%*
         ↳ expected only  old                                  8.52ms    8.03ms    8.52ms      9.02ms     8.92ms    8.97ms*    9.01ms*
                          new                                312.53ms  312.05ms  312.57ms    313.02ms  313.02ms*  313.02ms*  313.02ms*
                          change                             +3566.1%  +3786.1%  +3565.7%    +3370.3%  +3406.4%*  +3387.7%*  +3372.2%*
         available-seats  old       100   5/s             0    4.03ms    4.03ms    4.03ms      4.03ms     4.03ms    4.03ms*    4.03ms*
                          new       100   5/s             0    4.03ms    4.03ms    4.03ms      4.03ms     4.03ms    4.03ms*    4.03ms*
                          change   0.0%  0.0%   0.00 points      0.0%      0.0%      0.0%        0.0%       0.0%      0.0%*      0.0%*

       phases
         request          phase      figure      old        new     change
         all requests     blocked    avg         3µs        3µs       0.0%
         all requests     blocked    med         3µs        3µs       0.0%
         all requests     blocked    p(95)       3µs       3µs*      0.0%*
         all requests     blocked    max         3µs        3µs       0.0%
         all requests     sending    avg        10µs       10µs       0.0%
         all requests     sending    med        10µs       10µs       0.0%
         all requests     sending    p(95)      10µs      10µs*      0.0%*
         all requests     sending    max        10µs       10µs       0.0%
         all requests     waiting    avg      6.24ms   157.47ms   +2420.6%
         all requests     waiting    med         4ms        4ms       0.0%
         all requests     waiting    p(95)    8.89ms  312.99ms*  +3418.7%*
         all requests     waiting    max      8.99ms   312.99ms   +3381.5%
         all requests     receiving  avg        20µs       20µs       0.0%
         all requests     receiving  med        20µs       20µs       0.0%
         all requests     receiving  p(95)      20µs      20µs*      0.0%*
         all requests     receiving  max        20µs       20µs       0.0%
         reserve          blocked    avg         3µs        3µs       0.0%
         reserve          blocked    med         3µs        3µs       0.0%
         reserve          blocked    p(95)      3µs*       3µs*      0.0%*
         reserve          blocked    max         3µs        3µs       0.0%
         reserve          sending    avg        10µs       10µs       0.0%
         reserve          sending    med        10µs       10µs       0.0%
         reserve          sending    p(95)     10µs*      10µs*      0.0%*
         reserve          sending    max        10µs       10µs       0.0%
         reserve          waiting    avg      8.49ms   312.49ms   +3578.6%
         reserve          waiting    med      8.49ms   312.57ms   +3579.5%
         reserve          waiting    p(95)   8.94ms*  312.99ms*  +3399.8%*
         reserve          waiting    max      8.99ms   312.99ms   +3381.5%
         reserve          receiving  avg        20µs       20µs       0.0%
         reserve          receiving  med        20µs       20µs       0.0%
         reserve          receiving  p(95)     20µs*      20µs*      0.0%*
         reserve          receiving  max        20µs       20µs       0.0%
         available-seats  blocked    avg         3µs        3µs       0.0%
         available-seats  blocked    med         3µs        3µs       0.0%
         available-seats  blocked    p(95)      3µs*       3µs*      0.0%*
         available-seats  blocked    max         3µs        3µs       0.0%
         available-seats  sending    avg        10µs       10µs       0.0%
         available-seats  sending    med        10µs       10µs       0.0%
         available-seats  sending    p(95)     10µs*      10µs*      0.0%*
         available-seats  sending    max        10µs       10µs       0.0%
         available-seats  waiting    avg         4ms        4ms       0.0%
         available-seats  waiting    med         4ms        4ms       0.0%
         available-seats  waiting    p(95)      4ms*       4ms*      0.0%*
         available-seats  waiting    max         4ms        4ms       0.0%
         available-seats  receiving  avg        20µs       20µs       0.0%
         available-seats  receiving  med        20µs       20µs       0.0%
         available-seats  receiving  p(95)     20µs*      20µs*      0.0%*
         available-seats  receiving  max        20µs       20µs       0.0%

       failures and stopped iterations
         where             what                                    old        new        change
         reserve           timeout error                             0  1 (1.00%)  +1.00 points
         reserve           status 500                                0  2 (2.00%)  +2.00 points
         scenario reserve  iterations stopped: queue-status  2 (2.00%)  2 (2.00%)   0.00 points

       checks
         check failed           old        new        change
         reserve status is 200    0  3 (3.00%)  +3.00 points
         seat reserved            0          0   0.00 points

       scenarios
         scenario  figure            old     new     change
         reserve   iterations        100     100       0.0%
         reserve   rate              5/s     5/s       0.0%
         reserve   duration avg     13ms   317ms   +2338.5%
         reserve   duration p(95)  13ms*  317ms*  +2338.5%*
         reserve   interrupted         1       1       0.0%

       metrics with a threshold on a part
         part                             figure      old        new      change
         http_req_duration{name:reserve}  avg      8.52ms   459.39ms    +5288.9%
         http_req_duration{name:reserve}  min      8.03ms   312.03ms    +3785.8%
         http_req_duration{name:reserve}  med      8.52ms   312.57ms    +3565.7%
         http_req_duration{name:reserve}  max      9.02ms        15s  +166197.1%
         http_req_duration{name:reserve}  p(90)    8.92ms   313.08ms    +3407.2%
         http_req_duration{name:reserve}  p(95)   8.97ms*  313.08ms*   +3388.4%*
         http_req_duration{name:reserve}  p(99)   9.01ms*  313.08ms*   +3373.0%*

       metrics of the plan
         metric          figure      old     new        change
         data_integrity  rate    100.00%  97.00%  -3.00 points

       * too few samples for the gate to judge: it asks for 10 beyond a percentile, 100 from p(99) on
    ");
}

#[test]
fn as_markdown() {
    let (old, mut new) = before_and_after();
    new.contract.load = "another".into();
    insta::assert_snapshot!(written(&described(&old, &new), Format::Markdown), @r"
    ### loadgate: two runs side by side

    > [!NOTE]
    > Nothing is judged here, and one run each proves nothing: two runs of the same code differ as well.
    > `loadgate run` and `loadgate judge` test a change against the spread of earlier runs (docs/verdict.md).

    > [!WARNING]
    > The two runs did not measure the same; the gate would not compare:
    > - the load (executors, stages, scaling, judged phase or httpVersion)

    What else changed:

    - target https&#58;//pr-7.preview.example, was https&#58;//preview.example
    - commit 1f0c9b2d77e1, was 8c0fde910a37f88322ed
    - cores 2, was 4

    \* too few samples for the gate to judge: it asks for 10 beyond a percentile, 100 from p(99) on

    #### Totals

    | metric | figure | old | new | change |
    | --- | --- | ---: | ---: | ---: |
    | http\_reqs | count | 200 | 200 | 0.0% |
    | http\_reqs | rate | 10/s | 10/s | 0.0% |
    | http\_req\_failed | rate | 0.00% | 1.50% | +1.50 points |
    | http\_req\_duration | avg | 6.27ms | 231.71ms | +3591.2% |
    | http\_req\_duration | min | 4.03ms | 4.03ms | 0.0% |
    | http\_req\_duration | med | 4.03ms | 4.03ms | 0.0% |
    | http\_req\_duration | max | 9.02ms | 15s | +166197.1% |
    | http\_req\_duration | p(90) | 8.82ms | 312.83ms | +3445.6% |
    | http\_req\_duration | p(95) | 8.92ms | 313.08ms | +3407.2% |
    | http\_req\_duration | p(99) | 9ms\* | 313.08ms\* | +3376.0%\* |
    | http\_req\_duration{expected\_response:true} | avg | 6.27ms | 155.93ms | +2384.0% |
    | http\_req\_duration{expected\_response:true} | min | 4.03ms | 4.03ms | 0.0% |
    | http\_req\_duration{expected\_response:true} | med | 4.03ms | 4.03ms | 0.0% |
    | http\_req\_duration{expected\_response:true} | max | 9.02ms | 313.02ms | +3370.3% |
    | http\_req\_duration{expected\_response:true} | p(90) | 8.82ms | 312.83ms | +3445.6% |
    | http\_req\_duration{expected\_response:true} | p(95) | 8.92ms | 313.02ms\* | +3406.4%\* |
    | http\_req\_duration{expected\_response:true} | p(99) | 9ms\* | 313.02ms\* | +3375.3%\* |
    | checks | rate | 100.00% | 98.50% | -1.50 points |
    | iterations | count | 100 | 100 | 0.0% |
    | iterations | rate | 5/s | 5/s | 0.0% |
    | iteration\_duration | avg | 13ms | 317ms | +2338.5% |
    | iteration\_duration | p(95) | 13ms\* | 317ms\* | +2338.5%\* |
    | iterations\_stopped | count | 2 | 2 | 0.0% |
    | vus | max | 20 | 20 | 0.0% |
    | vus\_max | max | 20 | 20 | 0.0% |
    | data\_sent | count | 84 kB | 84 kB | 0.0% |
    | data\_sent | rate | 4.2 kB/s | 4.2 kB/s | 0.0% |
    | data\_received | count | 240 kB | 240 kB | 0.0% |
    | data\_received | rate | 12 kB/s | 12 kB/s | 0.0% |

    #### Requests

    | request | run | count | rate | failed | avg | min | med | max | p(90) | p(95) | p(99) |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | reserve | old | 100 | 5/s | 0 | 8.52ms | 8.03ms | 8.52ms | 9.02ms | 8.92ms | 8.97ms\* | 9.01ms\* |
    |  | new | 100 | 5/s | 3 (3.00%) | 459.39ms | 312.03ms | 312.57ms | 15s | 313.08ms | 313.08ms\* | 313.08ms\* |
    |  | change | 0.0% | 0.0% | +3.00 points | +5288.9% | +3785.8% | +3565.7% | +166197.1% | +3407.2% | +3388.4%\* | +3373.0%\* |
    | ↳ expected only | old |  |  |  | 8.52ms | 8.03ms | 8.52ms | 9.02ms | 8.92ms | 8.97ms\* | 9.01ms\* |
    |  | new |  |  |  | 312.53ms | 312.05ms | 312.57ms | 313.02ms | 313.02ms\* | 313.02ms\* | 313.02ms\* |
    |  | change |  |  |  | +3566.1% | +3786.1% | +3565.7% | +3370.3% | +3406.4%\* | +3387.7%\* | +3372.2%\* |
    | available-seats | old | 100 | 5/s | 0 | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms\* | 4.03ms\* |
    |  | new | 100 | 5/s | 0 | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms\* | 4.03ms\* |
    |  | change | 0.0% | 0.0% | 0.00 points | 0.0% | 0.0% | 0.0% | 0.0% | 0.0% | 0.0%\* | 0.0%\* |

    #### Failures and stopped iterations

    | where | what | old | new | change |
    | --- | --- | ---: | ---: | ---: |
    | reserve | timeout error | 0 | 1 (1.00%) | +1.00 points |
    | reserve | status 500 | 0 | 2 (2.00%) | +2.00 points |
    | scenario reserve | iterations stopped: queue-status | 2 (2.00%) | 2 (2.00%) | 0.00 points |

    #### Checks

    | check failed | old | new | change |
    | --- | ---: | ---: | ---: |
    | reserve status is 200 | 0 | 3 (3.00%) | +3.00 points |
    | seat reserved | 0 | 0 | 0.00 points |

    #### Metrics of the plan

    | metric | figure | old | new | change |
    | --- | --- | ---: | ---: | ---: |
    | data\_integrity | rate | 100.00% | 97.00% | -3.00 points |

    <details><summary>Scenarios</summary>

    | scenario | figure | old | new | change |
    | --- | --- | ---: | ---: | ---: |
    | reserve | iterations | 100 | 100 | 0.0% |
    | reserve | rate | 5/s | 5/s | 0.0% |
    | reserve | duration avg | 13ms | 317ms | +2338.5% |
    | reserve | duration p(95) | 13ms\* | 317ms\* | +2338.5%\* |
    | reserve | interrupted | 1 | 1 | 0.0% |

    </details>

    <details><summary>Metrics with a threshold on a part</summary>

    | part | figure | old | new | change |
    | --- | --- | ---: | ---: | ---: |
    | http\_req\_duration{name:reserve} | avg | 8.52ms | 459.39ms | +5288.9% |
    | http\_req\_duration{name:reserve} | min | 8.03ms | 312.03ms | +3785.8% |
    | http\_req\_duration{name:reserve} | med | 8.52ms | 312.57ms | +3565.7% |
    | http\_req\_duration{name:reserve} | max | 9.02ms | 15s | +166197.1% |
    | http\_req\_duration{name:reserve} | p(90) | 8.92ms | 313.08ms | +3407.2% |
    | http\_req\_duration{name:reserve} | p(95) | 8.97ms\* | 313.08ms\* | +3388.4%\* |
    | http\_req\_duration{name:reserve} | p(99) | 9.01ms\* | 313.08ms\* | +3373.0%\* |

    </details>

    <details><summary>Phases</summary>

    | request | phase | figure | old | new | change |
    | --- | --- | --- | ---: | ---: | ---: |
    | all requests | blocked | avg | 3µs | 3µs | 0.0% |
    | all requests | blocked | med | 3µs | 3µs | 0.0% |
    | all requests | blocked | p(95) | 3µs | 3µs\* | 0.0%\* |
    | all requests | blocked | max | 3µs | 3µs | 0.0% |
    | all requests | sending | avg | 10µs | 10µs | 0.0% |
    | all requests | sending | med | 10µs | 10µs | 0.0% |
    | all requests | sending | p(95) | 10µs | 10µs\* | 0.0%\* |
    | all requests | sending | max | 10µs | 10µs | 0.0% |
    | all requests | waiting | avg | 6.24ms | 157.47ms | +2420.6% |
    | all requests | waiting | med | 4ms | 4ms | 0.0% |
    | all requests | waiting | p(95) | 8.89ms | 312.99ms\* | +3418.7%\* |
    | all requests | waiting | max | 8.99ms | 312.99ms | +3381.5% |
    | all requests | receiving | avg | 20µs | 20µs | 0.0% |
    | all requests | receiving | med | 20µs | 20µs | 0.0% |
    | all requests | receiving | p(95) | 20µs | 20µs\* | 0.0%\* |
    | all requests | receiving | max | 20µs | 20µs | 0.0% |
    | reserve | blocked | avg | 3µs | 3µs | 0.0% |
    | reserve | blocked | med | 3µs | 3µs | 0.0% |
    | reserve | blocked | p(95) | 3µs\* | 3µs\* | 0.0%\* |
    | reserve | blocked | max | 3µs | 3µs | 0.0% |
    | reserve | sending | avg | 10µs | 10µs | 0.0% |
    | reserve | sending | med | 10µs | 10µs | 0.0% |
    | reserve | sending | p(95) | 10µs\* | 10µs\* | 0.0%\* |
    | reserve | sending | max | 10µs | 10µs | 0.0% |
    | reserve | waiting | avg | 8.49ms | 312.49ms | +3578.6% |
    | reserve | waiting | med | 8.49ms | 312.57ms | +3579.5% |
    | reserve | waiting | p(95) | 8.94ms\* | 312.99ms\* | +3399.8%\* |
    | reserve | waiting | max | 8.99ms | 312.99ms | +3381.5% |
    | reserve | receiving | avg | 20µs | 20µs | 0.0% |
    | reserve | receiving | med | 20µs | 20µs | 0.0% |
    | reserve | receiving | p(95) | 20µs\* | 20µs\* | 0.0%\* |
    | reserve | receiving | max | 20µs | 20µs | 0.0% |
    | available-seats | blocked | avg | 3µs | 3µs | 0.0% |
    | available-seats | blocked | med | 3µs | 3µs | 0.0% |
    | available-seats | blocked | p(95) | 3µs\* | 3µs\* | 0.0%\* |
    | available-seats | blocked | max | 3µs | 3µs | 0.0% |
    | available-seats | sending | avg | 10µs | 10µs | 0.0% |
    | available-seats | sending | med | 10µs | 10µs | 0.0% |
    | available-seats | sending | p(95) | 10µs\* | 10µs\* | 0.0%\* |
    | available-seats | sending | max | 10µs | 10µs | 0.0% |
    | available-seats | waiting | avg | 4ms | 4ms | 0.0% |
    | available-seats | waiting | med | 4ms | 4ms | 0.0% |
    | available-seats | waiting | p(95) | 4ms\* | 4ms\* | 0.0%\* |
    | available-seats | waiting | max | 4ms | 4ms | 0.0% |
    | available-seats | receiving | avg | 20µs | 20µs | 0.0% |
    | available-seats | receiving | med | 20µs | 20µs | 0.0% |
    | available-seats | receiving | p(95) | 20µs\* | 20µs\* | 0.0%\* |
    | available-seats | receiving | max | 20µs | 20µs | 0.0% |

    </details>

    <details><summary>Runs</summary>

    | run | old | new |
    | --- | --- | --- |
    | measurement | old.json | new.json |
    | plan | concert-reservation | concert-reservation |
    | profile | pr | pr |
    | target | https&#58;//preview.example | https&#58;//pr-7.preview.example |
    | commit | 8c0fde910a37f88322ed | 1f0c9b2d77e1 |
    | scenarios | reserve | reserve |
    | started | 2025-11-20 12:00:00 UTC | 2025-11-20 12:00:00 UTC |
    | ran | 20.35s, completed | 20.35s, completed |
    | judged | 20s | 20s |
    | seed | 42 | 42 |
    | loadgate | 0.1.0 | 0.1.0 |
    | cores | 4 | 2 |
    | job | 100/1/gate | 100/1/gate |
    | busiest worker | 31.00% of one core | 31.00% of one core |

    </details>
    ");
}

#[test]
fn as_json() {
    let (old, new) = before_and_after();
    let document: Value = serde_json::from_str(&written(&described(&old, &new), Format::Json)).unwrap();
    let fields: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    insta::assert_snapshot!(fields.join(" "), @"schema_version judged subject comparable old new differences totals requests phases failures checks scenarios groups submetrics custom old_guards new_guards");
    assert_eq!(document["judged"], false);
    assert_eq!(document["comparable"], true);
    assert_eq!(document["new"]["measurement"], "new.json");
    let count = |value: f64| json!({ "value": value, "few_samples": false });
    assert_eq!(
        document["totals"][0]["figures"][1],
        json!({
            "figure": "rate",
            "quantity": { "per_second": "none" },
            "old": count(10.0),
            "new": count(10.0),
            "change": { "relative": 0.0 }
        })
    );
    assert_eq!(document["requests"][0]["duration"][5]["new"]["few_samples"], true);
    let failure = &document["failures"][0];
    assert_eq!((&failure["place"], &failure["what"]), (&json!("reserve"), &json!("timeout error")));
    assert_eq!(failure["count"]["new"], count(1.0));
    assert_eq!(failure["share"]["change"], json!({ "difference": 0.01 }));
}
