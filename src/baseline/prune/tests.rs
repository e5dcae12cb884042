use super::*;
use crate::baseline::simulated::{Night, night, passes, runs};

const ANCHOR: usize = 5;

fn removed(nights: &[Night], keep: usize) -> Vec<usize> {
    runs(nights).pruning(keep, ANCHOR).remove.into_iter().collect()
}

#[test]
fn the_latest_runs_and_the_anchor_stay() {
    assert_eq!(removed(&[], 3), [0; 0]);
    assert_eq!(removed(&passes(8), 3), [0; 0]);
    assert_eq!(removed(&passes(12), 3), [5, 6, 7, 8]);
    let pruning = runs(&passes(12)).pruning(3, ANCHOR);
    assert_eq!(
        pruning.spared.into_iter().collect::<Vec<_>>(),
        (0..5).map(|run| (run, Spared::Anchor)).collect::<Vec<_>>()
    );
    assert_eq!(pruning.gaps.into_iter().collect::<Vec<_>>(), [9]);
}

/// Nights that were not measured must not push the window out.
#[test]
fn the_latest_runs_that_count_stay_whatever_came_after_them() {
    let mut nights = passes(12);
    nights.extend((12..20).map(|number| night(number, BaselineStatus::Guard, 10.0)));
    assert_eq!(removed(&nights, 3), [5, 6, 7, 8, 12, 13, 14, 15, 16]);
}

#[test]
fn accepted_runs_and_open_suspects_stay() {
    use BaselineStatus::*;
    let mut nights = passes(20);
    nights[8].accepted = true;
    // Its predecessors are no anchor any more.
    assert_eq!(removed(&nights, 3), [0, 1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 16]);

    let mut nights = passes(12);
    nights.extend((12..15).map(|number| night(number, Suspect, 12.0)));
    nights.extend((15..30).map(|number| night(number, TooNoisy, 12.0)));
    let runs = runs(&nights);
    let pruning = runs.pruning(3, ANCHOR);
    assert_eq!(pruning.spared.get(&12), Some(&Spared::Suspect));
    assert_eq!(pruning.spared.get(&14), Some(&Spared::Suspect));
    assert!((9..12).chain(27..30).all(|run| !pruning.remove.contains(&run)), "the window and the latest: {pruning:?}");
}

/// Whatever is pruned: a run that stays counts for what it did, and what pruning again would remove is nothing.
#[test]
fn pruning_changes_nothing_for_the_runs_that_stay() {
    use BaselineStatus::*;
    let history = |seed: i64| -> Vec<Night> {
        (0..40)
            .map(|n| {
                let level = if n >= 18 + seed && n < 25 + 3 * seed { 1.2 } else { 1.0 };
                let status = match (n * 7 + seed) % 9 {
                    0 => Guard,
                    1 | 2 if level > 1.0 => Suspect,
                    3 => TooNoisy,
                    4 if n % 5 == 0 => Suspect,
                    _ => Pass,
                };
                night(n, status, 10.0 * level * crate::baseline::simulated::wobble(n + seed))
            })
            .collect()
    };
    for seed in [1, 2] {
        let before = runs(&history(seed));
        for keep in [1, 8, 20] {
            let pruning = before.pruning(keep, ANCHOR);
            let kept: Vec<usize> = (0..before.entries.len()).filter(|run| !pruning.remove.contains(run)).collect();
            let entries = kept.iter().map(|run| {
                let mut entry = before.entries[*run].clone();
                entry.after_gap |= pruning.gaps.contains(run);
                entry
            });
            let after = Runs::at(before.read_at, entries.collect());
            let life = &before.lives()[0];
            let standings: Vec<Standing> = kept.iter().filter_map(|run| life.standing(*run)).collect();
            assert_eq!(after.lives()[0].runs.iter().map(|(_, s)| *s).collect::<Vec<_>>(), standings, "{seed} {keep}");
            assert_eq!(after.pruning(keep, ANCHOR).remove.len(), 0, "{seed} {keep}");
        }
    }
}

#[test]
fn files_are_removed_and_what_cannot_be_read_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), "concert");
    for mut entry in runs(&passes(12)).entries {
        // A store knows the present: these nights must have passed.
        entry.measurement.started_at -= jiff::SignedDuration::from_hours(24 * 730);
        store.append(&entry.measurement, entry.status, "").unwrap();
    }
    fs::write(store.folder().join("cut.json"), b"{").unwrap();
    let pruned = store.prune(3, ANCHOR).unwrap();
    let days: Vec<String> =
        pruned.removed.iter().map(|path| path.file_name().unwrap().to_string_lossy()[..10].to_owned()).collect();
    assert_eq!(days, ["2024-11-23", "2024-11-24", "2024-11-25", "2024-11-26"]);
    assert_eq!(pruned.spared, [Spared::Anchor; 5]);
    let runs = store.runs().unwrap();
    assert_eq!((runs.entries.len(), runs.skipped.len()), (8, 1));
    let gaps: Vec<bool> = runs.entries.iter().map(|entry| entry.after_gap).collect();
    assert_eq!(gaps, [false, false, false, false, false, true, false, false]);
    assert_eq!(store.prune(3, ANCHOR).unwrap().removed.len(), 0);
}
