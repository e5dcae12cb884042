//! Which shards of a run a measurement holds, in the file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::measurement::contract::Machine;
use crate::measurement::shards::{MOST_SHARDS, ShardPart, Shards};

use super::{Invalid, StoredEnding, pack_ending, unpack_ending};

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
}

pub fn pack(shards: &Shards) -> StoredShards {
    let Shards { count, start_at, plan, parts } = shards;
    let part = |(number, part): (&u64, &ShardPart)| {
        let ShardPart { started_at, ending, machine } = part;
        (*number, StoredPart { started_at: *started_at, ending: pack_ending(ending), machine: machine.clone() })
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
        let StoredPart { started_at, ending, machine } = part;
        (number, ShardPart { started_at, ending: unpack_ending(ending), machine })
    };
    Ok(Shards { count, start_at, plan, parts: parts.into_iter().map(part).collect() })
}
