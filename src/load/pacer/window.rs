//! When a virtual user may begin iterations, and when the last of them is cut off.

use std::time::Duration;

use crate::plan::{Executor, Stage};

/// A time in which a VU begins iterations. Times are since the scenario's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: Duration,
    /// No iteration begins from here on.
    pub to: Duration,
    /// An iteration that is still running is cut off here.
    pub hard: Duration,
}

/// The windows of a scenario's VU, by its index from 0, in order and apart from each other.
///
/// All executors but `ramping-vus` have one window. There, VU `j` runs while more than `j` VUs are asked for. A VU that is
/// asked back before its graceful ramp-down is over goes on: its iteration is cut off by the later window's limit.
pub fn windows(executor: &Executor, graceful_stop: Duration, vu: u64) -> Vec<Window> {
    let end = executor.duration();
    let hard_end = end + graceful_stop;
    let Executor::RampingVus { start_vus, stages, graceful_ramp_down } = executor else {
        return vec![Window { from: Duration::ZERO, to: end, hard: hard_end }];
    };
    let mut windows: Vec<Window> = active(*start_vus, stages, vu)
        .into_iter()
        .map(|(from, to)| match to {
            Some(to) => Window { from, to, hard: (to + *graceful_ramp_down).min(hard_end) },
            None => Window { from, to: end, hard: hard_end },
        })
        .collect();
    for place in (1..windows.len()).rev() {
        if windows[place].from <= windows[place - 1].hard {
            windows[place - 1].hard = windows[place].hard;
        }
    }
    windows
}

/// When a scenario's VU is first asked for; none if it never is. A VU is never asked for before those of lower index.
pub fn opens_at(executor: &Executor, vu: u64) -> Option<Duration> {
    match executor {
        Executor::RampingVus { start_vus, stages, .. } => active(*start_vus, stages, vu).first().map(|(from, _)| *from),
        _ => Some(Duration::ZERO),
    }
}

/// When `ramping-vus` asks for a VU: from and to; without an end where it is asked for until the schedule's end.
fn active(start_vus: u64, stages: &[Stage], vu: u64) -> Vec<(Duration, Option<Duration>)> {
    let mut windows: Vec<(Duration, Option<Duration>)> = Vec::new();
    let mut open = (start_vus > vu).then_some(Duration::ZERO);
    let mut start = Duration::ZERO;
    let mut vus = start_vus;
    for stage in stages {
        match open {
            None if stage.target > vu => {
                let since = start + change(stage.duration, vu + 1 - vus, stage.target - vus);
                // Asked back in the instant in which it was let go: it never went.
                open = Some(match windows.pop_if(|(_, to)| *to == Some(since)) {
                    Some((from, _)) => from,
                    None => since,
                });
            }
            Some(from) if stage.target <= vu => {
                let to = start + change(stage.duration, vus - vu, vus - stage.target);
                if to > from {
                    windows.push((from, Some(to)));
                }
                open = None;
            }
            _ => {}
        }
        start += stage.duration;
        vus = stage.target;
    }
    windows.extend(open.filter(|&from| from < start).map(|from| (from, None)));
    windows
}

/// When a linear change by `of` VUs has made its first `step` steps: the `step`-th comes or goes at `step/of` of the stage.
fn change(stage: Duration, step: u64, of: u64) -> Duration {
    nanoseconds((stage.as_nanos() * u128::from(step)).div_ceil(u128::from(of)))
}

fn nanoseconds(count: u128) -> Duration {
    Duration::new((count / 1_000_000_000) as u64, (count % 1_000_000_000) as u32)
}

