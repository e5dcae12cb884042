//! The shards of a run that several processes share: which of them a measurement holds, and how each fared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::contract::Machine;
use super::{Ending, Trend};

/// A shard whose load began later than this after its time is late: what it sent belongs to another second of the schedule
/// than the others' requests. Blocks are no shorter.
pub const MOST_LATE: Duration = Duration::from_secs(1);

/// Most shards of a run.
pub const MOST_SHARDS: u64 = 10_000;

/// The run that a measurement is a part of, or the whole of once all shards are merged.
#[derive(Clone, Debug, PartialEq)]
pub struct Shards {
    /// How many there are in all, at least 1.
    pub count: u64,
    /// When the load of all of them was to begin.
    pub start_at: Timestamp,
    /// Hash of the plan as it was run, apart from what judges it.
    pub plan: String,
    /// Those that are here, by their number from 1; at least one.
    pub parts: BTreeMap<u64, ShardPart>,
}

/// One shard.
#[derive(Clone, Debug, PartialEq)]
pub struct ShardPart {
    /// Start of its load, by its own clock; when it gave up, if it was so late that it sent nothing.
    pub started_at: Timestamp,
    pub ending: Ending,
    pub machine: Machine,
    /// Its own [`Generator::loop_lag`](super::Generator::loop_lag) and [`Generator::stalls`](super::Generator::stalls): in the
    /// run's, a machine that lags hides among those that don't. Empty in files of loadgates that did not keep them.
    pub loop_lag: Trend,
    pub stalls: Trend,
}

impl Shards {
    /// Numbers of the shards that are not here.
    pub fn missing(&self) -> Vec<u64> {
        (1..=self.count).filter(|number| !self.parts.contains_key(number)).collect()
    }

    /// Those that were late, and by how much.
    pub fn late(&self) -> Vec<(u64, Duration)> {
        self.delays().filter(|(_, delay)| *delay > MOST_LATE).collect()
    }

    /// How late the last of them began.
    pub fn latest(&self) -> Duration {
        self.delays().map(|(_, delay)| delay).max().unwrap_or_default()
    }

    fn delays(&self) -> impl Iterator<Item = (u64, Duration)> {
        self.parts.iter().map(|(number, part)| (*number, delay(self.start_at, part.started_at)))
    }

    /// Those that a threshold with `abortOnFail` ended, and which one.
    pub fn aborted(&self) -> Vec<(u64, &str)> {
        self.parts
            .iter()
            .filter_map(|(number, part)| match &part.ending {
                Ending::Aborted { threshold } => Some((*number, threshold.as_str())),
                Ending::Completed | Ending::Interrupted => None,
            })
            .collect()
    }

    /// How the run as a whole ended: cut off if one of its shards was, else ended by the threshold that ended the first of
    /// those that were.
    pub fn ending(&self) -> Ending {
        let endings = || self.parts.values().map(|part| &part.ending);
        let interrupted = endings().find(|ending| **ending == Ending::Interrupted);
        let early = interrupted.or_else(|| endings().find(|ending| **ending != Ending::Completed));
        early.cloned().unwrap_or(Ending::Completed)
    }

    /// What the machines are: where they differ, all that they are; of cores the fewest.
    pub fn machine(&self) -> Machine {
        let machines = || self.parts.values().map(|part| &part.machine);
        let each = |term: fn(&Machine) -> Option<&str>| {
            let distinct: BTreeSet<&str> = machines().filter_map(term).collect();
            (!distinct.is_empty()).then(|| Vec::from_iter(distinct).join(" and "))
        };
        Machine {
            cpu: each(|machine| machine.cpu.as_deref()),
            cores: machines().filter_map(|machine| machine.cores).min(),
            image: each(|machine| machine.image.as_deref()),
            region: each(|machine| machine.region.as_deref()),
            generator: each(|machine| Some(&machine.generator)).unwrap_or_default(),
        }
    }

    /// Whether they ran on machines of one kind.
    pub fn alike(&self) -> bool {
        let mut machines = self.parts.values().map(|part| &part.machine);
        let first = machines.next();
        machines.all(|machine| Some(machine) == first)
    }

    /// Those that a signal ended.
    pub fn interrupted(&self) -> Vec<u64> {
        let ended = self.parts.iter().filter(|(_, part)| part.ending == Ending::Interrupted);
        ended.map(|(number, _)| *number).collect()
    }
}

/// How late a load began that was to begin at `planned`.
pub fn delay(planned: Timestamp, started: Timestamp) -> Duration {
    Duration::try_from(started.duration_since(planned)).unwrap_or_default()
}
