//! The guard on a run that several processes share.

use crate::gate::{Guard, GuardKind};
use crate::measurement::Measurement;
use crate::measurement::shards::MOST_LATE;
use crate::number::duration;

/// A run that several processes share is measured when all of them are there, began together and came to their end.
pub fn shards(run: &Measurement) -> Option<Guard> {
    let shards = run.shards.as_ref()?;
    let of = format!("of {}", shards.count);
    let mut findings = Vec::new();
    let missing = shards.missing();
    if !missing.is_empty() {
        let be = if missing.len() == 1 { "is" } else { "are" };
        findings.push(format!("{} {of} {be} missing", shard_list(&missing)));
    }
    for (number, delay) in shards.late() {
        let limit = duration(MOST_LATE.as_secs_f64() * 1e3);
        let delay = duration(delay.as_secs_f64() * 1e3);
        findings.push(format!("shard {number} {of} was {delay} late for {}; limit {limit}", shards.start_at));
    }
    let interrupted = shards.interrupted();
    if !interrupted.is_empty() {
        let be = if interrupted.len() == 1 { "was" } else { "were" };
        findings.push(format!("{} {of} {be} interrupted", shard_list(&interrupted)));
    }
    let fired = !findings.is_empty();
    if !fired {
        let latest = duration(shards.latest().as_secs_f64() * 1e3);
        findings.push(format!("{} {of} began at {}, none over {latest} later", shards.parts.len(), shards.start_at));
    }
    let cure = if !missing.is_empty() {
        "merge the files of all shards; see the log of one that wrote none"
    } else if shards.late().is_empty() {
        "run all shards again, to their end"
    } else {
        "run all shards again with a later --start-at, so that each is set up and warm by then, and with their clocks set"
    };
    Some(Guard { kind: GuardKind::Shards, subject: None, fired, finding: findings.join("; "), cure: cure.into() })
}

/// `shard 2`, `shards 1, 3 and 4`; no more than ten are named.
pub fn shard_list(numbers: &[u64]) -> String {
    const MOST: usize = 10;
    let mut named: Vec<String> = numbers.iter().take(MOST).map(u64::to_string).collect();
    if numbers.len() > MOST {
        named.push(format!("{} more", numbers.len() - MOST));
    }
    match named.split_last() {
        Some((only, [])) => format!("shard {only}"),
        Some((last, others)) => format!("shards {} and {last}", others.join(", ")),
        None => "no shard".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::gate::guards::examine;
    use crate::measurement::contract::Machine;
    use crate::measurement::simulated::Simulated;
    use crate::measurement::{Ending, ShardPart, Shards, Trend};
    use crate::plan::policy::GuardLimits;

    use super::*;

    #[test]
    fn shards_must_be_there_begin_together_and_come_to_their_end() {
        let start_at = jiff::Timestamp::from_second(1_795_000_000).unwrap();
        let part = |late: u64| ShardPart {
            started_at: start_at + Duration::from_millis(late),
            ending: Ending::Completed,
            machine: Machine::default(),
            loop_lag: Trend::default(),
            stalls: Trend::default(),
        };
        let finding = |count: u64, parts: &[(u64, ShardPart)]| {
            let shards = Shards { count, start_at, plan: String::new(), parts: parts.iter().cloned().collect() };
            let run = Measurement { shards: Some(shards), ..Simulated::new(Vec::new()).measure() };
            let guard = examine(&run, &GuardLimits::default()).guards.remove(0);
            assert_eq!(guard.kind, GuardKind::Shards, "a missing shard explains what else is wrong");
            format!("{}: {}; {}", if guard.fired { "fired" } else { "quiet" }, guard.finding, guard.cure)
        };
        insta::assert_snapshot!(finding(2, &[(1, part(0)), (2, part(1000))]), @"quiet: 2 of 2 began at 2026-11-18T11:06:40Z, none over 1s later; run all shards again, to their end");
        insta::assert_snapshot!(finding(2, &[(1, part(0)), (2, part(1001))]), @"fired: shard 2 of 2 was 1s late for 2026-11-18T11:06:40Z; limit 1s; run all shards again with a later --start-at, so that each is set up and warm by then, and with their clocks set");
        insta::assert_snapshot!(finding(2, &[(2, part(0))]), @"fired: shard 1 of 2 is missing; merge the files of all shards; see the log of one that wrote none");
        insta::assert_snapshot!(finding(5, &[(2, part(0))]), @"fired: shards 1, 3, 4 and 5 of 5 are missing; merge the files of all shards; see the log of one that wrote none");
        let cut = ShardPart { ending: Ending::Interrupted, ..part(0) };
        insta::assert_snapshot!(finding(2, &[(1, cut), (2, part(0))]), @"fired: shard 1 of 2 was interrupted; run all shards again, to their end");
        assert_eq!(shard_list(&(1..=20).collect::<Vec<_>>()), "shards 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 10 more");
    }
}
