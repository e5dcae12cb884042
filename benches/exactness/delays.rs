//! Does `http_req_duration` agree with the delays that the server itself recorded?

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution as _, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::rig::cores::Place;
use crate::rig::loadgate::Job;
use crate::rig::statistics::quantile;
use crate::rig::target::{Limit, Target};
use crate::run::Setting;
use crate::server::{Delay, Server};

/// Arrivals a second: enough for a p99 that ten samples lie beyond, few enough that neither side queues.
const RATE: u32 = 500;

/// The quantiles that are compared.
const FIGURES: [(&str, f64); 3] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];

/// A quantile by both sides, in ms.
#[derive(Clone, Copy, Debug)]
struct Pair {
    server: f64,
    loadgate: f64,
    samples: usize,
}

/// Compares the quantiles for each kind of delay.
pub fn measure(setting: &Setting<'_>) -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    for (name, delay) in delays()? {
        let server = Server::start(setting.cores, delay)?;
        let runs = (0..setting.effort.repeats).map(|_| compare(&server, setting));
        let runs: Vec<[Pair; 3]> = runs.collect::<Result<_>>().with_context(|| name.to_owned())?;
        for (index, (figure, _)) in FIGURES.into_iter().enumerate() {
            let mut pairs: Vec<Pair> = runs.iter().map(|run| run[index]).collect();
            pairs.sort_by(|one, other| one.apart().total_cmp(&other.apart()));
            let Pair { server, loadgate, samples } = pairs[(pairs.len() - 1) / 2];
            let (apart, limit) = ((loadgate - server).abs(), server * 0.01 + 0.1);
            let note = format!("loadgate {loadgate:.3}, server {server:.3} ms, {samples} samples");
            targets.push(Target::new(
                format!("{name}, {figure}: apart"),
                Some(apart),
                " ms",
                Limit::AtMost(limit),
                note,
            ));
        }
    }
    Ok(targets)
}

impl Pair {
    fn apart(&self) -> f64 {
        (self.loadgate - self.server).abs()
    }
}

fn delays() -> Result<[(&'static str, Delay); 3]> {
    let millis = |millis: f64| Duration::from_secs_f64(millis / 1e3);
    let mut coin = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(2);
    // Median 5 ms, p99 16 ms.
    let spread = LogNormal::new(5f64.ln(), 0.5)?;
    Ok([
        ("fixed 5 ms", Box::new(move || millis(5.0))),
        // One in ten: p50 is of the fast ones, p95 and p99 are of the slow ones.
        ("2 or 20 ms", Box::new(move || millis(if coin.random_bool(0.1) { 20.0 } else { 2.0 }))),
        ("log-normal", Box::new(move || millis(spread.sample(&mut dice).min(1000.0)))),
    ])
}

fn compare(server: &Server, setting: &Setting<'_>) -> Result<[Pair; 3]> {
    let length = setting.effort.length;
    let plan = format!(
        "version: 1\nname: delays\nscenarios:\n  main:\n    executor: constant-arrival-rate\n    rate: {RATE}\n    \
         duration: {}s\n    preAllocatedVUs: 100\n    steps: [{{ get: / }}]\n",
        length.as_secs()
    );
    let url = server.url();
    let job = Job { plan: &plan, target: &url, workers: 1, place: Place::Generator, lasts: length };
    let report = setting.loadgate.run(&job, setting.cores, setting.folder)?.report;
    let reported = report.responses();
    // The trial before the load is in no figure.
    let mut answered = server.take(reported + 1);
    if answered.len() as u64 == reported + 1 {
        answered.remove(0);
    }
    let samples = answered.len();
    ensure!(samples as u64 == reported, "loadgate reports {reported} answers, the server made {samples}");
    let mut made: Vec<f64> = answered.iter().map(|answered| answered.delay.as_secs_f64() * 1e3).collect();
    made.sort_by(f64::total_cmp);
    let times = report.requests.first().and_then(|request| request.duration).context("no request was measured")?;
    let said = [times.med, times.p95, times.p99];
    let pair = |index: usize| {
        let server = quantile(&made, FIGURES[index].1).unwrap_or(f64::NAN);
        Pair { server, loadgate: said[index], samples }
    };
    Ok([0, 1, 2].map(pair))
}
