use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::measurement::contract::Machine;
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{Contract, Ending, IterationEnd, Recorder, ShardPart, Slot, Tallies};

const COUNT: u64 = 4;

/// A shard by its number, whose samples are its own.
fn shard(number: u64, median: f64) -> Measurement {
    let request = SimulatedRequest { count: 100, ..SimulatedRequest::new("a", median) };
    let run = Measurement { seed: 7, ..Simulated { seed: number, ..Simulated::new(vec![request]) }.measure() };
    in_run(number, run)
}

fn in_run(number: u64, run: Measurement) -> Measurement {
    let part = ShardPart {
        started_at: run.started_at,
        ending: run.ending.clone(),
        machine: run.contract.machine.clone(),
        loop_lag: run.generator.loop_lag.clone(),
        stalls: run.generator.stalls.clone(),
    };
    let parts = [(number, part)].into();
    let shards = Shards { count: COUNT, start_at: run.started_at, plan: "plan".into(), parts };
    Measurement { shards: Some(shards), ..run }
}

fn shards_of(run: &mut Measurement) -> &mut Shards {
    run.shards.as_mut().unwrap()
}

#[test]
fn shards_add_up() {
    let mut merged = shard(1, 5.0);
    let mut late = shard(2, 50.0);
    late.started_at += Duration::from_secs(2);
    shards_of(&mut late).parts.get_mut(&2).unwrap().ending = Ending::Interrupted;
    for (run, share) in [(&mut merged, 0.2), (&mut late, 0.9)] {
        run.generator.cpu_by_second.record_value(share).unwrap();
    }
    merged.merge(&late).unwrap();
    let row = &merged.judged.requests[0];
    assert_eq!((row.attempts, row.duration.count()), (200, 200));
    assert_eq!(row.duration.max(), late.judged.requests[0].duration.max());
    assert_eq!(row.blocks.values().map(|block| block.counts.total()).sum::<u64>(), 200);
    assert_eq!(merged.elapsed, late.elapsed + Duration::from_secs(2));
    assert_eq!((merged.judged.vus.last, merged.generator.workers), (Some(40.0), 4));
    assert_eq!(merged.generator.cpu_by_second, late.generator.cpu_by_second, "the busier one's");
    assert_eq!(merged.ending, Ending::Interrupted);
    assert_eq!(shards_of(&mut merged).missing(), [3, 4]);
}

#[test]
fn neither_the_order_of_shards_matters_nor_what_is_merged_first() {
    let mut all = [shard(1, 5.0), shard(2, 50.0), shard(3, 20.0)];
    for (run, cpu) in all.iter_mut().zip(["EPYC 7763", "Xeon 8370C", "EPYC 7763"]) {
        let number = *shards_of(run).parts.keys().next().unwrap();
        run.contract.machine = Machine { cpu: Some(cpu.into()), cores: Some(number as u32), ..Machine::default() };
        let machine = run.contract.machine.clone();
        shards_of(run).parts.get_mut(&number).unwrap().machine = machine;
        run.job = Some(format!("100/1/load {number}"));
    }
    let merge = |runs: &[&Measurement]| {
        let mut merged = runs[0].clone();
        runs[1..].iter().for_each(|run| merged.merge(run).unwrap());
        // But for the last digit of a sum of fractions, and for a gauge's last value, which is the later shard's.
        merged.judged.custom[..2].clone_from_slice(&all[0].judged.custom[..2]);
        merged
    };
    let [a, b, c] = [&all[0], &all[1], &all[2]];
    let merged = merge(&[a, b, c]);
    assert!(merged == merge(&[c, a, b]));
    assert!(merged == merge(&[b, &merge(&[c, a])]));
    assert_eq!(merged.contract.machine.cpu.as_deref(), Some("EPYC 7763 and Xeon 8370C"));
    assert_eq!((merged.contract.machine.cores, merged.job.as_deref()), (Some(1), Some("100/1/load 1")));
    assert!(!merged.shards.unwrap().alike());
}

