//! What changed between the two runs besides their figures.

use serde::Serialize;

use crate::measurement::{Ending, Measurement};

use super::requests::{Standing, standings};
use super::{Runs, Subject};

/// Why the figures may differ. Every list is in words, but for the names of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// Hard terms: the gate would not compare the two runs.
    pub hard: Vec<String>,
    /// Requests whose definition is another one; the gate would leave them out.
    pub redefined: Vec<String>,
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// What differs and blocks nothing: target, commit, machine.
    pub soft: Vec<String>,
    /// What is missing of either run.
    pub incomplete: Vec<String>,
}

impl Differences {
    pub(super) fn of(subject: Subject, runs: Runs<'_>) -> Differences {
        let Runs { old, new } = runs;
        let mut differences =
            Differences { hard: changed("plan", &old.plan, &new.plan).into_iter().collect(), ..Differences::default() };
        differences.hard.extend(new.contract.hard_differences(&old.contract));
        for (name, standing) in standings(runs) {
            match standing {
                Standing::Both => {}
                Standing::Redefined => differences.redefined.push(name.into()),
                Standing::Added => differences.added.push(name.into()),
                Standing::Removed => differences.removed.push(name.into()),
            }
        }
        differences.soft.extend(changed("target", &old.target, &new.target));
        let commit = |run: &Measurement| run.commit.clone().unwrap_or_else(|| "unknown".into());
        differences.soft.extend(changed("commit", &commit(old), &commit(new)));
        differences.soft.extend(new.contract.soft_differences(&old.contract));
        for (side, run) in subject.names().into_iter().zip([old, new]) {
            differences.incomplete.extend(missing(run).into_iter().map(|what| format!("{side}: {what}")));
        }
        differences
    }

    /// Whether nothing differs that makes figures incomparable.
    pub fn comparable(&self) -> bool {
        self.hard.is_empty() && self.redefined.is_empty()
    }
}

/// In the words of the contract's own differences.
fn changed(term: &str, old: &str, new: &str) -> Option<String> {
    (old != new).then(|| format!("{term} {new}, was {old}"))
}

fn missing(run: &Measurement) -> Vec<String> {
    let mut missing = Vec::new();
    match &run.ending {
        Ending::Completed => {}
        Ending::Interrupted => missing.push("it was interrupted".into()),
        Ending::Aborted { threshold } => missing.push(format!("it was ended early by {threshold}")),
    }
    if let Some(shards) = &run.shards {
        let there = shards.count - shards.missing().len() as u64;
        if there < shards.count {
            missing.push(format!("it has {there} of {} shards; `loadgate merge` adds them up", shards.count));
        }
    }
    if run.judged.requests.iter().all(|tally| tally.attempts == 0) {
        missing.push("no request was sent in its judged phase".into());
    }
    missing
}
