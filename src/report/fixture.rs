//! Four runs for the tests of all formats, recorded by the recorder that real runs use.

use std::sync::Arc;
use std::time::Duration;

use crate::gate::{
    Base, Compared, Comparison, Failure, FailureKind, GatedMetric, Guard, GuardKind, History, Judgement, NoComparison,
    Row, RowOutcome, ThresholdResult, Verdict,
};
use crate::measurement::contract::{Contract, Machine};
use crate::measurement::layout::{CustomLabel, Grid, Layout, RequestLabel, ScenarioLabel, Slot, SubmetricLabel};
use crate::measurement::{
    Ending, ErrorClass, Evidence, Generator, HttpSample, IterationEnd, Measurement, Phases, Recorder, Tallies,
};
use crate::metric::{Builtin, Kind, Metric, Unit};

use super::{Link, Report, ReportContext};

#[derive(Debug)]
pub struct Fixture {
    pub measurement: Measurement,
    pub judgement: Judgement,
    pub context: ReportContext,
}

impl Fixture {
    pub fn report(&self) -> Report<'_> {
        Report { measurement: &self.measurement, judgement: &self.judgement, context: &self.context }
    }
}

/// A healthy run beside ten earlier ones.
pub fn pass() -> Fixture {
    let measurement = measured(ms(8), 0);
    let rows = vec![row("reserve", GatedMetric::P95, 9.1, 9.2, 0.011, RowOutcome::Pass)];
    let thresholds = vec![threshold("p(95)<300", Unit::Milliseconds, Some(9.2), 300.0)];
    let judgement = Judgement {
        verdict: Verdict::Pass,
        guards: vec![quiet()],
        failures: Vec::new(),
        thresholds,
        comparison: history(rows),
    };
    Fixture { measurement, judgement, context: context() }
}

/// A run that is slower than its history, breaks a threshold and has failed requests.
pub fn fail() -> Fixture {
    let mut measurement = measured(ms(312), 3);
    measurement.evidence = vec![evidence()];
    let mut failed = row("reserve", GatedMetric::Failed, 0.0, 0.03, 0.03, RowOutcome::TooNoisy);
    failed.limit = 0.001;
    failed.interval = (-0.01, 0.07);
    let rows = vec![
        row("available-seats", GatedMetric::P95, 4.0, 4.1, 0.025, RowOutcome::Pass),
        row("reserve", GatedMetric::P95, 9.1, 312.4, 33.3, RowOutcome::Fail),
        failed,
    ];
    let thresholds = vec![
        threshold("p(95)<300", Unit::Milliseconds, Some(312.4), 300.0),
        ThresholdResult {
            selector: "checks".into(),
            condition: "rate>0.9999".into(),
            unit: Unit::Plain,
            figure: Some(0.97),
            limit: 0.9999,
            passed: false,
            aborted: false,
        },
    ];
    let judgement = Judgement {
        verdict: Verdict::Fail,
        guards: vec![quiet()],
        failures: Vec::new(),
        thresholds,
        comparison: history(rows),
    };
    Fixture { measurement, judgement, context: context() }
}

/// A deployment that a request could not be answered by, and that was too slow for the load.
pub fn broken() -> Fixture {
    let failures = vec![
        Failure {
            kind: FailureKind::NoResponse,
            subject: Some("occupy".into()),
            finding: "none of 100 requests was answered (connect: 90, timeout: 10)".into(),
            cure: "see the first failures in the report; check that the deployment serves this path".into(),
        },
        Failure {
            kind: FailureKind::Aborted,
            subject: None,
            finding: "ended early by http_req_failed: rate<0.5".into(),
            cure: "see the figure of that threshold".into(),
        },
    ];
    let judgement = Judgement { failures, ..fail().judgement };
    Fixture { judgement, ..fail() }
}

