//! One run against a window of earlier ones, by the functions that the binary runs: simulated runs whose quantiles are known.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use loadgate::baseline::{Entry, Runs, Window};
use loadgate::gate::{self, Comparison, GatedMetric, Grounds, Judgement, Verdict};
use loadgate::measurement::layout::{Grid, Layout, RequestLabel, ScenarioLabel};
use loadgate::measurement::{Contract, Ending, Generator, Measurement, Tally};
use loadgate::plan::Policy;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// One line of the table.
#[derive(Debug)]
pub struct Row {
    pub what: &'static str,
    /// The bound, in words.
    pub must: &'static str,
    pub found: String,
    pub holds: bool,
}

/// Between runs, of ln Q.
const DEVIATION: f64 = 0.07;
/// Of the metrics of one run with each other.
const CORRELATION: f64 = 0.5;
/// Runs in the window.
const RUNS: usize = 10;
/// The true median in milliseconds.
const MEDIAN: f64 = 20.0;
/// A p50 is judged from here on.
const SAMPLES: u32 = 20;

/// Every row, of so many seeded simulations.
pub fn rows(simulations: u64) -> Vec<Row> {
    let rate = |what, must, found: f64, holds| Row { what, must, found: format!("{:.2} %", 100.0 * found), holds };
    let (failed, confirmed) = false_alarms(simulations);
    let (bias, spread) = nights(simulations);
    let alike = coverage(simulations, 1.0);
    let fewer = coverage(simulations, 0.25);
    vec![
        rate("history, A/A, 20 metrics, sd 7 %, K 10: FAIL", "<= 6 %", failed, failed <= 0.06),
        rate("the same, confirmed by an independent run", "<= 1 %", confirmed, confirmed <= 0.01),
        Row {
            what: "120 nights A/A: the window's mean from the truth",
            must: "within 2 %",
            found: format!("{:+.2} % on average, {:.2} % from one series to another", 100.0 * bias, 100.0 * spread),
            holds: bias.abs() <= 0.02,
        },
        rate("coverage of the 95 % interval, K 10", "94-96.5 %", alike, (0.94..=0.965).contains(&alike)),
        // Its own sampling error is added to what the window's runs differ by, on the same degrees of freedom.
        rate("the same, the candidate with a quarter of the samples", ">= 94 %", fewer, fewer >= 0.94),
    ]
}

/// The shares of equal runs that fail, and of those that another run of the same commit confirms.
fn false_alarms(simulations: u64) -> (f64, f64) {
    let mut source = Source::new(20, 4);
    let policy = policy();
    let (mut failed, mut confirmed) = (0, 0);
    for _ in 0..simulations {
        let runs = (0..RUNS).map(|night| source.run(&format!("night {night}"))).collect();
        let window = Window { runs, ..Window::default() };
        let grounds = Grounds { window: Some(&window), ..Grounds::new(&[], &policy) };
        let first = source.run("first");
        if gate::judge(&first, &grounds).verdict == Verdict::Fail {
            failed += 1;
            let second = gate::judge_again(&source.run("second"), &first, &grounds);
            confirmed += u64::from(second.verdict == Verdict::Fail);
        }
    }
    (failed as f64 / simulations as f64, confirmed as f64 / simulations as f64)
}

/// After 120 nights of equal runs, each judged and stored: how far the mean of the window is from the truth on average, and how
/// far it varies.
fn nights(simulations: u64) -> (f64, f64) {
    let mut source = Source::new(1, 5);
    let policy = policy();
    let mut means = Vec::new();
    for _ in 0..simulations {
        let mut runs = Runs::at(Timestamp::MAX, Vec::new());
        let mut window = Window::default();
        for night in 0..120 {
            let run = source.run(&format!("night {night}"));
            window = runs.window(&run.contract, run.job.as_deref(), policy.baseline.window);
            let judgement = gate::judge(&run, &Grounds { window: Some(&window), ..Grounds::new(&[], &policy) });
            runs.entries.push(entry(run, &judgement));
        }
        let logs = window.runs.iter().filter_map(|run| run.judged.requests[0].comparable.quantile(0.5));
        means.push(logs.map(|median| (median / MEDIAN).ln()).sum::<f64>() / window.runs.len() as f64);
    }
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    let squares = means.iter().map(|other| (other - mean).powi(2)).sum::<f64>();
    (mean.exp_m1(), (squares / (means.len() - 1) as f64).sqrt())
}

fn entry(measurement: Measurement, judgement: &Judgement) -> Entry {
    let path = format!("{}.json", measurement.seed).into();
    let (status, reason) = (judgement.baseline_status(), judgement.headline());
    Entry { path, status, reason, accepted: None, after_gap: false, measurement }
}

