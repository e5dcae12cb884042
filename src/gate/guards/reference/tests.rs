use crate::gate::{Grounds, Verdict, judge};
use crate::measurement::Block;
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::pairing::{ArmMode, Looks, Pairing};
use crate::plan::Policy;

use super::*;

fn arms(count: u32) -> (Measurement, ReferenceArm) {
    let request = |name| SimulatedRequest { count, sigma: 0.05, ..SimulatedRequest::new(name, 20.0) };
    let measure = |seed| Simulated { seed, ..Simulated::new(vec![request("seats"), request("reserve")]) }.measure();
    let pairing = Pairing { mode: ArmMode::Parallel, looks: Looks::ONE, shares: Vec::new() };
    (measure(1), ReferenceArm { measurement: measure(2), pairing })
}

/// The guards that fired, and the verdict.
fn fired(candidate: &Measurement, reference: &ReferenceArm) -> (String, Verdict) {
    let policy = Policy::default();
    let judgement = judge(candidate, &Grounds { reference: Some(reference), ..Grounds::new(&[], &policy) });
    let fired = judgement.guards.iter().filter(|guard| guard.fired);
    let lines = fired.map(|guard| format!("{:?}: {}", guard.kind, guard.sentence()));
    (lines.collect::<Vec<_>>().join("\n"), judgement.verdict)
}

#[test]
fn a_sound_reference_fires_nothing_and_says_what_was_looked_at() {
    let (candidate, reference) = arms(3000);
    let judgement = {
        let policy = Policy::default();
        judge(&candidate, &Grounds { reference: Some(&reference), ..Grounds::new(&[], &policy) })
    };
    let about_it = judgement.guards.iter().filter(|guard| {
        guard.kind == GuardKind::Reference
            || guard.subject.as_ref().is_some_and(|subject| subject.contains("reference"))
    });
    let looked_at: Vec<String> = about_it.map(|guard| format!("{:?} {}", guard.kind, guard.sentence())).collect();
    insta::assert_snapshot!(looked_at.join("\n"), @"
    Reference candidate and reference can be compared
    NeverAttempted reference: seats: was attempted
    Refused reference: seats: 0 refusals of 3000 requests, 0.00%; limit 50%
    Reference reference: seats: 0 of 3000 requests failed, 0.00%; limit 50%
    NeverAttempted reference: reserve: was attempted
    Refused reference: reserve: 0 refusals of 3000 requests, 0.00%; limit 50%
    Reference reference: reserve: 0 of 3000 requests failed, 0.00%; limit 50%
    NeverAttempted reference: users: 6000 iterations in the judged phase
    ");
    assert_eq!(fired(&candidate, &reference), (String::new(), Verdict::Pass));
}

#[test]
fn a_reference_that_dies_in_the_middle_is_not_measured() {
    let (candidate, mut reference) = arms(3000);
    for tally in &mut reference.measurement.judged.requests {
        tally.blocks.retain(|block, _| *block < 12);
    }
    let (lines, verdict) = fired(&candidate, &reference);
    insta::assert_snapshot!(lines, @"
    Reference: reference: seats: no answer to compare with from 36s to 1m0s, where the candidate has 1200; limit 20
    Reference: reference: reserve: no answer to compare with from 36s to 1m0s, where the candidate has 1200; limit 20
    ");
    assert_eq!(verdict, Verdict::NotMeasured);
}

#[test]
fn a_reference_that_mostly_fails_is_not_measured() {
    let (candidate, mut reference) = arms(3000);
    let tally = &mut reference.measurement.judged.requests[1];
    tally.failed = 1800;
    let (lines, verdict) = fired(&candidate, &reference);
    insta::assert_snapshot!(lines, @"Reference: reference: reserve: 1800 of 3000 requests failed, 60.00%; limit 50%");
    assert_eq!(verdict, Verdict::NotMeasured);
}

#[test]
fn a_reference_that_never_ran_or_refused_is_named() {
    let (candidate, reference) = arms(3000);
    let mut never = reference.clone();
    never.measurement.judged.requests[0] = RequestTally::default();
    insta::assert_snapshot!(fired(&candidate, &never).0, @"
    NeverAttempted: reference: seats: was never attempted in the judged phase, only 30 times outside it
    Reference: reference: seats: no answer to compare with from 0s to 1m0s, where the candidate has 3000; limit 20
    ");
    let mut refused = reference.clone();
    let tally = &mut refused.measurement.judged.requests[0];
    (tally.failed, tally.statuses) = (1600, [(200, 1400), (429, 1600)].into());
    insta::assert_snapshot!(fired(&candidate, &refused).0, @"
    Refused: reference: seats: 1600 refusals of 3000 requests (429: 1600), 53.33%; limit 50%
    Reference: reference: seats: 1600 of 3000 requests failed, 53.33%; limit 50%
    ");
    let mut cut_off = reference;
    let tally = &mut cut_off.measurement.judged.requests[0];
    *tally = RequestTally { interrupted: 10, ..RequestTally::default() };
    insta::assert_snapshot!(fired(&candidate, &cut_off).0, @"Reference: reference: seats: none of 10 requests was answered, all were cut off");
}

/// Samples of the candidate in blocks without one of the reference, and whether that can be chance.
#[test]
fn rare_requests_may_miss_a_block_by_chance() {
    let blocks = |counts: [u32; 5]| {
        let mut tally = RequestTally::default();
        for (index, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let mut block = Block { attempts: *count, ..Default::default() };
            block.counts.add(1000, *count);
            tally.blocks.insert(index as u32, block);
        }
        tally
    };
    type Away = Option<(Range<u32>, u64)>;
    let table: [([u32; 5], [u32; 5], Away); 5] = [
        ([5, 5, 5, 5, 5], [5, 5, 5, 5, 5], None),
        ([5, 0, 5, 5, 5], [5, 5, 5, 5, 5], Some((1..2, 5))),
        ([5, 0, 0, 5, 0], [5, 9, 8, 5, 3], Some((1..3, 17))),
        ([5, 0, 0, 0, 0], [5, 30, 0, 10, 0], Some((1..4, 40))),
        ([0, 0, 0, 0, 0], [0, 0, 0, 0, 0], None),
    ];
    for (base, candidate, away) in table {
        assert_eq!(longest_away(&blocks(base), &blocks(candidate), 5), away, "{base:?}");
    }
}
