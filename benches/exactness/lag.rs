//! How late do iterations begin at a constant rate?

use std::cmp::Ordering;

use anyhow::Result;

use crate::rig::cores::Place;
use crate::rig::loadgate::{Job, Report};
use crate::rig::nginx::Nginx;
use crate::rig::target::{Limit, Target, short};
use crate::run::Setting;

/// Rate, virtual users, and the largest p99 of the lag in ms.
const RATES: [(u32, u32, f64); 2] = [(1_000, 100, 1.0), (10_000, 500, 2.0)];

/// Runs both rates with a worker on each of two cores, which nginx shares with them.
pub fn measure(setting: &Setting<'_>) -> Result<Vec<Target>> {
    let nginx = Nginx::start(setting.cores, Place::Anywhere, setting.folder, setting.open_files)?;
    let (url, length) = (nginx.url(), setting.effort.length);
    let mut targets = Vec::new();
    for (rate, users, most) in RATES {
        let plan = format!(
            "version: 1\nname: lag\nscenarios:\n  main:\n    executor: constant-arrival-rate\n    rate: {rate}\n    \
             duration: {}s\n    preAllocatedVUs: {users}\n    steps: [{{ get: / }}]\n",
            length.as_secs()
        );
        let job = Job { plan: &plan, target: &url, workers: 2, place: Place::Anywhere, lasts: length };
        let mut reports = Vec::new();
        for _ in 0..setting.effort.repeats {
            reports.push(setting.loadgate.run(&job, setting.cores, setting.folder)?.report);
        }
        let p99 = |report: &Report| report.scenarios.first()?.schedule_lag.map(|lag| lag.p99);
        reports.sort_by(|one, other| p99(one).partial_cmp(&p99(other)).unwrap_or(Ordering::Equal));
        let report = &reports[(reports.len() - 1) / 2];
        let what = format!("{rate}/s: p99 of schedule_lag");
        targets.push(Target::new(what, p99(report), " ms", Limit::AtMost(most), note(report)));
    }
    Ok(targets)
}

fn note(report: &Report) -> String {
    let figure = |figure: Option<f64>| figure.map_or("none".to_owned(), short);
    let lag = report.scenarios.first().and_then(|scenario| scenario.schedule_lag);
    let [begun, dropped] = report.scenarios.first().map_or([0, 0], |scenario| [scenario.iterations, scenario.dropped]);
    format!(
        "p50 {} ms, max {} ms, {dropped} of {} dropped, busiest worker {}%",
        figure(lag.map(|lag| lag.med)),
        figure(lag.map(|lag| lag.max)),
        begun + dropped,
        figure(report.run.busiest_worker_cpu.map(|share| share * 100.0))
    )
}
