//! The closed executors: each VU begins its next iteration when the last has ended.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::select;
use tokio::task::{JoinSet, coop};
use tokio::time::{Instant, sleep_until};

use super::active_vu::ActiveVu;
use super::assignment::Assignment;
use super::budget::Budget;
use super::share::Share;
use super::{Failure, settle};
use crate::load::pacer::window;
use crate::load::user::{VirtualUser, VirtualUsers};

/// Runs the VUs through their windows: those that were made before the start, and the others as they are asked for. A ramp
/// to a million VUs starts at once, and takes memory for as many as it has come to.
pub async fn run<U: VirtualUsers>(
    users: Arc<U>,
    share: Share,
    assignment: Rc<Assignment>,
    budget: Arc<Budget>,
    first: Vec<(u64, U::User)>,
) -> Result<(), Failure> {
    let mut tasks = JoinSet::new();
    // Later VUs are never asked for before earlier ones.
    let mut later = share.planned_vus().skip(first.len()).peekable();
    for (index, user) in first {
        let stagger = assignment.stagger(&share, index);
        tasks.spawn_local(repeat(assignment.activate(&share, index, user), budget.clone(), stagger));
        coop::consume_budget().await;
    }
    loop {
        let opens = later.peek().and_then(|vu| window::opens_at(&assignment.scenario.executor, *vu));
        let opens_at = assignment.at(opens.unwrap_or_default());
        select! {
            biased;
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => drop(settle(ended)?),
            () = sleep_until(opens_at), if opens.is_some() => {
                if let Some(index) = later.next() {
                    let user = users.user(assignment.index, share.number(index));
                    let stagger = assignment.stagger(&share, index);
                    tasks.spawn_local(repeat(assignment.activate(&share, index, user), budget.clone(), stagger));
                }
                // When many are asked for at once, those that are there must get their turn in between.
                coop::consume_budget().await;
            }
            else => break,
        }
    }
    assignment.drop_unstarted(budget.leave());
    Ok(())
}

/// One VU's iterations, one after another, while a window is open and the budget lasts.
async fn repeat<V: VirtualUser>(mut vu: ActiveVu<V>, budget: Arc<Budget>, stagger: Duration) {
    let assignment = vu.assignment.clone();
    let scenario = &assignment.scenario;
    'windows: for window in window::windows(&scenario.executor, scenario.graceful_stop, vu.index) {
        sleep_until(assignment.at(window.from) + stagger).await;
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