/// A run against a login page.
pub fn not_measured() -> Fixture {
    let guard = Guard {
        kind: GuardKind::Refused,
        subject: Some("reserve".into()),
        fired: true,
        finding: "100 refusals of 100 requests (401: 100), 100.00%; limit 50%".into(),
        cure: "check the token in `defaults.headers`".into(),
    };
    let judgement = Judgement {
        verdict: Verdict::NotMeasured,
        guards: vec![quiet(), guard],
        failures: Vec::new(),
        thresholds: vec![threshold("p(95)<300", Unit::Milliseconds, None, 300.0)],
        comparison: Comparison::None(NoComparison::TooFew { runs: 3, needed: 10 }),
    };
    Fixture { measurement: measured(ms(8), 0), judgement, context: context() }
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn context() -> ReportContext {
    ReportContext {
        plan_path: Some("loadgate.yml".into()),
        rerun: Some("loadgate run loadgate.yml --target https://preview.example --seed 42".into()),
        measurement_path: Some("loadgate-measurement.json".into()),
        baseline: Some("baselines".into()),
        pull_request: Some(7),
        links: vec![Link { label: "run".into(), url: "https://github.com/acme/concerts/actions/runs/1".into() }],
        notes: vec![],
    }
}

/// 100 reservations in 20 s, a few of which get a 500 and one of which times out, and as many lists of seats.
fn measured(reserve: Duration, failures: u32) -> Measurement {
    let grid = Grid::new(Duration::ZERO, Duration::from_secs(20));
    let layout = Arc::new(layout(grid));
    let mut recorder = Recorder::new(layout.clone());
    for n in 0..100_u32 {
        let slot = Slot::Block(n / 5);
        let error = (failures > 0 && n == 50).then_some(ErrorClass::Timeout);
        let failed = n < failures.saturating_sub(1);
        let status = if failed { Some(500) } else { Some(200) };
        let mut sample = sample(reserve + Duration::from_micros(u64::from(n) * 10), status);
        if let Some(class) = error {
            sample = HttpSample { status: None, error: Some(class), expected: false, ..sample };
        }
        recorder.http(slot, 0, &sample, [0]);
        recorder.http(slot, 1, &self::sample(ms(4), Some(200)), []);
        recorder.check(slot, 0, sample.expected, []);
        recorder.check(slot, 1, true, []);
        // The value is a number.
        recorder.custom(slot, 0, f64::from(u8::from(sample.expected)), []).unwrap();
        let end = if n % 50 == 49 { IterationEnd::Stopped("queue-status".into()) } else { IterationEnd::Complete };
        recorder.iteration(slot, 0, reserve + ms(5), &end, []);
    }
    recorder.iteration(Slot::Block(19), 0, ms(5), &IterationEnd::Interrupted, []);
    let mut tallies = recorder.swap(Tallies::new(&layout));
    for vus in [1.0, 20.0, 5.0] {
        tallies.judged.vus.record(vus);
        tallies.judged.vus_max.record(20.0);
    }
    Measurement {
        plan: "concert-reservation".into(),
        profile: Some("pr".into()),
        target: "https://preview.example".into(),
        commit: Some("8c0fde910a37f88322ed".into()),
        job: Some("100/1/gate".into()),
        started_at: jiff::Timestamp::from_second(1_763_640_000).unwrap(),
        elapsed: ms(20_350),
        judged_for: Duration::from_secs(20),
        seed: 42,
        contract: Contract {
            machine: Machine { cores: Some(4), generator: "0.1.0".into(), ..Machine::default() },
            ..Contract::default()
        },
        layout,
        judged: tallies.judged,
        unjudged: tallies.unjudged,
        generator: Generator { workers: 2, busiest_worker_cpu: Some(0.31), ..Generator::default() },
        evidence: vec![],
        ending: Ending::Completed,
        shards: None,
    }
}

fn layout(grid: Grid) -> Layout {
    let request = |name: &str| RequestLabel { name: name.into(), optional: false, in_scenario: true, gated: true };
    Layout {
        requests: vec![request("reserve"), request("available-seats"), request("never sent")],
        scenarios: vec![ScenarioLabel { name: "reserve".into(), arrival_rate: false, planned: None }],
        checks: vec!["reserve status is 200".into(), "seat reserved".into()],
        groups: vec![],
        custom: vec![CustomLabel { name: "data_integrity".into(), kind: Kind::Rate, unit: Unit::Plain }],
        submetrics: vec![SubmetricLabel {
            selector: "http_req_duration{name:reserve}".into(),
            metric: Metric::Builtin(Builtin::HttpReqDuration),
            kind: Kind::Trend,
        }],
        control: None,
        grid,
    }
}

fn sample(waiting: Duration, status: Option<u16>) -> HttpSample {
    let phases = Phases {
        blocked: Duration::from_micros(3),
        sending: Duration::from_micros(10),
        waiting,
        receiving: Duration::from_micros(20),
        ..Phases::default()
    };
    HttpSample {
        phases,
        status,
        error: None,
        expected: status == Some(200),
        sent: 420,
        received: 1_200,
        limit: Duration::from_secs(15),
        schedule_lag: None,
    }
}

fn quiet() -> Guard {
    Guard {
        kind: GuardKind::NeverAttempted,
        subject: None,
        fired: false,
        finding: "2 of 2 requests were attempted".into(),
        cure: String::new(),
    }
}

fn threshold(condition: &str, unit: Unit, figure: Option<f64>, limit: f64) -> ThresholdResult {
    ThresholdResult {
        selector: "http_req_duration{name:reserve}".into(),
        condition: condition.into(),
        unit,
        figure,
        limit,
        passed: figure.is_some_and(|figure| figure < limit),
        aborted: false,
    }
}

fn history(rows: Vec<Row>) -> Comparison {
    Comparison::Made(Compared {
        with: Base::History(History { runs: 10, needed: 10, blocking: true }),
        alpha: 0.05,
        rows,
        lost: vec![],
        hidden: vec![],
        new_requests: vec!["occupy".into()],
        differences: vec!["CPU EPYC 7763, was Xeon 8370C".into()],
        track_record: None,
        confirmation: None,
    })
}

fn row(request: &str, metric: GatedMetric, base: f64, candidate: f64, change: f64, outcome: RowOutcome) -> Row {
    Row {
        request: request.into(),
        metric,
        base,
        candidate,
        change,
        interval: (change - 0.04, change + 0.05),
        limit: 0.1,
        samples: 100,
        t: Some(1.5),
        p_adjusted: Some(if outcome == RowOutcome::Fail { 0.0004 } else { 0.41 }),
        detectable: Some(0.08),
        outcome,
        history: vec![base * 0.98, base, base * 1.03, base * 0.99],
        blocks: vec![],
    }
}

fn evidence() -> Evidence {
    Evidence {
        request: "reserve".into(),
        class: "status 500".into(),
        method: "POST".into(),
        url: "https://preview.example/api/v1/concert-events/7/reserve".into(),
        request_headers: vec![("authorization".into(), "***".into())],
        request_body: Some(r#"{"occupationId":12}"#.into()),
        status: Some(500),
        response_headers: vec![("content-type".into(), "application/json".into())],
        response_body: Some("{\"error\":\"lock timeout\",\n \"notify\":\"@oncall\"}".into()),
        message: "expected 200, got 500".into(),
        at_ms: 1_204,
    }
}

/// What a report writes.
pub fn written(fixture: &Fixture, write: impl FnOnce(&Report<'_>, &mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&fixture.report(), &mut out);
    String::from_utf8(out).unwrap()
}