/// How many VUs the schedule asks for at a time since the scenario's start; for arrival rates the most that it may use.
pub fn vus_at(executor: &Executor, time: Duration) -> u64 {
    if time >= executor.duration() {
        return 0;
    }
    let Executor::RampingVus { start_vus, stages, .. } = executor else { return executor.max_vus() };
    let mut start = Duration::ZERO;
    let mut vus = *start_vus;
    for stage in stages {
        if time < start + stage.duration {
            let done = (time - start).as_nanos();
            let steps = (done * u128::from(vus.abs_diff(stage.target)) / stage.duration.as_nanos()) as u64;
            return if stage.target > vus { vus + steps } else { vus - steps };
        }
        start += stage.duration;
        vus = stage.target;
    }
    0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GRACE: Duration = Duration::from_secs(30);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn ramp(start_vus: u64, stages: &[(u64, u64)], graceful_ramp_down: u64) -> Executor {
        let stages = stages.iter().map(|&(duration, target)| Stage { duration: seconds(duration), target }).collect();
        Executor::RampingVus { start_vus, stages, graceful_ramp_down: seconds(graceful_ramp_down) }
    }

    /// `from–to!hard` in seconds.
    fn show(executor: &Executor, graceful_stop: Duration, vu: u64) -> String {
        let windows = windows(executor, graceful_stop, vu);
        let shown: Vec<String> = windows
            .iter()
            .map(|w| format!("{}–{}!{}", w.from.as_secs_f64(), w.to.as_secs_f64(), w.hard.as_secs_f64()))
            .collect();
        shown.join(" ")
    }

    #[test]
    fn vus_come_and_go_one_by_one_over_a_stage() {
        let executor = ramp(0, &[(10, 5), (10, 0)], 30);
        assert_eq!(show(&executor, GRACE, 0), "2–20!50");
        assert_eq!(show(&executor, GRACE, 1), "4–18!48");
        assert_eq!(show(&executor, GRACE, 4), "10–12!42");
        assert_eq!(show(&executor, GRACE, 5), "");
    }

    /// The drawing in k6's `reserveVUsForGracefulRampDowns`: 4 VUs, up to 6, down to 1, up to 5, down, up to 4, down to 1.
    #[test]
    fn k6s_own_example_of_graceful_ramp_downs() {
        let executor = ramp(4, &[(2, 6), (5, 1), (4, 5), (4, 1), (3, 4), (3, 1), (0, 1)], 30);
        // Number 6 lets go at 3 s and is never asked back; number 5 is asked back at 11 s, within its grace.
        assert_eq!(show(&executor, GRACE, 5), "2–3!33");
        assert_eq!(show(&executor, GRACE, 4), "1–4!42 11–12!42");
        assert_eq!(show(&executor, GRACE, 0), "0–21!51");
    }

    #[test]
    fn the_grace_ends_at_once_or_before_a_vu_is_asked_back() {
        let executor = ramp(2, &[(2, 0), (8, 0), (2, 2)], 0);
        assert_eq!(show(&executor, GRACE, 0), "0–2!2 11–12!42");
        let executor = ramp(2, &[(2, 0), (8, 0), (2, 2)], 9);
        assert_eq!(show(&executor, GRACE, 0), "0–2!42 11–12!42", "asked back in the last moment of its grace");
    }

    #[test]
    fn graceful_stop_limits_the_last_ramp_down() {
        assert_eq!(show(&ramp(1, &[(10, 1)], 5), GRACE, 0), "0–10!40");
        assert_eq!(show(&ramp(1, &[(10, 0)], 5), GRACE, 0), "0–10!15");
        assert_eq!(show(&ramp(1, &[(10, 0)], 50), GRACE, 0), "0–10!40");
    }

    #[test]
    fn a_stage_of_zero_seconds_is_a_jump() {
        let executor = ramp(0, &[(0, 3), (5, 3), (0, 1), (5, 1)], 2);
        assert_eq!(show(&executor, GRACE, 0), "0–10!40");
        assert_eq!(show(&executor, GRACE, 2), "0–5!7");
        assert_eq!(show(&ramp(3, &[(5, 3), (0, 0), (0, 3), (5, 3)], 0), GRACE, 2), "0–10!40", "down and up at once");
        assert_eq!(show(&ramp(0, &[(5, 0), (0, 3), (0, 0), (5, 0)], 0), GRACE, 2), "", "up and down at once");
    }

    #[test]
    fn the_other_executors_have_one_window() {
        let executor = Executor::ConstantVus { vus: 3, duration: seconds(10) };
        assert_eq!(show(&executor, GRACE, 2), "0–10!40");
    }

    /// Three of the seed documents' tests run 1,000, 2,000, 5,000, 5,000 and 0 VUs over five minutes. One of them had
    /// iterations of 1.4 s on average and counted 556,414.
    #[test]
    fn five_stages_of_a_seed_document_add_up() {
        let executor = ramp(1, &[(60, 1_000), (60, 2_000), (60, 5_000), (60, 5_000), (60, 0)], 30);
        let vu_seconds: f64 = (0..executor.max_vus())
            .flat_map(|vu| windows(&executor, GRACE, vu))
            .map(|window| (window.to - window.from).as_secs_f64())
            .sum();
        // The integral is 780,000 plus half a minute of the VU it starts with. Steps lag the line by half a VU on the way
        // up and lead it by as much on the way down.
        assert!((vu_seconds - 780_000.0).abs() < 100.0, "{vu_seconds}");
        assert!((vu_seconds / 1.4 / 556_414.0 - 1.0).abs() < 0.005);
        let at: Vec<u64> = [0, 30, 60, 120, 150, 180, 210, 270, 300].map(|t| vus_at(&executor, seconds(t))).into();
        assert_eq!(at, [1, 500, 1_000, 2_000, 3_500, 5_000, 5_000, 2_500, 0]);
    }

    proptest! {
        #[test]
        fn vu_j_runs_while_more_than_j_are_asked_for(
            start_vus in 0u64..8,
            stages in prop::collection::vec((0u64..7, 0u64..8), 1..7),
            grace in 0u64..10,
            time in 0u64..50_000,
        ) {
            let executor = ramp(start_vus, &stages, grace);
            let time = Duration::from_millis(time);
            let asked = vus_at(&executor, time);
            for vu in 0..executor.max_vus() {
                let windows = windows(&executor, GRACE, vu);
                let running = windows.iter().any(|window| window.from <= time && time < window.to);
                prop_assert_eq!(running, asked > vu, "VU {} of {} at {:?}", vu, asked, time);
                for window in &windows {
                    prop_assert!(window.from < window.to && window.to <= window.hard);
                    prop_assert!(window.hard <= executor.duration() + GRACE);
                }
                for pair in windows.windows(2) {
                    prop_assert!(pair[0].to < pair[1].from);
                }
                prop_assert_eq!(opens_at(&executor, vu), windows.first().map(|window| window.from));
                if vu > 0 && let Some(opens) = opens_at(&executor, vu) {
                    prop_assert!(opens_at(&executor, vu - 1).is_some_and(|before| before <= opens));
                }
            }
        }
    }
}
