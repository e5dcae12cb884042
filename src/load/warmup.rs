//! The warm-up: the plan's own iterations before the schedule, until the target's response times have settled.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::engine::{self, EngineError, PairOrder, Settings};
use super::pacer::Shard;
use super::signal::{Cause, Stop};
use super::user::VirtualUsers;
use crate::measurement::{Grid, Layout, Progress, Tallies};
use crate::pairing::ArmMode;
use crate::plan::{Executor, Scenario};

/// So many seconds in a row must agree …
const SECONDS: usize = 3;
/// … on the median response time: the largest is at most this many times the smallest.
const AGREEMENT: f64 = 1.10;

/// A second that is told later than this after the longest warm-up was over is none of its own: a worker was held up.
const LATE: Duration = Duration::from_millis(500);

/// How a warm-up ended.
#[derive(Debug)]
pub(super) struct WarmedUp {
    /// What it recorded, the candidate's, then the reference's; nothing of it is judged.
    pub arms: Vec<Tallies>,
    pub took: Duration,
    /// Whether the response times agreed before the longest warm-up was over.
    pub settled: bool,
}

/// What is to be warmed, and for how long at most.
pub(super) struct WarmUp<'a, U> {
    pub scenarios: &'a [Arc<Scenario>],
    /// The candidate's virtual users, then the reference's.
    pub arms: Vec<U>,
    pub workers: usize,
    pub shard: Shard,
    pub longest: Duration,
    /// Of the arms' order.
    pub seed: u64,
}

/// Runs the scenarios' iterations, all of them from the start and with the load that they begin with, until the response
/// times of every arm have settled. Both arms are warmed at the same time. Iterations that are under way at the end are cut
/// off. Blocks.
///
/// # Errors
/// Those of the load.
pub(super) fn warm_up<U: VirtualUsers>(
    warming: WarmUp<'_, U>,
    layout: &Layout,
    stop: &Stop,
) -> Result<WarmedUp, EngineError> {
    let WarmUp { scenarios, arms, workers, shard, longest, seed } = warming;
    let vus = scenarios.iter().map(|scenario| scenario.executor.max_vus()).sum();
    let paired = arms.len() > 1;
    let scenarios = scenarios.iter().map(|scenario| Arc::new(beginning(scenario, longest))).collect();
    let layout = Arc::new(Layout { grid: Grid::new(Duration::ZERO, Duration::ZERO), ..layout.clone() });
    let pair = PairOrder { mode: ArmMode::Parallel, seed };
    let settings = Settings { scenarios, layout, workers, shard, pair, start_at: None };
    let arms = arms.into_iter().map(|users| Arc::new(Strangers { users, vus })).collect();
    let part = stop.of_part();
    let (mut candidate, mut reference) = (Medians::default(), Medians::default());
    let mut settled = false;
    let observe = |progress: &Progress| {
        // Both are asked each second.
        let agree = [candidate.agree(progress.p50), !paired || reference.agree(progress.reference_p50)];
        settled |= agree == [true, true] && progress.elapsed <= longest + LATE;
        if settled {
            part.stop(Cause::Interrupted);
        }
    };
    let finished = engine::run(settings, arms, part.clone(), observe, |_, _| None)?;
    Ok(WarmedUp { arms: finished.arms, took: finished.elapsed, settled })
}

/// The medians of the last seconds.
#[derive(Debug, Default)]
struct Medians(VecDeque<f64>);

impl Medians {
    /// Whether the last seconds agree, this one included. A second without an answer agrees with none.
    fn agree(&mut self, median: Option<f64>) -> bool {
        let Some(median) = median else {
            self.0.clear();
            return false;
        };
        self.0.push_back(median);
        if self.0.len() > SECONDS {
            self.0.pop_front();
        }
        let largest = self.0.iter().copied().fold(f64::MIN, f64::max);
        let smallest = self.0.iter().copied().fold(f64::MAX, f64::min);
        self.0.len() == SECONDS && largest <= smallest * AGREEMENT
    }
}

