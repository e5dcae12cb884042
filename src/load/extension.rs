//! A paired load that goes on for as long again: the same schedule once more, with samples that follow the first ones.

use std::sync::Arc;
use std::time::Duration;

use super::user::{Context, VirtualUser, VirtualUsers};
use crate::measurement::{Ending, Grid, IterationEnd, Layout, Measurement, MeasurementFile};
use crate::plan::Scenario;

/// What the numbers of later virtual users and iterations begin with: a plan may build keys from them, which must not come
/// twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Later {
    pub vus: u64,
    pub iterations: u64,
}

impl Later {
    /// After a load, and the warm-up before it.
    pub fn than(scenarios: &[Arc<Scenario>], measured: &MeasurementFile) -> Self {
        let vus: u64 = scenarios.iter().map(|scenario| scenario.executor.max_vus()).sum();
        let reference = measured.reference.as_ref().map(|arm| &arm.measurement);
        let arms = [Some(&measured.candidate), reference].into_iter().flatten();
        let begun = arms.flat_map(|arm| {
            let phases = arm.judged.scenarios.iter().zip(&arm.unjudged.scenarios);
            phases.map(|(judged, unjudged)| {
                [judged, unjudged].map(|row| row.iterations + row.interrupted + row.dropped).iter().sum()
            })
        });
        Later { vus: 2 * vus, iterations: begun.max().unwrap_or_default() }
    }

    pub fn users<U: VirtualUsers>(self, users: U) -> LaterUsers<U> {
        LaterUsers { users, later: self }
    }
}

/// Virtual users with later numbers.
pub(super) struct LaterUsers<U> {
    users: U,
    later: Later,
}

impl<U: VirtualUsers> VirtualUsers for LaterUsers<U> {
    type User = LaterUser<U::User>;

    fn user(&self, scenario: usize, vu: u64) -> LaterUser<U::User> {
        LaterUser { user: self.users.user(scenario, self.later.vus + vu), iterations: self.later.iterations }
    }
}

pub(super) struct LaterUser<U> {
    user: U,
    iterations: u64,
}

impl<U: VirtualUser> VirtualUser for LaterUser<U> {
    async fn iterate(&mut self, context: &mut Context) -> IterationEnd {
        context.iteration += self.iterations;
        self.user.iterate(context).await
    }

    fn is_spent(&self) -> bool {
        self.user.is_spent()
    }
}

/// Adds what the load measured that went on.
pub(super) fn follow(first: &mut MeasurementFile, then: MeasurementFile) {
    follow_arm(&mut first.candidate, then.candidate);
    if let (Some(ours), Some(theirs)) = (&mut first.reference, then.reference) {
        ours.pairing = theirs.pairing;
        follow_arm(&mut ours.measurement, theirs.measurement);
    }
}

/// The later judged phase follows directly upon the first: its blocks are numbered on.
fn follow_arm(first: &mut Measurement, mut then: Measurement) {
    let blocks = first.layout.grid.blocks();
    for request in &mut then.judged.requests {
        request.blocks =
            std::mem::take(&mut request.blocks).into_iter().map(|(at, block)| (at + blocks, block)).collect();
    }
    first.align(&mut then);
    first.layout = Arc::new(twice(&first.layout));
    first.judged.merge(&then.judged);
    first.unjudged.merge(&then.unjudged);
    let workers = first.generator.workers;
    first.generator.merge(&then.generator);
    first.generator.workers = workers;
    first.elapsed += then.elapsed;
    first.judged_for += then.judged_for;
    first.contract.spoken.extend(&then.contract.spoken);
    // The log has gone on, too.
    first.evidence = then.evidence;
    if then.ending != Ending::Completed {
        first.ending = then.ending;
    }
}

/// The layout of two judged phases one after the other.
fn twice(layout: &Layout) -> Layout {
    let mut twice = layout.clone();
    let Grid { from, to, block } = layout.grid;
    // As many whole blocks as both have: the last of each takes its own remainder.
    let length: Duration = block * layout.grid.blocks() * 2;
    twice.grid = Grid { from, to: if length.is_zero() { to } else { from + length }, block };
    for scenario in &mut twice.scenarios {
        scenario.planned = scenario.planned.map(|planned| 2 * planned);
    }
    twice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurement::ReferenceArm;
    use crate::measurement::simulated::{Simulated, SimulatedRequest};
    use crate::pairing::{ArmMode, Looks, Pairing};

    fn run(seed: u64, taken: u32) -> MeasurementFile {
        let arm = |seed| {
            let request = SimulatedRequest { count: 400, ..SimulatedRequest::new("reserve", 10.0) };
            Simulated { seed, ..Simulated::new(vec![request]) }.measure()
        };
        let looks = Looks { planned: 2, taken };
        let pairing = Pairing { mode: ArmMode::Parallel, looks, shares: Vec::new() };
        let reference = Some(ReferenceArm { measurement: arm(seed + 1), pairing });
        MeasurementFile { reference, ..MeasurementFile::new(arm(seed)) }
    }

    #[test]
    fn a_load_that_went_on_has_twice_the_blocks_and_all_samples() {
        let (before, then) = (run(1, 1), run(7, 2));
        let mut both = before.clone();
        follow(&mut both, then.clone());
        let arms = |file: &MeasurementFile| [file.candidate.clone(), file.reference.clone().unwrap().measurement];
        assert_eq!(both.reference.as_ref().unwrap().pairing.looks.taken, 2);
        for ((both, before), then) in arms(&both).iter().zip(arms(&before)).zip(arms(&then)) {
            let blocks = before.layout.grid.blocks();
            assert_eq!(both.layout.grid.blocks(), 2 * blocks);
            let [all, first, second] = [both, &before, &then].map(|run| run.judged.requests[0].blocks.clone());
            assert_eq!(all.len(), first.len() + second.len());
            assert!(second.iter().all(|(at, block)| all[&(at + blocks)] == *block));
            assert!(first.iter().all(|(at, block)| all[at] == *block));
            assert_eq!(both.judged.requests[0].attempts, 800);
            assert_eq!(both.judged_for, before.judged_for + then.judged_for);
        }
        let json = both.to_json().unwrap();
        assert_eq!(MeasurementFile::parse(&json).unwrap(), both, "the file takes it");
    }

    #[test]
    fn later_iterations_have_later_numbers() {
        let measured = run(1, 1);
        assert_eq!(Later::than(&[], &measured), Later { vus: 0, iterations: 400 });
    }
}
