//! An arm's clock: the time of its schedule against the time since the start of the load.
//!
//! The arms of a paired run must be exchangeable. Where both load at the same time, one of two requests that are due at the
//! same instant goes first, and on a quiet machine it is answered faster: so one arm's arrivals are shifted by half a period,
//! and which arm that is changes at random from block to block; closed executors begin each virtual user a little later, by a
//! random time of its own. Where the arms take turns, the order within each pair of blocks is random.

use std::time::Duration;

use crate::measurement::Grid;
use crate::pairing::ArmMode;

/// Between two turns, for what is under way to end.
const WASHOUT: Duration = Duration::from_secs(1);

/// The virtual users of a closed executor begin within this time.
const STAGGER: Duration = Duration::from_millis(50);

/// One arm's clock.
#[derive(Clone, Copy, Debug)]
pub struct ArmClock {
    /// None for a run of one arm.
    pairing: Option<Beat>,
}

#[derive(Clone, Copy, Debug)]
struct Beat {
    mode: ArmMode,
    /// 0 for the candidate, 1 for the reference.
    arm: u64,
    grid: Grid,
    seed: u64,
}

impl ArmClock {
    /// The clock of a run of one arm: its schedule begins with the load and never pauses.
    pub const ALONE: ArmClock = ArmClock { pairing: None };

    /// The clock of an arm of a pair: 0 for the candidate, 1 for the reference. Both have the same seed.
    pub fn of_pair(mode: ArmMode, arm: usize, grid: Grid, seed: u64) -> Self {
        ArmClock { pairing: Some(Beat { mode, arm: arm as u64, grid, seed }) }
    }

    /// When a time of the schedule comes, since the start of the load.
    pub fn at(&self, schedule: Duration) -> Duration {
        match self.pairing {
            Some(beat) if beat.mode == ArmMode::Alternating => beat.turn(schedule),
            _ => schedule,
        }
    }

    /// When a schedule that ends at this time is over.
    pub fn end(&self, schedule: Duration) -> Duration {
        let instant = Duration::from_nanos(1);
        schedule.checked_sub(instant).map_or(Duration::ZERO, |last| self.at(last) + instant)
    }

    /// How much of a schedule that ends at `end` has passed at a time since the start of the load. What goes on after the
    /// schedule's end counts as it is.
    pub fn passed(&self, end: Duration, since_start: Duration) -> Duration {
        let over = self.end(end);
        if since_start >= over {
            return end + (since_start - over);
        }
        // The clock never goes backwards.
        let (mut low, mut high) = (0, end.as_nanos() as u64);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at(Duration::from_nanos(middle)) < since_start { low = middle + 1 } else { high = middle }
        }
        Duration::from_nanos(low)
    }

    /// When an arrival comes that is due at a time of the schedule, `period` before the next of its scenario.
    pub fn arrival(&self, due: Duration, period: impl FnOnce() -> Duration) -> Duration {
        match self.pairing {
            Some(beat) if beat.mode == ArmMode::Parallel && beat.is_second(beat.pair_of(due).number) => {
                due + period() / 2
            }
            _ => self.at(due),
        }
    }

    /// By how much later a virtual user of a closed executor begins, by its number.
    pub fn stagger(&self, vu: u64) -> Duration {
        self.pairing.map_or(Duration::ZERO, |beat| {
            let random = mixed(beat.seed ^ mixed(2 * vu + beat.arm));
            STAGGER.mul_f64((random >> 11) as f64 / (1_u64 << 53) as f64)
        })
    }
}

/// Blocks of the schedule that both arms have, one after the other or at once.
#[derive(Clone, Copy, Debug)]
struct Pair {
    number: u64,
    from: Duration,
    length: Duration,
}

impl Beat {
    /// The pair of blocks that a time of the schedule falls into. Borders are those of the grid, also before the judged
    /// phase, so that what comes before its first whole block is a shorter pair.
    fn pair_of(&self, schedule: Duration) -> Pair {
        let block = self.grid.block.as_nanos().max(1);
        let first = self.grid.from.as_nanos() % block;
        let time = schedule.as_nanos();
        let duration = |nanoseconds: u128| Duration::from_nanos(nanoseconds as u64);
        if time < first {
            return Pair { number: 0, from: Duration::ZERO, length: duration(first) };
        }
        let whole = (time - first) / block;
        let number = whole as u64 + u64::from(first > 0);
        Pair { number, from: duration(first + whole * block), length: duration(block) }
    }

    /// Whether this arm is the second of the pair: the other arm of the same pair is not.
    fn is_second(&self, pair: u64) -> bool {
        (mixed(self.seed ^ mixed(pair)) ^ self.arm) & 1 == 1
    }

