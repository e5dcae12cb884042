//! Whether the figures of a file add up as those that one run recorded: every rule here is one of the recorder's.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::measurement::layout::Layout;
use crate::measurement::sample::ErrorClass;
use crate::measurement::series::Gauge;
use crate::measurement::tally::{RequestTally, Tally};
use crate::measurement::{Block, Ending, Measurement, MeasurementFile};

use super::is_direction;

/// No run of a pull request is longer.
const LONGEST_RUN: Duration = Duration::from_hours(7 * 24);
/// GitHub keeps an artifact for 400 days at most.
const OLDEST: SignedDuration = SignedDuration::from_hours(400 * 24);
/// How far the clock of another machine may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// More than a day of blocks of 5 s.
const MOST_BLOCKS: u32 = 20_000;
const MOST_WORKERS: u32 = 4096;
/// Of a name, in bytes.
const LONGEST_NAME: usize = 500;

/// A problem, with the place.
type Checked = Result<(), String>;

fn require(holds: bool, problem: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(problem()) }
}

/// Checks a whole file.
pub fn check(file: &MeasurementFile, now: Timestamp) -> Checked {
    require(file.baseline.is_none(), || "an entry of a baseline, no measurement of a run".into())?;
    measurement(&file.candidate, now).map_err(|problem| format!("candidate: {problem}"))?;
    let Some(arm) = &file.reference else { return Ok(()) };
    let (ours, theirs) = (&file.candidate, &arm.measurement);
    measurement(theirs, now).map_err(|problem| format!("reference: {problem}"))?;
    require(theirs.layout == ours.layout && theirs.plan == ours.plan && theirs.profile == ours.profile, || {
        "reference: of another plan than the candidate".into()
    })?;
    let looks = arm.pairing.looks;
    let looked = (1..=2).contains(&looks.planned) && (1..=looks.planned).contains(&looks.taken);
    require(looked, || format!("pairing: {} looks of {}", looks.taken, looks.planned))?;
    arm.pairing.shares.iter().try_for_each(|name| named("pairing.shares", name))
}

fn measurement(run: &Measurement, now: Timestamp) -> Checked {
    texts(run)?;
    let age = now.duration_since(run.started_at);
    require(-AHEAD <= age && age <= OLDEST, || {
        format!("started_at: no run of these days began at {}", run.started_at)
    })?;
    for (name, time) in [("elapsed_ns", run.elapsed), ("judged_for_ns", run.judged_for), ("grid", run.layout.grid.to)] {
        require(time <= LONGEST_RUN, || format!("{name}: no run takes {time:?}"))?;
    }
    require(run.layout.grid.blocks() <= MOST_BLOCKS, || "grid: more blocks than a run has".into())?;
    require(run.generator.workers <= MOST_WORKERS, || "generator.workers: more than a machine has".into())?;
    let busiest = run.generator.busiest_worker_cpu.unwrap_or(0.0);
    require((0.0..=2.0).contains(&busiest), || "generator.busiest_worker_cpu: no share of a core".into())?;
    tally(&run.judged, &run.layout, true).map_err(|problem| format!("judged.{problem}"))?;
    tally(&run.unjudged, &run.layout, false).map_err(|problem| format!("unjudged.{problem}"))
}

/// The names and terms that a report shows.
fn texts(run: &Measurement) -> Checked {
    let Layout { requests, scenarios, checks, groups, custom, submetrics, .. } = &*run.layout;
    unique("requests", requests.iter().map(|label| &*label.name))?;
    unique("scenarios", scenarios.iter().map(|label| &*label.name))?;
    unique("checks", checks.iter().map(|name| &**name))?;
    unique("groups", groups.iter().map(|name| &**name))?;
    unique("custom", custom.iter().map(|label| &*label.name))?;
    unique("submetrics", submetrics.iter().map(|label| label.selector.as_str()))?;
    let (contract, machine) = (&run.contract, &run.contract.machine);
    let optional = [
        ("profile", &run.profile),
        ("commit", &run.commit),
        ("job", &run.job),
        ("contract.profile", &contract.profile),
        ("contract.tier", &contract.tier),
        ("contract.machine.cpu", &machine.cpu),
        ("contract.machine.image", &machine.image),
        ("contract.machine.region", &machine.region),
    ];
    optional
        .into_iter()
        .filter_map(|(place, text)| Some((place, text.as_ref()?)))
        .try_for_each(|(place, text)| named(place, text))?;
    named("plan", &run.plan)?;
    named("target", &run.target)?;
    named("contract.load", &contract.load)?;
    named("contract.machine.generator", &machine.generator)?;
    contract.requests.iter().try_for_each(|(name, hash)| {
        named("contract.requests", name)?;
        named("contract.requests", hash)
    })?;
    match &run.ending {
        Ending::Aborted { threshold } => named("ending", threshold),
        _ => Ok(()),
    }
}

