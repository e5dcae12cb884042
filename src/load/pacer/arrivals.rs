//! Arrival rates: arrival n → the time at which it is due.
//!
//! The rate is piecewise linear, so the number of arrivals until a time is the integral of the rate: a parabola over each
//! stage. A fraction of an arrival at the end of a stage is carried over into the next one. As in k6, arrival i of a
//! constant rate is due at i × period, the first one at once, while a ramping rate's first arrival is due when the integral
//! reaches 1.

use std::time::Duration;

use crate::plan::{Executor, Stage};

/// Integrals are floating-point sums: what misses an arrival by less than this has reached it.
const TOLERANCE: f64 = 1e-6;

/// The arrivals of one scenario, numbered from 0. Times are since the scenario's start.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// In order, without stages of 0 s.
    slopes: Vec<Slope>,
    /// The integral at which arrival 0 is due.
    first: f64,
    count: u64,
    end: Duration,
}

/// A stretch over which the rate is linear. Times in nanoseconds, rates in arrivals per nanosecond.
#[derive(Clone, Copy, Debug)]
struct Slope {
    start: f64,
    length: f64,
    from: f64,
    to: f64,
    /// Integral of the rate up to the start, and over this stretch.
    before: f64,
    area: f64,
}

impl Slope {
    /// When the integral reaches `target`, which is on this stretch: the solution of
    /// `from·x + (to − from)·x²/(2·length) = target − before`, in the form that does not cancel.
    fn reaches(&self, target: f64) -> f64 {
        let area = (target - self.before).clamp(0.0, self.area);
        if area == 0.0 {
            return self.start;
        }
        let root = (self.from * self.from + 2.0 * (self.to - self.from) * area / self.length).max(0.0).sqrt();
        self.start + (2.0 * area / (self.from + root)).min(self.length)
    }
}

impl Arrivals {
    /// The schedule of an arrival-rate executor; none for the others.
    pub fn of(executor: &Executor) -> Option<Self> {
        match executor {
            Executor::ConstantArrivalRate { rate, time_unit, duration, .. } => {
                Some(Self::constant(*rate, *time_unit, *duration))
            }
            Executor::RampingArrivalRate { start_rate, time_unit, stages, .. } => {
                Some(Self::ramping(*start_rate, *time_unit, stages))
            }
            _ => None,
        }
    }

    fn constant(rate: f64, time_unit: Duration, duration: Duration) -> Self {
        let rate = rate / nanoseconds(time_unit);
        let slopes = slopes(rate, [(duration, rate)]);
        let area = slopes.last().map_or(0.0, |slope| slope.area);
        Arrivals { slopes, first: 0.0, count: (area - TOLERANCE).ceil().max(0.0) as u64, end: duration }
    }

    fn ramping(start_rate: f64, time_unit: Duration, stages: &[Stage]) -> Self {
        let unit = nanoseconds(time_unit);
        let slopes = slopes(start_rate / unit, stages.iter().map(|stage| (stage.duration, stage.target as f64 / unit)));
        let area = slopes.last().map_or(0.0, |slope| slope.before + slope.area);
        let end = stages.iter().map(|stage| stage.duration).sum();
        Arrivals { slopes, first: 1.0, count: (area + TOLERANCE).floor().max(0.0) as u64, end }
    }

    /// How many arrivals there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When an arrival is due, always before the schedule's end; none past the last arrival.
    pub fn due(&self, number: u64) -> Option<Duration> {
        if number >= self.count {
            return None;
        }
        let target = self.first + number as f64;
        let place = self.slopes.partition_point(|slope| slope.before + slope.area < target - TOLERANCE);
        let slope = self.slopes.get(place).or(self.slopes.last())?;
        // An arrival that the integral reaches at the very end is due in the last instant in which iterations may begin.
        let last = self.end.saturating_sub(Duration::from_nanos(1));
        Some(Duration::from_nanos(slope.reaches(target).round() as u64).min(last))
    }

