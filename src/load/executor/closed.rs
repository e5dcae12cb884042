//! The closed executors: each VU begins its next iteration when the last has ended.

use std::pin::pin;
use std::sync::Arc;

use tokio::task::{JoinSet, coop};
use tokio::time::{Instant, sleep_until};

use super::active_vu::ActiveVu;
use super::assignment::Assignment;
use super::budget::Budget;
use super::{Failure, join};
use crate::load::pacer::window;
use crate::load::user::VirtualUser;

/// Runs the VUs through their windows.
pub async fn run<V: VirtualUser + 'static>(
    assignment: &Assignment,
    budget: Arc<Budget>,
    vus: impl Iterator<Item = ActiveVu<V>>,
) -> Result<(), Failure> {
    let mut tasks = JoinSet::new();
    for vu in vus {
        tasks.spawn_local(repeat(vu, budget.clone()));
    }
    join(tasks).await?;
    assignment.drop_unstarted(budget.leave());
    Ok(())
}

/// One VU's iterations, one after another, while a window is open and the budget lasts.
async fn repeat<V: VirtualUser>(mut vu: ActiveVu<V>, budget: Arc<Budget>) {
    let assignment = vu.assignment.clone();
    let scenario = &assignment.scenario;
    'windows: for window in window::windows(&scenario.executor, scenario.graceful_stop, vu.index) {
        sleep_until(assignment.at(window.from)).await;
        let end = assignment.at(window.to);
        if Instant::now() >= end {
            continue;
        }
        let _running = assignment.gauges.run();
        let mut hard = pin!(sleep_until(assignment.at(window.hard)));
        while Instant::now() < end {
            let Some(number) = budget.take(vu.begun) else { return };
            vu.iterate(number, None, hard.as_mut()).await;
            if vu.is_spent() {
                break 'windows;
            }
            // An iteration that waits for nothing must not keep the worker to itself.
            coop::consume_budget().await;
        }
    }
    assignment.drop_unstarted(budget.left_by_vu(vu.begun));
}
