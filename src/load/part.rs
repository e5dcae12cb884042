//! What a process does of a run that several share.

use std::time::Duration;

use jiff::Timestamp;

use super::engine::Finished;
use super::pacer::Shard;
use crate::measurement::contract::Machine;
use crate::measurement::shards::{self, ShardPart, Shards};
use crate::plan::Plan;

/// This process's part of a run that several processes share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub shard: Shard,
    /// When the load of all of them begins.
    pub start_at: Timestamp,
}

impl Part {
    /// Whether it is too late to begin with the others.
    pub(super) fn is_late(self) -> bool {
        shards::delay(self.start_at, Timestamp::now()) > shards::MOST_LATE
    }

    /// How long it is until the load begins, in whole milliseconds.
    pub(super) fn time_left(self) -> Duration {
        Duration::from_millis(shards::delay(Timestamp::now(), self.start_at).as_millis() as u64)
    }

    /// Which shard of which run a load was.
    pub(super) fn of_run(self, plan: &Plan, machine: &Machine, finished: &Finished) -> Shards {
        let Part { shard, start_at } = self;
        let part = ShardPart {
            started_at: finished.started_at,
            ending: finished.ending.clone(),
            machine: machine.clone(),
            loop_lag: finished.generator.loop_lag.clone(),
            stalls: finished.generator.stalls.clone(),
        };
        Shards {
            count: shard.count,
            start_at,
            plan: plan.contract.plan.clone(),
            parts: [(shard.index + 1, part)].into(),
        }
    }
}