#[test]
fn what_is_no_other_shard_of_the_run_is_refused() {
    let run = shard(1, 5.0);
    let other = shard(2, 5.0);
    let load = Contract { load: "other".into(), ..other.contract.clone() };
    let requests = Contract { requests: [].into(), ..other.contract.clone() };
    let of = |change: fn(&mut Shards)| {
        let mut other = other.clone();
        change(shards_of(&mut other));
        other
    };
    let table = [
        ("plan", Measurement { plan: "other".into(), ..other.clone() }),
        ("profile", Measurement { profile: None, ..other.clone() }),
        ("target", Measurement { target: "http://other.example".into(), ..other.clone() }),
        ("commit", Measurement { commit: None, ..other.clone() }),
        ("seed", Measurement { seed: 8, ..other.clone() }),
        ("load", Measurement { contract: load, ..other.clone() }),
        ("requests", Measurement { contract: requests, ..other.clone() }),
        ("version of the plan, of its data or of its scale", of(|shards| shards.plan = "other".into())),
        ("number of shards", of(|shards| shards.count = 5)),
        ("time to start at", of(|shards| shards.start_at += Duration::from_secs(1))),
    ];
    for (expected, other) in table {
        let mut merged = run.clone();
        match merged.merge(&other) {
            Err(MergeError::Foreign { term, .. }) => assert_eq!(term, expected),
            result => panic!("{expected}: {result:?}"),
        }
        assert!(merged == run, "was changed");
    }
    let whole = Measurement { shards: None, ..other };
    assert_eq!(run.clone().merge(&whole), Err(MergeError::NoShard));
    assert_eq!(whole.clone().merge(&run), Err(MergeError::NoShard));
    assert_eq!(run.clone().merge(&shard(1, 50.0)), Err(MergeError::Double(1, 4)));
}

#[test]
fn the_run_ends_as_its_shards_did() {
    let aborted = |threshold: &str| Ending::Aborted { threshold: threshold.into() };
    let table = [
        ([Ending::Completed, Ending::Completed], Ending::Completed),
        ([Ending::Completed, aborted("b")], aborted("b")),
        ([aborted("a"), aborted("b")], aborted("a")),
        ([aborted("a"), Ending::Interrupted], Ending::Interrupted),
    ];
    for (endings, expected) in table {
        let mut runs = [1, 2].map(|number| shard(number, 5.0));
        for (number, (run, ending)) in (1..).zip(runs.iter_mut().zip(endings)) {
            shards_of(run).parts.get_mut(&number).unwrap().ending = ending;
        }
        let [mut merged, other] = runs;
        merged.merge(&other).unwrap();
        assert_eq!(merged.ending, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Each sample is recorded by one of four shards, and all of them by one recorder.
    #[test]
    fn merged_shards_are_what_one_process_would_have_recorded(samples in vec((0..COUNT, 0u64..2_000_000, 0u32..3), 1..200)) {
        let empty = Simulated::new(vec![SimulatedRequest::new("a", 5.0)]);
        let layout = std::sync::Arc::new(empty.layout());
        let mut one = Recorder::new(layout.clone());
        let mut each: Vec<Recorder> = (0..COUNT).map(|_| Recorder::new(layout.clone())).collect();
        for (shard, micros, block) in samples {
            for recorder in [&mut one, &mut each[shard as usize]] {
                let (slot, time) = (Slot::Block(block), Duration::from_micros(micros));
                let sample = empty.sample(time, micros % 7 != 0);
                recorder.http(slot, 0, &sample, if micros % 7 != 0 { Some(0) } else { None });
                recorder.check(slot, 0, micros % 5 != 0, []);
                recorder.group(slot, 0, time, []);
                recorder.custom(slot, 3, micros as f64 / 1e3, []).unwrap();
                recorder.schedule_lag(slot, 0, time, []);
                recorder.iteration(slot, 0, time, &IterationEnd::Complete, []);
            }
        }
        let run = |number, recorder: &mut Recorder| {
            let Tallies { judged, unjudged } = recorder.swap(Tallies::new(&layout));
            in_run(number, Measurement { judged, unjudged, seed: 7, layout: layout.clone(), ..empty.measure() })
        };
        let mut merged = run(1, &mut each[0]);
        for number in 2..=COUNT {
            merged.merge(&run(number, &mut each[number as usize - 1])).unwrap();
        }
        let whole = run(1, &mut one);
        prop_assert!(merged.judged == whole.judged, "histograms, counts and blocks");
        prop_assert_eq!(shards_of(&mut merged).missing(), Vec::<u64>::new());
    }
}
