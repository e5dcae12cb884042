//! Measurements with known truth, for tests: log-normal latencies from a seed, recorded as a worker records them.

use std::sync::Arc;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::layout::{CustomLabel, RequestLabel, ScenarioLabel, SubmetricLabel};
use super::sample::{ErrorClass, HttpSample, IterationEnd, Phases};
use super::{Contract, Ending, Generator, Grid, Layout, Measurement, Recorder, Slot, Tallies};
use crate::metric::{Builtin, Kind, Unit};

/// A run to be.
#[derive(Clone, Debug)]
pub struct Simulated {
    pub requests: Vec<SimulatedRequest>,
    pub length: Duration,
    pub seed: u64,
    pub commit: &'static str,
    pub job: Option<String>,
}

#[derive(Clone, Debug)]
pub struct SimulatedRequest {
    pub name: &'static str,
    /// Of the judged phase; spread evenly.
    pub count: u32,
    pub median: Duration,
    /// Standard deviation of ln latency.
    pub sigma: f64,
    /// Chance of an answer with status 500.
    pub failures: f64,
}

impl SimulatedRequest {
    pub fn new(name: &'static str, median_ms: f64) -> Self {
        let median = Duration::from_secs_f64(median_ms / 1000.0);
        SimulatedRequest { name, count: 1000, median, sigma: 0.3, failures: 0.0 }
    }
}

impl Simulated {
    pub fn new(requests: Vec<SimulatedRequest>) -> Self {
        Simulated { requests, length: Duration::from_secs(60), seed: 1, commit: "0123456789abcdef", job: None }
    }

    pub fn layout(&self) -> Layout {
        let label = |request: &SimulatedRequest| RequestLabel {
            name: request.name.into(),
            optional: false,
            in_scenario: true,
            gated: true,
        };
        Layout {
            requests: self.requests.iter().map(label).collect(),
            scenarios: vec![ScenarioLabel { name: "users".into(), arrival_rate: false, planned: None }],
            checks: vec!["status is 200".into()],
            groups: vec!["checkout".into()],
            custom: [
                ("events", Kind::Counter),
                ("queue", Kind::Gauge),
                ("integrity", Kind::Rate),
                ("amount", Kind::Trend),
            ]
            .map(|(name, kind)| CustomLabel { name: name.into(), kind, unit: Unit::Plain })
            .to_vec(),
            submetrics: vec![SubmetricLabel {
                selector: "http_req_duration{expected_response:true}".into(),
                metric: Builtin::HttpReqDuration.into(),
                kind: Kind::Trend,
            }],
            control: None,
            grid: Grid::new(Duration::ZERO, self.length),
        }
    }

    pub fn contract(&self) -> Contract {
        Contract {
            requests: self.requests.iter().map(|request| (request.name.into(), "definition".into())).collect(),
            load: "load".into(),
            ..Contract::default()
        }
    }

    pub fn measure(&self) -> Measurement {
        let layout = Arc::new(self.layout());
        let mut recorder = Recorder::new(layout.clone());
        let mut random = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        for (index, request) in self.requests.iter().enumerate() {
            self.record(&mut recorder, &mut random, index, request);
        }
        let mut tallies = recorder.swap(Tallies::new(&layout));
        tallies.judged.vus.record(20.0);
        tallies.judged.vus_max.record(25.0);
        Measurement {
            plan: "concert".into(),
            profile: Some("pr".into()),
            target: "http://127.0.0.1:8080".into(),
            commit: Some(self.commit.into()),
            job: self.job.clone(),
            started_at: jiff::Timestamp::UNIX_EPOCH + Duration::from_secs(1_795_000_000),
            elapsed: self.length + Duration::from_millis(123),
            judged_for: self.length,
            seed: self.seed,
            contract: self.contract(),
            layout,
            judged: tallies.judged,
            unjudged: tallies.unjudged,
            generator: Generator { workers: 2, busiest_worker_cpu: Some(0.25), ..Generator::default() },
            evidence: Vec::new(),
            ending: Ending::Completed,
            shards: None,
        }
    }

    fn record(
        &self,
        recorder: &mut Recorder,
        random: &mut Xoshiro256PlusPlus,
        index: usize,
        request: &SimulatedRequest,
    ) {
        let latency = LogNormal::new(request.median.as_secs_f64().ln(), request.sigma).unwrap();
        for number in 0..request.count {
            let slot = self.layout_slot(number, request.count);
            let waiting = Duration::from_secs_f64(latency.sample(random));
            let failed = random.random::<f64>() < request.failures;
            let sample = HttpSample {
                phases: Phases {
                    sending: Duration::from_micros(random.random_range(5..40)),
                    waiting,
                    receiving: Duration::from_micros(random.random_range(20..200)),
                    ..Phases::default()
                },
                status: Some(if failed { 500 } else { 200 }),
                error: None,
                expected: !failed,
                sent: 240,
                received: 1300,
                limit: Duration::from_secs(15),
                schedule_lag: None,
            };
            recorder.http(slot, index, &sample, if failed { None } else { Some(0) });
            recorder.check(slot, 0, !failed, []);
            recorder.iteration(slot, 0, waiting, &IterationEnd::Complete, []);
            if number % 100 == 0 {
                recorder.group(slot, 0, waiting, []);
                recorder.http(Slot::Unjudged, index, &timed_out(sample), []);
                for metric in 0..4 {
                    recorder.custom(slot, metric, waiting.as_secs_f64() * 1e3, []).unwrap();
                }
            }
        }
    }

    /// A request that took this long, and whether it was answered as expected.
    pub fn sample(&self, waiting: Duration, expected: bool) -> HttpSample {
        HttpSample {
            phases: Phases { waiting, ..Phases::default() },
            status: Some(if expected { 200 } else { 500 }),
            error: None,
            expected,
            sent: 240,
            received: 1300,
            limit: Duration::from_secs(15),
            schedule_lag: None,
        }
    }

    fn layout_slot(&self, number: u32, count: u32) -> Slot {
        Grid::new(Duration::ZERO, self.length).slot(self.length * number / count)
    }
}

fn timed_out(sample: HttpSample) -> HttpSample {
    HttpSample { status: None, error: Some(ErrorClass::Timeout), expected: false, ..sample }
}