/// The share of 95 % intervals that hold the true change, none; the candidate with this share of the samples of the window's
/// runs. Samples are log-normal, so that each run has an error within.
fn coverage(simulations: u64, samples: f64) -> f64 {
    let mut source = Source::new(1, 6);
    let policy = policy();
    let covered = (0..simulations).filter(|_| {
        let runs = (0..RUNS).map(|_| source.sampled(400)).collect();
        let window = Window { runs, ..Window::default() };
        let candidate = source.sampled((400.0 * samples) as u32);
        let judgement = gate::judge(&candidate, &Grounds { window: Some(&window), ..Grounds::new(&[], &policy) });
        let Comparison::Made(compared) = &judgement.comparison else { return false };
        compared.rows.iter().all(|row| row.interval.0 <= 0.0 && 0.0 <= row.interval.1)
    });
    covered.count() as f64 / simulations as f64
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.regression.metrics = vec![GatedMetric::P50];
    policy.regression.floor = Duration::ZERO;
    policy
}

/// Runs of requests that are alike but for chance.
struct Source {
    random: Xoshiro256PlusPlus,
    empty: Measurement,
}

impl Source {
    fn new(requests: usize, seed: u64) -> Self {
        Source { random: Xoshiro256PlusPlus::seed_from_u64(seed), empty: empty(requests) }
    }

    fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.random)
    }

    /// A run whose medians are exactly known, and correlated as metrics of one run are.
    fn run(&mut self, job: &str) -> Measurement {
        let shared = self.normal();
        let mut run = self.next(job);
        for request in &mut run.judged.requests {
            let own = self.normal();
            let deviation = CORRELATION.sqrt() * shared + (1.0 - CORRELATION).sqrt() * own;
            let median = MEDIAN * (DEVIATION * deviation).exp();
            (0..SAMPLES).for_each(|_| request.comparable.record(Duration::from_secs_f64(median / 1e3)));
            (request.attempts, request.responses) = (u64::from(SAMPLES), u64::from(SAMPLES));
        }
        run
    }

    /// A run of so many samples of one request, which deviate by 0.5 on the scale of ln, half of what runs differ by.
    fn sampled(&mut self, samples: u32) -> Measurement {
        let between = DEVIATION / 2.0 * self.normal();
        let mut run = self.next("sampled");
        for _ in 0..samples {
            let latency = MEDIAN * (between + 0.5 * self.normal()).exp();
            run.judged.requests[0].comparable.record(Duration::from_secs_f64(latency / 1e3));
        }
        let request = &mut run.judged.requests[0];
        (request.attempts, request.responses) = (u64::from(samples), u64::from(samples));
        run
    }

    fn next(&mut self, job: &str) -> Measurement {
        self.empty.seed += 1;
        Measurement { job: Some(job.into()), ..self.empty.clone() }
    }
}

/// A healthy run of a minute without a sample.
fn empty(requests: usize) -> Measurement {
    let names: Vec<Arc<str>> = (0..requests).map(|index| format!("request {index}").into()).collect();
    let label = |name: &Arc<str>| RequestLabel { name: name.clone(), optional: false, in_scenario: true, gated: true };
    let time = Duration::from_secs(60);
    let layout = Arc::new(Layout {
        requests: names.iter().map(label).collect(),
        scenarios: vec![ScenarioLabel { name: "users".into(), arrival_rate: false, planned: None }],
        checks: Vec::new(),
        groups: Vec::new(),
        custom: Vec::new(),
        submetrics: Vec::new(),
        control: None,
        grid: Grid::new(Duration::ZERO, time),
    });
    let definitions: BTreeMap<String, String> = names.iter().map(|name| (name.to_string(), "same".into())).collect();
    let mut judged = Tally::new(&layout);
    judged.scenarios[0].iterations = u64::from(SAMPLES);
    Measurement {
        plan: "simulated".into(),
        profile: None,
        target: "http://127.0.0.1".into(),
        commit: Some("0123456789abcdef".into()),
        job: None,
        started_at: Timestamp::UNIX_EPOCH,
        elapsed: time,
        judged_for: time,
        seed: 0,
        contract: Contract { requests: definitions, load: "same".into(), ..Contract::default() },
        unjudged: Tally::new(&layout),
        judged,
        layout,
        generator: Generator { workers: 1, busiest_worker_cpu: Some(0.1), ..Generator::default() },
        evidence: Vec::new(),
        ending: Ending::Completed,
        shards: None,
    }
}