    /// Where both arms take turns, when a time of this arm's schedule comes.
    fn turn(&self, schedule: Duration) -> Duration {
        let pair = self.pair_of(schedule);
        let washouts = 2 * pair.number as u32 * WASHOUT;
        let begins = 2 * pair.from + washouts;
        let waits = if self.is_second(pair.number) { pair.length + WASHOUT } else { Duration::ZERO };
        begins + waits + (schedule - pair.from)
    }
}

/// A number that has nothing to do with its neighbours' (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, 2014).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn pair(mode: ArmMode, seed: u64, from: u64, to: u64) -> [ArmClock; 2] {
        let grid = Grid::new(ms(from), ms(to));
        [0, 1].map(|arm| ArmClock::of_pair(mode, arm, grid, seed))
    }

    #[test]
    fn an_arm_alone_keeps_its_schedule() {
        let clock = ArmClock::ALONE;
        assert_eq!((clock.at(ms(7)), clock.arrival(ms(7), || ms(2)), clock.stagger(3)), (ms(7), ms(7), ms(0)));
        assert_eq!((clock.end(ms(7)), clock.end(ms(0))), (ms(7), ms(0)));
    }

    #[test]
    fn one_of_two_parallel_arms_is_half_a_period_late_and_each_is_in_half_of_the_blocks() {
        let [candidate, reference] = pair(ArmMode::Parallel, 7, 0, 200_000);
        let late = |clock: &ArmClock, due: u64| clock.arrival(ms(due), || ms(10)) - ms(due);
        let mut candidate_late = 0;
        for due in (0..200_000).step_by(1000) {
            let both = [late(&candidate, due), late(&reference, due)];
            assert!(both == [ms(0), ms(5)] || both == [ms(5), ms(0)], "{both:?} at {due}");
            candidate_late += u32::from(both[0] > ms(0));
        }
        assert!((60..140).contains(&candidate_late), "{candidate_late} of 200 seconds, in 40 blocks");
    }

    #[test]
    fn virtual_users_of_both_arms_begin_in_random_order() {
        let arms = pair(ArmMode::Parallel, 7, 0, 60_000);
        let first = (1..=1000).filter(|&vu| arms[0].stagger(vu) < arms[1].stagger(vu)).count();
        assert!((440..560).contains(&first), "{first} of 1000");
        assert!((1..=1000).all(|vu| arms.iter().all(|clock| clock.stagger(vu) < STAGGER)));
    }

    #[test]
    fn alternating_arms_take_turns_with_a_pause_between() {
        let [candidate, reference] = pair(ArmMode::Alternating, 3, 0, 20_000);
        // Blocks of 1 s: turns of 1 s and pauses of 1 s.
        let first = candidate.at(ms(0)).min(reference.at(ms(0)));
        let second = candidate.at(ms(0)).max(reference.at(ms(0)));
        assert_eq!((first, second), (ms(0), ms(2000)));
        assert_eq!(candidate.at(ms(999)) - candidate.at(ms(0)), ms(999));
        assert_eq!(candidate.at(ms(1000)).min(reference.at(ms(1000))), ms(4000));
        let ends = [candidate.end(ms(20_000)), reference.end(ms(20_000))];
        assert!(ends.contains(&ms(79_000)) && ends.contains(&ms(77_000)), "{ends:?}");
    }

    #[test]
    fn half_of_an_alternating_run_is_an_arms_own() {
        let [candidate, _] = pair(ArmMode::Alternating, 3, 0, 20_000);
        let end = candidate.end(ms(20_000));
        assert_eq!(candidate.passed(ms(20_000), end), ms(20_000));
        assert_eq!(candidate.passed(ms(20_000), end + ms(300)), ms(20_300));
        assert_eq!(candidate.passed(ms(20_000), candidate.at(ms(7_250))), ms(7_250));
        assert_eq!(ArmClock::ALONE.passed(ms(20_000), ms(7_250)), ms(7_250));
    }

    proptest! {
        /// Whatever the judged phase, an arm's schedule comes in its order, and no instant belongs to both arms.
        #[test]
        fn no_instant_belongs_to_both_arms(
            seed in 0u64..100, from in 0u64..9_000, length in 1_000u64..120_000, times in prop::collection::vec(0u64..130_000, 2),
        ) {
            let arms = pair(ArmMode::Alternating, seed, from, from + length);
            let [a, b] = [times[0].min(times[1]), times[0].max(times[1])];
            for clock in &arms {
                prop_assert!(clock.at(ms(a)) <= clock.at(ms(b)));
                prop_assert!(clock.at(ms(b)) - clock.at(ms(a)) >= ms(b - a));
            }
            let apart = arms[0].at(ms(a)).abs_diff(arms[1].at(ms(b)));
            prop_assert!(apart >= WASHOUT, "{a} {b}: {apart:?}");
        }
    }
}
