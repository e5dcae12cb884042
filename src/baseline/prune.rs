//! Which runs may be removed, so that what the others count for stays as it is.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::PathBuf;

use crate::measurement::BaselineStatus;

use super::life::{Life, Standing};
use super::steps::HORIZON;
use super::store::{Runs, Store, StoreError};
use super::walk::DECIDING;

/// Why an old run stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spared {
    /// It is of the anchor that drift is measured from.
    Anchor,
    /// Somebody has accepted it.
    Accepted,
    /// It is a suspect, and nobody has decided about it.
    Suspect,
    /// What later runs count for was decided with it.
    Deciding,
}

/// What pruning does. Runs are named by their index in [`Runs::entries`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruning {
    pub remove: BTreeSet<usize>,
    /// Old runs that stay.
    pub spared: BTreeMap<usize, Spared>,
    /// Runs that will stand behind a gap.
    pub gaps: BTreeSet<usize>,
}

/// What pruning did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Oldest first.
    pub removed: Vec<PathBuf>,
    pub spared: Vec<Spared>,
}

impl Store {
    /// Removes all but the latest `keep` runs of each contract, and those that [`Spared`] names; `anchor` runs make an anchor.
    /// What can't be read stays.
    ///
    /// # Errors
    /// A file can't be removed or changed; those before it are.
    pub fn prune(&self, keep: usize, anchor: usize) -> Result<Pruned, StoreError> {
        let _alone = self.alone("prune")?;
        let runs = self.runs()?;
        let Pruning { remove, spared, gaps } = runs.pruning(keep, anchor);
        // Marked first: a gap that is not there yet costs less than one that nobody knows of.
        for run in gaps.into_iter().filter(|run| !runs.entries[*run].after_gap) {
            self.change_entry(&runs.entries[run].path, |entry| {
                entry.after_gap = true;
                Ok(())
            })?;
        }
        let mut removed = Vec::new();
        for run in remove {
            let path = &runs.entries[run].path;
            fs::remove_file(path).map_err(|source| StoreError::Io { action: "prune", path: path.clone(), source })?;
            removed.push(path.clone());
        }
        Ok(Pruned { removed, spared: spared.into_values().collect() })
    }
}

impl Runs {
    /// Which runs go: of each contract all but the latest `keep`, the latest `keep` that count, and those that are spared.
    pub fn pruning(&self, keep: usize, anchor: usize) -> Pruning {
        let mut pruning = Pruning::default();
        for life in self.lives() {
            let mut stay = self.staying(&life, keep, anchor);
            loop {
                let gaps = gaps(&life, &stay);
                let changed = self.changed(&life, &stay, &gaps);
                if changed.is_empty() {
                    pruning.gaps.extend(gaps);
                    break;
                }
                stay.extend(changed.into_iter().map(|run| (run, Some(Spared::Deciding))));
            }
            let runs = life.runs.iter().map(|(run, _)| *run);
            pruning.remove.extend(runs.filter(|run| !stay.contains_key(run)));
            pruning.spared.extend(stay.into_iter().filter_map(|(run, spared)| Some((run, spared?))));
        }
        pruning
    }

    /// The runs that stay, and why where they are old.
    fn staying(&self, life: &Life, keep: usize, anchor: usize) -> BTreeMap<usize, Option<Spared>> {
        let mut stay = BTreeMap::new();
        for series in life.current_series() {
            stay.extend(life.anchor(series, anchor).into_iter().map(|(run, _)| (run, Some(Spared::Anchor))));
        }
        for (run, standing) in &life.runs {
            let entry = &self.entries[*run];
            let open = matches!(standing, Standing::Suspect { .. } | Standing::Waits);
            if (open && entry.status == BaselineStatus::Suspect) || life.waits == Some(*run) {
                stay.insert(*run, Some(Spared::Suspect));
            }
            if entry.accepted.is_some() {
                stay.insert(*run, Some(Spared::Accepted));
            }
        }
        let latest = life.runs.iter().rev().take(keep).map(|(run, _)| *run);
        let counting = life.counting().into_iter().rev().take(keep);
        stay.extend(latest.chain(counting).map(|run| (run, None)));
        stay
    }

    /// The runs that must stay, too, since one that stays would count for something else without them.
    fn changed(&self, life: &Life, stay: &BTreeMap<usize, Option<Spared>>, gaps: &BTreeSet<usize>) -> Vec<usize> {
        let kept: Vec<usize> = life.runs.iter().map(|(run, _)| *run).filter(|run| stay.contains_key(run)).collect();
        let Some(first) = kept.first() else { return Vec::new() };
        let entries = kept.iter().map(|run| {
            let mut entry = self.entries[*run].clone();
            entry.after_gap |= gaps.contains(run);
            entry
        });
        let after = Runs::at(self.read_at, entries.collect()).life(&self.entries[*first].measurement.contract);
        let line = line(life);
        let mut missing: HashSet<usize> = HashSet::new();
        for (run, (_, standing)) in kept.iter().zip(&after.runs) {
            let before = life.standing(*run);
            if let Some(at) = line.iter().position(|of| of == run).filter(|_| before != Some(*standing)) {
                let deciding = line[at.saturating_sub(HORIZON)..line.len().min(at + DECIDING + 1)].iter();
                missing.extend(deciding.filter(|run| !stay.contains_key(run)));
            }
        }
        missing.into_iter().collect()
    }
}

/// The runs that steps are looked for in, oldest first.
fn line(life: &Life) -> Vec<usize> {
    life.runs.iter().filter(|(_, standing)| standing.is_in_line()).map(|(run, _)| *run).collect()
}

/// The runs of the line that stay, but not the one before them.
fn gaps(life: &Life, stay: &BTreeMap<usize, Option<Spared>>) -> BTreeSet<usize> {
    let line = line(life);
    let behind = line.windows(2).filter(|pair| !stay.contains_key(&pair[0]) && stay.contains_key(&pair[1]));
    behind
        .map(|pair| pair[1])
        .filter(|run| line.iter().any(|earlier| earlier < run && stay.contains_key(earlier)))
        .collect()
}

#[cfg(test)]
mod tests;
