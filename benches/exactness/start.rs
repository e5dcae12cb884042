//! How long is it from the start of the process to its first request on the server's side?

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::rig::cores::Place;
use crate::rig::loadgate::Job;
use crate::rig::statistics::Spread;
use crate::rig::target::{Limit, Target, short};
use crate::run::Setting;
use crate::server::Server;

/// Of the trial before the load and of the load, the server sees the trial first.
const PLAN: &str =
    "version: 1\nname: start\nscenarios:\n  main:\n    executor: per-vu-iterations\n    steps: [{ get: / }]\n";

/// Starts loadgate several times.
pub fn measure(setting: &Setting<'_>) -> Result<Vec<Target>> {
    let server = Server::start(setting.cores, Box::new(|| Duration::ZERO))?;
    let url = server.url();
    let job = Job { plan: PLAN, target: &url, workers: 1, place: Place::Generator, lasts: Duration::from_secs(10) };
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for _ in 0..setting.effort.starts {
        let run = setting.loadgate.run(&job, setting.cores, setting.folder)?;
        let answered = server.take(1 + run.report.responses());
        ensure!(!answered.is_empty(), "no request arrived");
        let since = |at: usize| (answered[at].read - run.process.started).as_secs_f64() * 1e3;
        first.push(since(0));
        last.push(since(answered.len() - 1));
    }
    let starts = first.len();
    let load = Spread::of(last).map_or("none".to_owned(), |spread| short(spread.median));
    let Some(Spread { median, min, max }) = Spread::of(first) else { return Ok(Vec::new()) };
    let note = format!("median of {starts} starts, {}–{} ms; the load's first {load} ms", short(min), short(max));
    Ok(vec![Target::new("start to first request", Some(median), " ms", Limit::AtMost(50.0), note)])
}
