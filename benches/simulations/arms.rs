//! Whole paired runs: samples of both arms, recorded as a worker records them, from blocks to verdict.

use std::sync::Arc;
use std::time::Duration;

use loadgate::gate::{self, Grounds, Verdict};
use loadgate::measurement::layout::{RequestLabel, ScenarioLabel};
use loadgate::measurement::{
    Contract, Ending, Generator, Grid, HttpSample, IterationEnd, Layout, Measurement, Phases, Recorder, ReferenceArm,
    Tallies,
};
use loadgate::pairing::{ArmMode, Looks, Pairing};
use loadgate::plan::Policy;
use loadgate::plan::policy::{GatedMetric, Regression};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::effects::seed_of_flips;
use super::row::{Bound, Row};

/// Fewer than of other rows: each run has 18,000 samples.
const RUNS: u64 = 400;

/// The rows of whole runs.
pub fn rows() -> Vec<Row> {
    let few = |what, must_be, happens| Row { runs: RUNS, ..Row::new(what, must_be, happens) };
    vec![
        few("whole runs of 60 s, 3 requests, A/A, δ 10%: fail", Bound::AtMost(0.01), |seed| {
            Arms::default().verdict(seed) == Verdict::Fail
        }),
        few("whole runs of 60 s, 3 requests, A/A, δ 10%: pass", Bound::AtLeast(0.95), |seed| {
            Arms::default().verdict(seed) == Verdict::Pass
        }),
        few("whole runs of 60 s, +10% of 1 of 3 requests, δ 5%: fail", Bound::AtLeast(0.95), |seed| {
            Arms { slower: 1.10, tolerance: 0.05, ..Arms::default() }.verdict(seed) == Verdict::Fail
        }),
        Row::new("bursts of errors, 2 a minute an arm, 0.5 s each, A/A: fail", Bound::AtMost(0.02), |seed| {
            Arms { burst: 0.5, ..Arms::in_bursts() }.verdict(seed) == Verdict::Fail
        }),
        // Bursts that lie across two blocks are nearer to α.
        Row::new("bursts of errors, 2 a minute an arm, 2 s each, A/A: fail", Bound::AtMost(0.05), |seed| {
            Arms { burst: 2.0, ..Arms::in_bursts() }.verdict(seed) == Verdict::Fail
        }),
        few("5 failures in 1,000 from the candidate alone, 60 s: fail", Bound::AtLeast(0.95), |seed| {
            Arms { failures: 0.005, metrics: vec![GatedMetric::Failed], ..Arms::default() }.verdict(seed)
                == Verdict::Fail
        }),
        few("a reference that dies after half of the run: pass or fail", Bound::AtMost(0.0), |seed| {
            let verdict = Arms { reference_dies: true, ..Arms::default() }.verdict(seed);
            matches!(verdict, Verdict::Pass | Verdict::Fail)
        }),
    ]
}

/// The judged phase.
const LENGTH: Duration = Duration::from_secs(60);

/// Requests with their medians in milliseconds.
const REQUESTS: [(&str, f64); 3] = [("login", 30.0), ("seats", 8.0), ("reserve", 20.0)];

/// A paired run to be.
struct Arms {
    /// Of each request, a second.
    rate: u32,
    /// The candidate's latencies of the first request, as a multiple of the reference's.
    slower: f64,
    /// The share of the candidate's answers that fail.
    failures: f64,
    /// A minute, in each arm on its own: every request fails.
    bursts: f64,
    /// How long a burst is on average, in seconds.
    burst: f64,
    reference_dies: bool,
    metrics: Vec<GatedMetric>,
    tolerance: f64,
}

impl Default for Arms {
    fn default() -> Self {
        let Regression { metrics, tolerance, .. } = Regression::default();
        Arms {
            rate: 50,
            slower: 1.0,
            failures: 0.0,
            bursts: 0.0,
            burst: 1.0,
            reference_dies: false,
            metrics,
            tolerance,
        }
    }
}

impl Arms {
    /// Errors in bursts, two a minute an arm; only failures are compared.
    fn in_bursts() -> Arms {
        Arms { bursts: 2.0, rate: 20, metrics: vec![GatedMetric::Failed], ..Arms::default() }
    }