/// A name is short and shows what it is.
fn named(place: &str, name: &str) -> Checked {
    let shown = name.len() <= LONGEST_NAME && !name.chars().any(|c| c.is_control() || is_direction(c));
    require(shown, || format!("{place}: a name that is too long, or that has control or direction characters"))
}

fn unique<'a>(place: &str, names: impl Iterator<Item = &'a str>) -> Checked {
    let mut known = BTreeSet::new();
    names.into_iter().try_for_each(|name| {
        named(place, name)?;
        require(known.insert(name), || format!("{place}: {name:?} is there twice"))
    })
}

fn tally(tally: &Tally, layout: &Layout, judged: bool) -> Checked {
    for (row, label) in tally.requests.iter().zip(&layout.requests) {
        request(row, judged).map_err(|problem| format!("requests: {:?}: {problem}", label.name))?;
    }
    for (row, label) in tally.scenarios.iter().zip(&layout.scenarios) {
        let explained = sum(row.stopped.values().chain(row.errors.values()));
        let holds = row.duration.count() == row.iterations && explained <= row.iterations;
        require(holds, || format!("scenarios: {:?}: counts that don't add up to its iterations", label.name))?;
    }
    [("vus", &tally.vus), ("vus_max", &tally.vus_max)].into_iter().try_for_each(|(name, gauge)| vus(name, gauge))
}

fn request(row: &RequestTally, judged: bool) -> Checked {
    let (errors, timeouts) = (sum(row.errors.iter()), row.errors_of(ErrorClass::Timeout));
    let unexpected = sum(row.unexpected.values());
    let equal = |name: &str, found: u64, expected: u64| {
        require(found == expected, || format!("{name} is {found}, but the other counts make it {expected}"))
    };
    equal("attempts", row.attempts, row.responses.saturating_add(errors))?;
    equal("the sum of statuses", sum(row.statuses.values()), row.responses)?;
    let phases = [
        ("blocked", &row.blocked),
        ("connecting", &row.connecting),
        ("tls_handshaking", &row.tls_handshaking),
        ("sending", &row.sending),
        ("waiting", &row.waiting),
        ("receiving", &row.receiving),
    ];
    phases.into_iter().try_for_each(|(name, trend)| equal(name, trend.count(), row.responses))?;
    let expected = row.responses.saturating_sub(unexpected);
    equal("duration", row.duration.count(), row.responses.saturating_add(timeouts))?;
    equal("expected", row.expected.count(), expected)?;
    equal("comparable", row.comparable.count(), expected.saturating_add(timeouts))?;
    let scheduled = row.scheduled.count();
    require(scheduled <= row.duration.count(), || "scheduled has more samples than duration".into())?;
    if row.blocks.is_empty() {
        return Ok(());
    }
    require(judged, || "blocks outside of the judged phase".into())?;
    let blocks = |of: fn(&Block) -> u64| row.blocks.values().map(of).fold(0, u64::saturating_add);
    equal("the attempts of the blocks", blocks(|block| block.attempts.into()), row.attempts)?;
    equal("the failures of the blocks", blocks(|block| block.failed.into()), row.failed)?;
    equal("the samples of the blocks", blocks(|block| block.counts.total()), row.comparable.count())
}

fn vus(name: &str, gauge: &Gauge) -> Checked {
    let Gauge { last, min, max } = *gauge;
    let holds = match (last, min, max) {
        (None, None, None) => true,
        (Some(last), Some(min), Some(max)) => 0.0 <= min && min <= last && last <= max && max <= 1e9,
        _ => false,
    };
    require(holds, || format!("{name}: no numbers of virtual users"))
}

fn sum<'a>(counts: impl Iterator<Item = &'a u64>) -> u64 {
    counts.fold(0, |sum, count| sum.saturating_add(*count))
}
