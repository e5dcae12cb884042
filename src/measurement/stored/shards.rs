//! Which shards of a run a measurement holds, in the file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::measurement::contract::Machine;
use crate::measurement::shards::{MOST_SHARDS, ShardPart, Shards};

use super::histogram::{self, StoredTrend};
use super::{At, Invalid, StoredEnding, pack_ending, unpack_ending};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredShards {
    count: u64,
    start_at: Timestamp,
    plan: String,
    /// By number, from 1.
    parts: BTreeMap<u64, StoredPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPart {
    started_at: Timestamp,
    ending: StoredEnding,
    machine: Machine,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    loop_lag: Option<StoredTrend>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stalls: Option<StoredTrend>,
}

pub fn pack(shards: &Shards) -> StoredShards {
    let Shards { count, start_at, plan, parts } = shards;
    let part = |(number, part): (&u64, &ShardPart)| {
        let ShardPart { started_at, ending, machine, loop_lag, stalls } = part;
        let (loop_lag, stalls) = (histogram::pack(loop_lag), histogram::pack(stalls));
        let (ending, machine) = (pack_ending(ending), machine.clone());
        (*number, StoredPart { started_at: *started_at, ending, machine, loop_lag, stalls })
    };
    StoredShards { count: *count, start_at: *start_at, plan: plan.clone(), parts: parts.iter().map(part).collect() }
}

pub fn unpack(stored: StoredShards) -> Result<Shards, Invalid> {
    let StoredShards { count, start_at, plan, parts } = stored;
    if !(1..=MOST_SHARDS).contains(&count) {
        return Err(Invalid::new(format!("{count} is no number of shards")).within("count"));
    }
    if parts.is_empty() {
        return Err(Invalid::new("no shard is here").within("parts"));
    }
    if let Some(number) = parts.keys().find(|number| !(1..=count).contains(number)) {
        return Err(Invalid::new(format!("there is no shard {number} of {count}")).within("parts"));
    }
    let part = |(number, part)| {
        let StoredPart { started_at, ending, machine, loop_lag, stalls } = part;
        let loop_lag = histogram::unpack(loop_lag).at("loop_lag").at(number).at("parts")?;
        let stalls = histogram::unpack(stalls).at("stalls").at(number).at("parts")?;
        Ok((number, ShardPart { started_at, ending: unpack_ending(ending), machine, loop_lag, stalls }))
    };
    Ok(Shards { count, start_at, plan, parts: parts.into_iter().map(part).collect::<Result<_, Invalid>>()? })
}
