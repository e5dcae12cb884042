//! A shard: one process's share of a run. It measures and saves; only the merged run is judged.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;

use crate::cli::{CheckMode, CommentMode, RunArgs, ShardNumber, StartTime};
use crate::gate::guards;
use crate::load::{Part, Shard};
use crate::measurement::contract::Machine;
use crate::measurement::shards::MOST_SHARDS;
use crate::measurement::{Ending, Measurement, Shards};
use crate::number::{counted, duration};

use super::error::CommandError;
use super::exit::Exit;
use super::measuring::Measured;
use super::print;

/// A start further ahead than this is taken for a mistake.
const FURTHEST: Duration = Duration::from_secs(3600);

/// The part of a run that the arguments ask for; none for a run of its own.
///
/// # Errors
/// A shard can't begin when it was told to, or was asked for what only the merged run can have.
pub fn part(args: &RunArgs, now: Timestamp) -> Result<Option<Part>, CommandError> {
    let (Some(ShardNumber { number, count }), Some(StartTime(start_at))) = (args.shard, args.start_at) else {
        return Ok(None);
    };
    if count > MOST_SHARDS {
        return Err(CommandError::Usage(format!("a run has at most {MOST_SHARDS} shards, not {count}")));
    }
    if Duration::try_from(start_at.duration_since(now)).is_ok_and(|ahead| ahead > FURTHEST) {
        return Err(CommandError::Usage(format!(
            "--start-at {start_at} is more than an hour ahead; give a time in the next hour"
        )));
    }
    if args.comment == CommentMode::Always {
        let cure = "`loadgate merge --plan PLAN --comment always` comments on the whole run";
        return Err(CommandError::Usage(format!("a shard has no verdict to comment on; {cure}")));
    }
    if args.check == CheckMode::Always {
        let cure = "`loadgate merge --plan PLAN --check always` writes the check run of the whole run";
        return Err(CommandError::Usage(format!("a shard has no verdict for a check run; {cure}")));
    }
    Ok(Some(Part { shard: Shard { index: number - 1, count }, start_at }))
}

/// The seed of a shard that was given none. It must be the same in all of them, as the start is.
pub fn seed(part: Part) -> u64 {
    part.start_at.as_second().unsigned_abs()
}

/// Where a shard is saved unless it is told.
pub fn file_name(part: Part) -> String {
    format!("loadgate-shard-{}-of-{}.json", part.shard.index + 1, part.shard.count)
}

/// Tells what a shard measured, and how the command ends.
pub fn conclude(part: Part, measured: &Measured) -> Result<Exit, CommandError> {
    let Measured { run, path, interrupted, .. } = measured;
    let measurement = &run.candidate;
    let name = format!("shard {} of {}", part.shard.index + 1, part.shard.count);
    let late = measurement.shards.as_ref().and_then(|shards| shards.late().first().map(|(_, by)| *by));
    let (mut exit, said) = match (&measurement.ending, late) {
        (Ending::Interrupted, _) => (Exit::Interrupted, "interrupted: no verdict".to_owned()),
        (_, Some(by)) => {
            let by = duration(by.as_secs_f64() * 1e3);
            (Exit::NotMeasured, format!("not measured: it was {by} late for {}", part.start_at))
        }
        (Ending::Aborted { threshold }, None) => {
            (Exit::Pass, format!("no verdict, ended early by {threshold}: merge all shards to judge"))
        }
        (Ending::Completed, None) => (Exit::Pass, "no verdict: merge all shards to judge".to_owned()),
    };
    if *interrupted {
        // In the teardown, perhaps: then the measurement is whole.
        exit = Exit::Interrupted;
    }
    print(&format!("{name}: {said}\n  {}\n  measurement: {}\n", counts(measurement), path.display()))?;
    Ok(exit)
}