/// The scenario with the load that it begins with, constant over the time.
fn beginning(scenario: &Scenario, duration: Duration) -> Scenario {
    let executor = match &scenario.executor {
        Executor::ConstantVus { vus, .. }
        | Executor::PerVuIterations { vus, .. }
        | Executor::SharedIterations { vus, .. } => Executor::ConstantVus { vus: *vus, duration },
        Executor::RampingVus { start_vus, stages, .. } => {
            let first = stages.iter().map(|stage| stage.target).find(|target| *target > 0);
            Executor::ConstantVus { vus: first.unwrap_or_default().max(*start_vus), duration }
        }
        Executor::ConstantArrivalRate { rate, time_unit, pre_allocated_vus, max_vus, .. } => {
            let (rate, time_unit) = (*rate, *time_unit);
            let (pre_allocated_vus, max_vus) = (*pre_allocated_vus, *max_vus);
            Executor::ConstantArrivalRate { rate, time_unit, duration, pre_allocated_vus, max_vus }
        }
        Executor::RampingArrivalRate { start_rate, time_unit, stages, pre_allocated_vus, max_vus } => {
            let first = stages.iter().map(|stage| stage.target as f64).find(|target| *target > 0.0);
            let (rate, time_unit) = (first.unwrap_or_default().max(*start_rate), *time_unit);
            let (pre_allocated_vus, max_vus) = (*pre_allocated_vus, *max_vus);
            Executor::ConstantArrivalRate { rate, time_unit, duration, pre_allocated_vus, max_vus }
        }
    };
    Scenario {
        name: scenario.name.clone(),
        executor,
        start_time: Duration::ZERO,
        graceful_stop: Duration::ZERO,
        work: scenario.work.clone(),
        submetrics: scenario.submetrics.clone(),
    }
}

/// Virtual users with numbers that the load's don't have: they draw other random numbers, so that the load does not ask
/// again for just what the warm-up has asked for.
struct Strangers<U> {
    users: U,
    /// The load's highest number.
    vus: u64,
}

impl<U: VirtualUsers> VirtualUsers for Strangers<U> {
    type User = U::User;

    fn user(&self, scenario: usize, vu: u64) -> U::User {
        self.users.user(scenario, self.vus + vu)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Stage;
    use crate::plan::scenario::{Flow, Work};

    #[test]
    fn three_seconds_in_a_row_must_agree() {
        // Medians in milliseconds, and the second in which they have settled.
        for (seconds, settled) in [
            (&[Some(5.0), Some(5.0), Some(5.0)][..], Some(3)),
            (&[Some(90.0), Some(20.0), Some(10.0), Some(10.4), Some(10.9)], Some(5)),
            (&[Some(10.0), Some(11.0), Some(10.0)], Some(3)),
            (&[Some(10.0), Some(11.1), Some(10.0)], None),
            (&[Some(5.0), Some(5.0), None, Some(5.0), Some(5.0)], None),
            (&[None; 5], None),
        ] {
            let mut medians = Medians::default();
            let found = seconds.iter().position(|median| medians.agree(*median)).map(|place| place + 1);
            assert_eq!(found, settled, "{seconds:?}");
        }
    }

    #[test]
    fn a_warm_up_has_the_load_that_the_schedule_begins_with() {
        let (time_unit, duration) = (Duration::from_secs(1), Duration::from_secs(60));
        let stages = |targets: &[u64]| targets.iter().map(|&target| Stage { duration, target }).collect::<Vec<_>>();
        let vus = |vus| Executor::ConstantVus { vus, duration: Duration::from_secs(9) };
        let ramp = |start_vus, targets: &[u64]| Executor::RampingVus {
            start_vus,
            stages: stages(targets),
            graceful_ramp_down: duration,
        };
        let rate = |rate| Executor::ConstantArrivalRate {
            rate,
            time_unit,
            duration: Duration::from_secs(9),
            pre_allocated_vus: 3,
            max_vus: 7,
        };
        let ramp_rate = |start_rate, targets: &[u64]| Executor::RampingArrivalRate {
            start_rate,
            time_unit,
            stages: stages(targets),
            pre_allocated_vus: 3,
            max_vus: 7,
        };
        for (executor, expected) in [
            (Executor::ConstantVus { vus: 4, duration }, vus(4)),
            (Executor::PerVuIterations { vus: 4, iterations: 1, max_duration: duration }, vus(4)),
            (Executor::SharedIterations { vus: 4, iterations: 8, max_duration: duration }, vus(4)),
            (ramp(1, &[20, 50, 0]), vus(20)),
            (ramp(30, &[20, 0]), vus(30)),
            (ramp(0, &[0, 8]), vus(8)),
            (
                Executor::ConstantArrivalRate { rate: 5.0, time_unit, duration, pre_allocated_vus: 3, max_vus: 7 },
                rate(5.0),
            ),
            (ramp_rate(0.0, &[0, 10, 90]), rate(10.0)),
            (ramp_rate(12.5, &[10]), rate(12.5)),
        ] {
            let flow =
                Flow { env: Arc::default(), bindings: Arc::default(), headers: Arc::default(), steps: Arc::from([]) };
            let scenario = Scenario {
                name: "s".into(),
                executor,
                start_time: duration,
                graceful_stop: duration,
                work: Work::Steps(flow),
                submetrics: Vec::new(),
            };
            let beginning = beginning(&scenario, Duration::from_secs(9));
            assert_eq!(beginning.executor, expected, "{:?}", scenario.executor);
            assert_eq!((beginning.start_time, beginning.graceful_stop), (Duration::ZERO, Duration::ZERO));
        }
    }
}