    fn verdict(&self, seed: u64) -> Verdict {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let layout = Arc::new(layout());
        // What machine and network do to both arms, and what they do to one.
        let (both, one) = (normal(0.05), normal(0.02));
        let weather: Vec<f64> = (0..layout.grid.blocks()).map(|_| both.sample(&mut random)).collect();
        let mut measure = |candidate: bool| {
            let noise: Vec<f64> = weather.iter().map(|shared| shared + one.sample(&mut random)).collect();
            let tallies = self.record(&layout, candidate, &noise, &mut random);
            measurement(&layout, candidate, tallies, seed_of_flips(seed))
        };
        let (candidate, reference) = (measure(true), measure(false));
        let pairing = Pairing { mode: ArmMode::Parallel, looks: Looks::ONE, shares: Vec::new() };
        let reference = ReferenceArm { measurement: reference, pairing };
        let metrics = self.metrics.clone();
        let regression =
            Regression { tolerance: self.tolerance, floor: Duration::ZERO, metrics, ..Regression::default() };
        let policy = Policy { regression, ..Policy::default() };
        gate::judge(&candidate, &Grounds { reference: Some(&reference), ..Grounds::new(&[], &policy) }).verdict
    }

    fn record(&self, layout: &Arc<Layout>, candidate: bool, noise: &[f64], random: &mut Xoshiro256PlusPlus) -> Tallies {
        let mut recorder = Recorder::new(layout.clone());
        let away = self.bursts(random);
        let spread = normal(0.3);
        let count = self.rate * LENGTH.as_secs() as u32;
        for number in 0..count {
            let at = LENGTH * number / count;
            let slot = layout.grid.slot(at);
            let block = (at.as_nanos() / layout.grid.block.as_nanos()) as usize;
            let dead = self.reference_dies && !candidate && at > LENGTH / 2;
            let down = dead || away.iter().any(|(from, to)| (*from..*to).contains(&at.as_secs_f64()));
            for (index, (_, median)) in REQUESTS.iter().enumerate() {
                let failed = down || candidate && random.random::<f64>() < self.failures;
                let slower = if candidate && index == 0 { self.slower } else { 1.0 };
                let noise = noise[block.min(noise.len() - 1)] + spread.sample(random);
                let waiting = Duration::from_secs_f64(median / 1e3 * slower * noise.exp());
                recorder.http(slot, index, &sample(waiting, failed), []);
            }
            recorder.iteration(slot, 0, Duration::from_millis(60), &IterationEnd::Complete, []);
        }
        recorder.swap(Tallies::new(layout))
    }

    /// From when to when, in seconds.
    fn bursts(&self, random: &mut Xoshiro256PlusPlus) -> Vec<(f64, f64)> {
        let mut bursts = Vec::new();
        if self.bursts > 0.0 {
            let exponential = |mean: f64| Exp::new(1.0 / mean).expect("a mean above 0");
            let mut from = exponential(60.0 / self.bursts).sample(random);
            while from < LENGTH.as_secs_f64() {
                bursts.push((from, from + exponential(self.burst).sample(random)));
                from += exponential(60.0 / self.bursts).sample(random);
            }
        }
        bursts
    }
}

fn normal(deviation: f64) -> Normal<f64> {
    Normal::new(0.0, deviation).expect("a deviation that is finite")
}

fn sample(waiting: Duration, failed: bool) -> HttpSample {
    HttpSample {
        phases: Phases { waiting, ..Phases::default() },
        status: Some(if failed { 500 } else { 200 }),
        error: None,
        expected: !failed,
        sent: 240,
        received: 1300,
        limit: Duration::from_secs(15),
        schedule_lag: None,
    }
}

fn layout() -> Layout {
    let label =
        |(name, _): (&str, f64)| RequestLabel { name: name.into(), optional: false, in_scenario: true, gated: true };
    Layout {
        requests: REQUESTS.map(label).to_vec(),
        scenarios: vec![ScenarioLabel { name: "users".into(), arrival_rate: false, planned: None }],
        checks: Vec::new(),
        groups: Vec::new(),
        custom: Vec::new(),
        submetrics: Vec::new(),
        control: None,
        grid: Grid::new(Duration::ZERO, LENGTH),
    }
}

fn measurement(layout: &Arc<Layout>, candidate: bool, tallies: Tallies, seed: u64) -> Measurement {
    let requests = REQUESTS.map(|(name, _)| (name.to_owned(), "definition".to_owned())).into();
    Measurement {
        plan: "concert".into(),
        profile: None,
        target: format!("http://127.0.0.1:{}", if candidate { 8080 } else { 8081 }),
        commit: None,
        job: None,
        started_at: "2026-11-20T12:00:00Z".parse().expect("a time"),
        elapsed: LENGTH,
        judged_for: LENGTH,
        seed,
        contract: Contract { requests, load: "load".into(), ..Contract::default() },
        layout: layout.clone(),
        judged: tallies.judged,
        unjudged: tallies.unjudged,
        generator: Generator { workers: 2, busiest_worker_cpu: Some(0.25), ..Generator::default() },
        evidence: Vec::new(),
        ending: Ending::Completed,
        shards: None,
    }
}