    /// The time from an arrival to the next one; for the last one, from the one before it.
    pub fn period(&self, number: u64) -> Duration {
        let between = |first: u64| Some(self.due(first + 1)?.saturating_sub(self.due(first)?));
        between(number).or_else(|| between(number.checked_sub(1)?)).unwrap_or_default()
    }

    /// How many arrivals are due before a time.
    pub fn due_before(&self, time: Duration) -> u64 {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.due(middle) {
                Some(due) if due < time => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_nanos() as f64
}

/// The stretches of a rate that begins at `rate` and changes linearly to each target in turn. A stage of 0 s is a jump.
fn slopes(mut rate: f64, stages: impl IntoIterator<Item = (Duration, f64)>) -> Vec<Slope> {
    let (mut start, mut before) = (0.0, 0.0);
    let mut slopes = Vec::new();
    for (duration, target) in stages {
        if !duration.is_zero() {
            let length = nanoseconds(duration);
            let area = length * (rate + target) / 2.0;
            slopes.push(Slope { start, length, from: rate, to: target, before, area });
            start += length;
            before += area;
        }
        rate = target;
    }
    slopes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn constant(rate: f64, time_unit: &str, duration: &str) -> Arrivals {
        Arrivals::constant(rate, time(time_unit), time(duration))
    }

    fn ramping(start_rate: f64, stages: &[(&str, u64)]) -> Arrivals {
        Arrivals::ramping(start_rate, Duration::from_secs(1), &stages_of(stages))
    }

    fn stages_of(stages: &[(&str, u64)]) -> Vec<Stage> {
        stages.iter().map(|&(duration, target)| Stage { duration: time(duration), target }).collect()
    }

    /// `1s`, `1m`, `250ms`.
    fn time(text: &str) -> Duration {
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap();
        let number: u64 = text[..split].parse().unwrap();
        match &text[split..] {
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            "m" => Duration::from_secs(60 * number),
            "h" => Duration::from_secs(3600 * number),
            unit => panic!("{unit}"),
        }
    }

    fn milliseconds(arrivals: &Arrivals) -> Vec<u128> {
        (0..arrivals.count()).map(|n| (arrivals.due(n).unwrap() + Duration::from_micros(1)).as_millis()).collect()
    }

    #[test]
    fn a_constant_rate_is_due_at_multiples_of_its_period_from_the_start_on() {
        assert_eq!(milliseconds(&constant(4.0, "1s", "2s")), [0, 250, 500, 750, 1000, 1250, 1500, 1750]);
        assert_eq!(milliseconds(&constant(6.0, "1m", "25s")), [0, 10_000, 20_000]);
        assert_eq!(constant(3.0, "1s", "1s").due(1), Some(Duration::from_nanos(333_333_333)));
        assert_eq!(constant(3.0, "1s", "1s").count(), 3);
        assert_eq!(constant(0.5, "1s", "4s").count(), 2);
        assert_eq!(constant(0.0, "1s", "4s").count(), 0);
        assert_eq!(constant(1000.0, "1s", "24h").due(86_399_999), Some(Duration::from_millis(86_399_999)));
    }

    #[test]
    fn a_period_is_the_time_to_the_next_arrival_or_from_the_one_before() {
        let ramp = ramping(0.0, &[("10s", 10)]);
        assert_eq!(ramp.period(3), ramp.due(4).unwrap() - ramp.due(3).unwrap());
        assert_eq!(ramp.period(49), ramp.due(49).unwrap() - ramp.due(48).unwrap());
        assert_eq!(constant(1.0, "1s", "1s").period(0), Duration::ZERO);
    }

    #[test]
    fn a_linear_ramp_follows_the_square_root() {
        // 0 → 10/s over 10 s: n arrivals until t = √(2n).
        let ramp = ramping(0.0, &[("10s", 10)]);
        assert_eq!(ramp.count(), 50);
        for n in 0..50 {
            let expected = (2.0 * (n + 1) as f64).sqrt().min(10.0);
            assert!((ramp.due(n).unwrap().as_secs_f64() - expected).abs() < 1e-6, "arrival {n}");
        }
    }

    #[test]
    fn a_ramp_down_mirrors_a_ramp_up() {
        let (up, down) = (ramping(0.0, &[("10s", 10)]), ramping(10.0, &[("10s", 0)]));
        assert_eq!(down.count(), 50);
        for n in 0..49 {
            let mirrored = 10.0 - up.due(48 - n).unwrap().as_secs_f64();
            assert!((down.due(n).unwrap().as_secs_f64() - mirrored).abs() < 1e-6, "arrival {n}");
        }
    }

    #[test]
    fn a_flat_ramp_begins_one_period_late_as_in_k6() {
        assert_eq!(milliseconds(&ramping(2.0, &[("2s", 2)])), [500, 1000, 1500, 2000]);
        assert!(ramping(2.0, &[("2s", 2)]).due(3).unwrap() < Duration::from_secs(2), "no arrival after the end");
    }

    #[test]
    fn a_stage_of_zero_seconds_is_a_jump_and_a_zero_rate_a_pause() {
        let schedule = ramping(0.0, &[("0s", 2), ("1s", 2), ("0s", 0), ("10s", 0), ("0s", 4), ("1s", 4)]);
        assert_eq!(milliseconds(&schedule), [500, 1000, 11_250, 11_500, 11_750, 12_000]);
    }

    #[test]
    fn a_fraction_of_an_arrival_is_carried_into_the_next_stage() {
        // 2/s for 4.9 s is 9.8 arrivals: the tenth is due when 1/s has added 0.2 of one.
        let schedule = ramping(2.0, &[("4900ms", 2), ("0s", 1), ("1s", 1)]);
        assert_eq!(schedule.count(), 10);
        assert_eq!(milliseconds(&schedule)[8..], [4500, 5100]);
    }

    #[test]
    fn rounding_pushes_no_arrival_across_a_pause() {
        // Ten stages of a tenth of an arrival: their sum is 0.9999999999999999.
        let mut stages = vec![("100ms", 1); 10];
        stages.extend([("0s", 0), ("1h", 0)]);
        let schedule = ramping(1.0, &stages);
        assert_eq!(milliseconds(&schedule), [1000]);
    }

    #[test]
    fn arrivals_before_a_time_are_counted_without_that_time() {
        let schedule = constant(10.0, "1s", "10s");
        assert_eq!(schedule.due_before(Duration::ZERO), 0);
        assert_eq!(schedule.due_before(time("1s")), 10);
        assert_eq!(schedule.due_before(time("1001ms")), 11);
        assert_eq!(schedule.due_before(time("1h")), 100);
    }

    proptest! {
        #[test]
        fn arrivals_are_ordered_and_as_many_as_the_integral(
            start in 0u32..50,
            stages in prop::collection::vec((0u64..5_000, 0u64..50), 1..6),
        ) {
            let stages: Vec<Stage> = stages
                .into_iter()
                .map(|(ms, target)| Stage { duration: Duration::from_millis(ms), target })
                .collect();
            let schedule = Arrivals::ramping(f64::from(start), Duration::from_secs(1), &stages);
            // Twice the integral, in thousandths: exact in integers.
            let mut rate = u64::from(start);
            let mut doubled = 0;
            for stage in &stages {
                doubled += stage.duration.as_millis() as u64 * (rate + stage.target);
                rate = stage.target;
            }
            prop_assert_eq!(schedule.count(), doubled / 2_000);
            let end: Duration = stages.iter().map(|stage| stage.duration).sum();
            let due: Vec<Duration> = (0..schedule.count()).map(|n| schedule.due(n).unwrap()).collect();
            prop_assert!(due.is_sorted());
            prop_assert!(due.iter().all(|&due| due < end));
            prop_assert_eq!(schedule.due(schedule.count()), None);
        }

        #[test]
        fn a_constant_rate_starts_as_many_as_fit(rate in 1u32..10_000, ms in 1u64..100_000) {
            let schedule = Arrivals::constant(f64::from(rate), Duration::from_secs(1), Duration::from_millis(ms));
            prop_assert_eq!(schedule.count(), (u64::from(rate) * ms).div_ceil(1_000));
            prop_assert_eq!(schedule.due(0), Some(Duration::ZERO));
        }
    }
}
