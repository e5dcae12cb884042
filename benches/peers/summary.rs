//! Medians, ratios and targets.

use serde::Serialize;

use crate::rig::machine::Machine;
use crate::rig::statistics::Spread;
use crate::rig::table::Table;
use crate::rig::target::{Limit, Target, short};
use crate::rounds::Sample;
use crate::tool::Tool;
use crate::workload::{Size, Workload};

/// All that was measured, for `--json`.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    pub machine: Machine,
    pub installed: Vec<Installed>,
    pub samples: &'a [Sample],
    pub targets: Vec<Target>,
}

/// A generator, and its version where it is here.
#[derive(Debug, Serialize)]
pub struct Installed {
    pub tool: Tool,
    pub version: Option<String>,
}

impl Workload {
    /// What a table of this workload is about.
    pub fn title(self, size: &Size, rounds: u32) -> String {
        let Size { length, connections, ramp_vus, ramp_up, ramp_length } = size;
        match self {
            Workload::Get => format!("get: GET, {connections} connections, {rounds} × {length:?}"),
            Workload::PostChecks => format!(
                "post-checks: POST, headers, JSON body, 3 checks on the parsed answer, {connections} VUs, {rounds} × \
                 {length:?} (wrk: the plain GET)"
            ),
            Workload::Ramp => format!(
                "ramp: {ramp_vus} VUs ramped over {ramp_up:?}, POST, 3 checks, 1 s sleep, {rounds} × {ramp_length:?}"
            ),
        }
    }
}

/// A row for each generator; ratios are those to wrk and k6 in the same round.
pub fn workload_table(workload: Workload, samples: &[Sample]) -> Table {
    let head =
        ["generator", "req/s", "min–max", "× wrk", "× k6", "CPU µs/req", "peak MB", "server CPU", "p95 ms", "errors"];
    let mut table = Table::new(head);
    for tool in Tool::ALL {
        let rows: Vec<&Sample> = samples.iter().filter(|sample| sample.tool == tool).collect();
        let sound = || rows.iter().filter(|sample| sample.problem.is_none());
        if rows.is_empty() {
            continue;
        }
        let spread = |figure: fn(&Sample) -> f64| Spread::of(sound().map(|sample| figure(sample)));
        let median = |figure: fn(&Sample) -> f64, decimals: usize| {
            spread(figure).map_or("–".to_owned(), |spread| format!("{:.decimals$}", spread.median))
        };
        let speed = spread(|sample| sample.requests_per_second);
        let ratio = |to: Tool| ratio(samples, tool, to).map_or("–".to_owned(), |spread| short(spread.median));
        let p95 = Spread::of(sound().filter_map(|sample| sample.p95_ms));
        let errors: u64 = rows.iter().map(|sample| sample.errors).sum();
        let unsound = rows.len() - sound().count();
        table.row([
            if unsound == 0 { tool.name().to_owned() } else { format!("{} ({unsound} runs not counted)", tool.name()) },
            median(|sample| sample.requests_per_second, 0),
            speed.map_or("–".to_owned(), |speed| format!("{:.0}–{:.0}", speed.min, speed.max)),
            if workload == Workload::Ramp { "–".to_owned() } else { ratio(Tool::Wrk) },
            ratio(Tool::K6),
            median(|sample| sample.cpu_us_per_request, 1),
            median(|sample| sample.peak_memory_mb, 1),
            spread(|sample| sample.server_cpu * 100.0)
                .map_or("–".to_owned(), |share| format!("{:.0}%", share.median)),
            p95.map_or("–".to_owned(), |p95| short(p95.median)),
            errors.to_string(),
        ]);
    }
    table
}

/// The ratios of one generator's speed to another's in the same round, over the rounds in which both ran well.
fn ratio(samples: &[Sample], tool: Tool, to: Tool) -> Option<Spread> {
    let speed = |tool: Tool, round: u32| {
        let sample = samples.iter().find(|sample| sample.tool == tool && sample.round == round)?;
        sample.problem.is_none().then_some(sample.requests_per_second)
    };
    let rounds = samples.iter().map(|sample| sample.round).max()?;
    Spread::of((1..=rounds).filter_map(|round| Some(speed(tool, round)? / speed(to, round)?)))
}

/// The bar of the load engine, for the workloads that ran.
pub fn targets(samples: &[Sample], size: &Size) -> Vec<Target> {
    let of = |workload: Workload| -> Vec<Sample> {
        samples.iter().filter(|sample| sample.workload == workload).cloned().collect()
    };
    let (get, post, ramp) = (of(Workload::Get), of(Workload::PostChecks), of(Workload::Ramp));
    let mut targets = Vec::new();
    let mut times = |what: &str, samples: &[Sample], (tool, to): (Tool, Tool), least: f64| {
        if samples.is_empty() {
            return;
        }
        let ratio = ratio(samples, tool, to);
        let note = match ratio {
            Some(Spread { min, max, .. }) => format!("median of the rounds, {}–{}", short(min), short(max)),
            None => format!("no round in which both {} and {} ran well", tool.name(), to.name()),
        };
        targets.push(Target::new(what, ratio.map(|ratio| ratio.median), " ×", Limit::AtLeast(least), note));
    };
    times("GET: req/s per core against wrk", &get, (Tool::Loadgate, Tool::Wrk), 0.9);
    times("POST + 3 checks: req/s against k6", &post, (Tool::Loadgate, Tool::K6), 8.0);
    times("POST + 3 checks: req/s against wrk's plain GET", &post, (Tool::Loadgate, Tool::Wrk), 0.7);
    times("the same from k6's script: req/s against k6", &post, (Tool::Script, Tool::K6), 6.0);
    times("the same from k6's script: req/s against wrk's plain GET", &post, (Tool::Script, Tool::Wrk), 0.55);
    if !ramp.is_empty() {
        let ours = || ramp.iter().filter(|sample| sample.tool == Tool::Loadgate && sample.problem.is_none());
        let fired = ours().filter(|sample| !sample.fired.is_empty()).count();
        let note = format!("median of {} runs, guards fired in {fired}", ours().count());
        let p95 = Spread::of(ours().filter_map(|sample| sample.p95_ms)).map(|p95| p95.median);
        // The worst run counts: memory that was needed once is needed.
        let memory = Spread::of(ours().map(|sample| sample.peak_memory_mb)).map(|memory| memory.max);
        let users = size.ramp_vus;
        targets.push(Target::new(format!("{users} VUs: p95 reported"), p95, " ms", Limit::AtMost(2.0), note));
        targets.push(Target::new(
            format!("{users} VUs: peak memory"),
            memory,
            " MB",
            Limit::AtMost(150.0),
            "the worst run",
        ));
    }
    targets
}
