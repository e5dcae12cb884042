use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::measurement::layout::{CustomLabel, Grid, RequestLabel, ScenarioLabel, SubmetricLabel};
use crate::measurement::sample::Phases;
use crate::measurement::{Ratio, Trend};
use crate::metric::{Kind, Unit};

const HTTP_SUBMETRICS: [Builtin; 12] = [
    Builtin::HttpReqs,
    Builtin::HttpReqFailed,
    Builtin::HttpReqDuration,
    Builtin::HttpReqScheduledDuration,
    Builtin::HttpReqBlocked,
    Builtin::HttpReqConnecting,
    Builtin::HttpReqTlsHandshaking,
    Builtin::HttpReqSending,
    Builtin::HttpReqWaiting,
    Builtin::HttpReqReceiving,
    Builtin::DataSent,
    Builtin::DataReceived,
];

const ITERATION_SUBMETRICS: [Builtin; 6] = [
    Builtin::Iterations,
    Builtin::IterationDuration,
    Builtin::DroppedIterations,
    Builtin::IterationsStopped,
    Builtin::IterationErrors,
    Builtin::ScheduleLag,
];

fn layout() -> Arc<Layout> {
    let submetric = |metric: &Builtin| SubmetricLabel {
        selector: format!("{}{{tag:value}}", metric.name()),
        metric: Metric::Builtin(*metric),
        kind: metric.kind(),
    };
    Arc::new(Layout {
        requests: [("reserve", true), ("login", false)]
            .map(|(name, gated)| RequestLabel { name: name.into(), optional: false, in_scenario: true, gated })
            .to_vec(),
        scenarios: vec![ScenarioLabel { name: "buy".into(), arrival_rate: true, planned: Some(10) }],
        checks: vec!["ok".into()],
        groups: vec!["checkout".into()],
        custom: [Kind::Counter, Kind::Gauge, Kind::Rate, Kind::Trend]
            .map(|kind| CustomLabel { name: format!("{kind:?}").into(), kind, unit: Unit::Plain })
            .to_vec(),
        submetrics: HTTP_SUBMETRICS.iter().chain(&ITERATION_SUBMETRICS).map(submetric).collect(),
        control: None,
        grid: Grid::new(Duration::ZERO, Duration::from_secs(20)),
    })
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn answer(status: u16, waiting: Duration) -> HttpSample {
    HttpSample {
        phases: Phases {
            blocked: ms(3),
            connecting: ms(1),
            tls_handshaking: ms(2),
            sending: ms(1),
            waiting,
            receiving: ms(4),
        },
        status: Some(status),
        error: None,
        expected: status < 400,
        sent: 100,
        received: 1000,
        limit: ms(5000),
        schedule_lag: None,
    }
}

fn error(class: ErrorClass) -> HttpSample {
    HttpSample { status: None, error: Some(class), expected: false, ..answer(200, ms(7)) }
}

#[test]
fn a_request_counts_in_its_row() {
    let mut recorder = Recorder::new(layout());
    for sample in [answer(200, ms(10)), answer(503, ms(1)), error(ErrorClass::Connect), error(ErrorClass::Timeout)] {
        recorder.http(Slot::Block(3), 0, &sample, []);
    }
    recorder.http_interrupted(Slot::Block(3), 0);
    let tallies = recorder.swap(Tallies::new(&layout()));
    let row = &tallies.judged.requests[0];
    assert_eq!((row.attempts, row.responses, row.failed, row.interrupted), (4, 2, 3, 1));
    assert_eq!((row.errors_of(ErrorClass::Connect), row.errors_of(ErrorClass::Timeout)), (1, 1));
    assert_eq!(row.statuses, [(200, 1), (503, 1)].into());
    assert_eq!(row.unexpected, [(503, 1)].into());
    assert_eq!((row.sent, row.received), (400, 4000));
    assert_eq!(tallies.unjudged, Tally::new(&layout()));
}

/// Which samples enter which distribution: a refused connection none, a time-out by its limit, a fast failure not what
/// is compared.
#[test]
fn each_outcome_enters_the_latencies_that_it_belongs_to() {
    let table = [
        // outcome, duration, expected, comparable, waiting
        (answer(200, ms(10)), Some(15.0), Some(15.0), Some(15.0), Some(10.0)),
        (answer(503, ms(1)), Some(6.0), None, None, Some(1.0)),
        (error(ErrorClass::Timeout), Some(5000.0), None, Some(5000.0), None),
        (error(ErrorClass::Connect), None, None, None, None),
        (error(ErrorClass::Body), None, None, None, None),
    ];
    for (sample, duration, expected, comparable, waiting) in table {
        let mut recorder = Recorder::new(layout());
        recorder.http(Slot::Block(0), 0, &sample, []);
        let row = &recorder.tallies.judged.requests[0];
        let figures = [&row.duration, &row.expected, &row.comparable, &row.waiting].map(Trend::max);
        assert_eq!(figures, [duration, expected, comparable, waiting], "{sample:?}");
    }
}

#[test]
fn blocks_are_kept_for_gated_requests_of_the_judged_phase_alone() {
    let mut recorder = Recorder::new(layout());
    recorder.http(Slot::Block(2), 0, &answer(200, ms(10)), []);
    recorder.http(Slot::Block(2), 0, &answer(500, ms(10)), []);
    recorder.http(Slot::Block(2), 1, &answer(200, ms(10)), []);
    recorder.http(Slot::Unjudged, 0, &answer(200, ms(10)), []);
    let Tallies { judged, unjudged } = recorder.tallies;
    let block = &judged.requests[0].blocks[&2];
    assert_eq!((block.attempts, block.failed), (2, 1));
    assert_eq!(block.counts.iter().collect::<Vec<_>>(), judged.requests[0].comparable.buckets().collect::<Vec<_>>());
    assert!(judged.requests[1].blocks.is_empty() && unjudged.requests[0].blocks.is_empty());
}

#[test]
fn submetrics_count_by_their_metric() {
    let mut recorder = Recorder::new(layout());
    let late = HttpSample { schedule_lag: Some(ms(5)), ..answer(404, ms(10)) };
    recorder.http(Slot::Block(0), 0, &late, 0..12);
    recorder.schedule_lag(Slot::Block(0), 0, ms(5), 12..18);
    recorder.dropped(Slot::Block(0), 0, 7, 12..18);
    for end in [
        IterationEnd::Complete,
        IterationEnd::Stopped("poll".into()),
        IterationEnd::Failed("capture".into()),
        IterationEnd::Interrupted,
    ] {
        recorder.iteration(Slot::Block(0), 0, ms(50), &end, 12..18);
    }
    let figures: Vec<String> = layout()
        .submetrics
        .iter()
        .zip(&recorder.tallies.judged.submetrics)
        .map(|(label, series)| {
            let figure = match series {
                Series::Counter { sum, samples } => format!("sum {sum} of {samples}"),
                Series::Rate(ratio) => format!("{} of {}", ratio.trues, ratio.total),
                Series::Trend(trend) => format!("max {:?} of {}", trend.max(), trend.count()),
                Series::Gauge(gauge) => format!("{gauge:?}"),
            };
            format!("{}: {figure}", label.metric)
        })
        .collect();
    insta::assert_snapshot!(figures.join("\n"), @r"
    http_reqs: sum 1 of 1
    http_req_failed: 1 of 1
    http_req_duration: max Some(15.0) of 1
    http_req_scheduled_duration: max Some(20.0) of 1
    http_req_blocked: max Some(3.0) of 1
    http_req_connecting: max Some(1.0) of 1
    http_req_tls_handshaking: max Some(2.0) of 1
    http_req_sending: max Some(1.0) of 1
    http_req_waiting: max Some(10.0) of 1
    http_req_receiving: max Some(4.0) of 1
    data_sent: sum 100 of 1
    data_received: sum 1000 of 1
    iterations: sum 3 of 3
    iteration_duration: max Some(50.0) of 3
    dropped_iterations: sum 7 of 1
    iterations_stopped: sum 1 of 1
    iteration_errors: sum 1 of 1
    schedule_lag: max Some(5.0) of 1
    ");
    let scenario = &recorder.tallies.judged.scenarios[0];
    assert_eq!((scenario.iterations, scenario.interrupted, scenario.dropped), (3, 1, 7));
}

#[test]
fn custom_metrics_refuse_what_is_no_figure() {
    let mut recorder = Recorder::new(layout());
    for metric in 0..4 {
        assert!(recorder.custom(Slot::Block(0), metric, f64::NAN, []).is_err());
        recorder.custom(Slot::Block(0), metric, 2.5, []).unwrap();
    }
    assert!(recorder.custom(Slot::Block(0), 3, -1.0, []).is_err());
    let custom = &recorder.tallies.judged.custom;
    assert_eq!(custom[0], Series::Counter { sum: 2.5, samples: 1 });
    assert_eq!(custom[2], Series::Rate(Ratio { trues: 1, total: 1 }));
}

/// A sample of any kind: which, where, how long.
fn record(recorder: &mut Recorder, (kind, block, time): (u8, u32, u64)) {
    let slot = if block == 0 { Slot::Unjudged } else { Slot::Block(block) };
    let time = Duration::from_micros(time);
    match kind {
        0 => recorder.http(slot, 0, &answer(200, time), 0..12),
        1 => recorder.http(slot, 1, &answer(503, time), [1, 2]),
        2 => recorder.http(slot, 0, &error(ErrorClass::Timeout), [1]),
        3 => recorder.http_interrupted(slot, 1),
        4 => recorder.check(slot, 0, time.is_zero(), []),
        5 => recorder.group(slot, 0, time, []),
        6 => recorder.custom(slot, 0, time.as_micros() as f64, []).unwrap(),
        7 => recorder.custom(slot, 3, time.as_secs_f64(), []).unwrap(),
        8 => recorder.dropped(slot, 0, 3, 12..18),
        _ => recorder.iteration(slot, 0, time, &IterationEnd::Stopped("stop".into()), 12..18),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_workers_recorded_adds_up_to_what_one_would_have(
        samples in vec((0..10u8, 0..4u32, 0..10_000_000u64, 0..3usize), 0..60),
        backwards in any::<bool>(),
    ) {
        let mut one = Recorder::new(layout());
        let mut workers = [0, 1, 2].map(|_| Recorder::new(layout()));
        for (kind, block, time, worker) in samples {
            record(&mut one, (kind, block, time));
            record(&mut workers[worker], (kind, block, time));
        }
        if backwards {
            workers.reverse();
        }
        let mut merged = Tallies::new(&layout());
        workers.iter().for_each(|worker| merged.merge(&worker.tallies));
        prop_assert_eq!(&merged, &one.tallies);
        merged.clear();
        prop_assert_eq!(&merged, &Tallies::new(&layout()));
    }
}