/// What was measured, in one line.
pub fn counts(run: &Measurement) -> String {
    let rows = || run.layout.own_requests(&run.judged.requests);
    let requests: u64 = rows().map(|row| row.attempts).sum();
    let failed: u64 = rows().map(|row| row.failed).sum();
    let [mut complete, mut interrupted, mut dropped] = [0; 3];
    for row in run.layout.own_scenarios(&run.judged.scenarios) {
        complete += row.iterations;
        interrupted += row.interrupted;
        dropped += row.dropped;
    }
    let time = duration(run.elapsed.as_secs_f64() * 1e3);
    let requests = counted(requests, "request");
    let iterations = counted(complete, "complete iteration");
    format!("{requests} ({failed} failed), {iterations} ({interrupted} interrupted, {dropped} dropped) in {time}")
}

/// What the reader of a merged run must know besides.
pub fn notes(shards: &Shards) -> Vec<String> {
    let mut notes = Vec::new();
    for (number, threshold) in shards.aborted() {
        notes.push(format!("shard {number} was ended early by {threshold}; the other shards went on"));
    }
    if !shards.alike() {
        let mut machines: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for (number, part) in &shards.parts {
            machines.entry(described(&part.machine)).or_default().push(*number);
        }
        let each = machines.iter().map(|(machine, numbers)| format!("{machine} ({})", guards::shard_list(numbers)));
        notes.push(format!("the shards ran on different machines: {}", each.collect::<Vec<_>>().join("; ")));
    }
    notes
}

/// `Xeon 8370C, 4 cores, loadgate 0.1.0`
fn described(machine: &Machine) -> String {
    let Machine { cpu, cores, image, region, generator } = machine;
    let mut text = cpu.clone().unwrap_or_else(|| "a CPU of no name".to_owned());
    // Writing to a string can't fail.
    if let Some(cores) = cores {
        let _ = write!(text, ", {}", counted(u64::from(*cores), "core"));
    }
    for term in [image, region].into_iter().flatten() {
        let _ = write!(text, ", {term}");
    }
    let _ = write!(text, ", loadgate {generator}");
    text
}

#[cfg(test)]
mod tests {
    use crate::measurement::{ShardPart, Trend};

    use super::*;

    #[test]
    fn the_reader_of_a_merged_run_learns_who_was_aborted_and_who_ran_on_what() {
        let started_at = Timestamp::UNIX_EPOCH;
        let part = |cpu: &str, ending| {
            let machine =
                Machine { cpu: Some(cpu.into()), cores: Some(4), generator: "0.1.0".into(), ..Machine::default() };
            ShardPart { started_at, ending, machine, loop_lag: Trend::default(), stalls: Trend::default() }
        };
        let run = |parts: [ShardPart; 3]| Shards {
            count: 3,
            start_at: started_at,
            plan: String::new(),
            parts: (1..).zip(parts).collect(),
        };
        let alike = run([(); 3].map(|()| part("EPYC 7763", Ending::Completed)));
        assert_eq!(notes(&alike), [""; 0]);
        let aborted = Ending::Aborted { threshold: "checks: rate>0.9".into() };
        let mixed = run([
            part("EPYC 7763", Ending::Completed),
            part("Xeon 8370C", aborted),
            part("EPYC 7763", Ending::Completed),
        ]);
        insta::assert_snapshot!(notes(&mixed).join("\n"), @"
        shard 2 was ended early by checks: rate>0.9; the other shards went on
        the shards ran on different machines: EPYC 7763, 4 cores, loadgate 0.1.0 (shards 1 and 3); Xeon 8370C, 4 cores, loadgate 0.1.0 (shard 2)
        ");
    }

    #[test]
    fn all_shards_have_one_seed_and_each_a_file_of_its_own() {
        let start_at = Timestamp::from_millisecond(1_790_000_000_900).unwrap();
        let part = |index| Part { shard: Shard { index, count: 4 }, start_at };
        assert_eq!([seed(part(0)), seed(part(3))], [1_790_000_000; 2]);
        assert_eq!(
            [file_name(part(0)), file_name(part(3))].concat(),
            "loadgate-shard-1-of-4.jsonloadgate-shard-4-of-4.json"
        );
    }
}
