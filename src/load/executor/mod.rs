//! Executors: one worker's part of one scenario, from the first iteration to the last. k6's six, with k6's semantics.
//!
//! Four of them are closed: a VU begins its next iteration when the last has ended ([`closed`]). They differ only in their
//! windows ([`windows`](super::pacer::window::windows)) and in their budget of iterations ([`budget`]). Two are paced by a
//! clock, whatever the target does ([`arrival`]).

mod active_vu;
mod arrival;
mod assignment;
mod budget;
mod closed;
mod pool;
mod share;

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};

use crate::plan::Scenario;

use super::pacer::{Arrivals, Shard, window};
use super::signal::Stop;
use super::timer::Timer;
use super::user::VirtualUsers;
use arrival::Exchange;
use budget::Budget;
use pool::VuPool;

pub(super) use assignment::{Assignment, Gauges};
pub(super) use share::Share;

/// Why a worker could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("a virtual user panicked: {0}")]
    Panicked(String),
    #[error("the timer of a worker failed: {0}; raise the limit of open files (ulimit -n) if it is too low")]
    Timer(#[from] io::Error),
}

impl Failure {
    /// What a caught panic said.
    pub(super) fn of_panic(panic: &(dyn std::any::Any + Send)) -> Self {
        let message = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = message.or_else(|| panic.downcast_ref::<String>().cloned());
        Failure::Panicked(message.unwrap_or_else(|| "without a message".to_owned()))
    }
}

/// What the workers share of one scenario, as one of them holds it.
pub(super) enum Coordination {
    Closed(Arc<Budget>),
    Arrivals(Arrivals, Exchange),
}

/// Deals a scenario out to the workers, one share for each. `offset`: how many VUs the scenarios before it have at most.
pub(super) fn deal(scenario: &Scenario, shard: Shard, offset: u64, workers: usize) -> Vec<(Share, Coordination)> {
    let executor = &scenario.executor;
    let shares: Vec<Share> = (0..workers).map(|worker| Share::new(executor, shard, offset, worker, workers)).collect();
    let stripe = shard.stripe(executor.max_vus());
    let Some(arrivals) = Arrivals::of(executor) else {
        let budget = Arc::new(Budget::new(executor, stripe, workers));
        return shares.into_iter().map(|share| (share, Coordination::Closed(budget.clone()))).collect();
    };
    let max_vus = stripe.map_or(0, |stripe| stripe.count_below(executor.max_vus()));
    let pool = Arc::new(VuPool::new(shares.iter().map(Share::planned).collect(), max_vus));
    let (senders, inboxes): (Vec<_>, Vec<_>) = (0..workers).map(|_| mpsc::unbounded_channel()).unzip();
    let exchange = |inbox| Exchange { pool: pool.clone(), inbox, senders: senders.clone() };
    let coordination = inboxes.into_iter().map(|inbox| Coordination::Arrivals(arrivals.clone(), exchange(inbox)));
    shares.into_iter().zip(coordination).collect()
}

/// A scenario's VUs on one worker. Those that it begins with are made before the load starts, so that making them costs no
/// measured time.
pub(super) struct Crew<U: VirtualUsers> {
    pub users: Arc<U>,
    pub share: Share,
    pub coordination: Coordination,
    /// The VUs that are made before the load, by their index in the scenario.
    pub first: Vec<(u64, U::User)>,
}

impl<U: VirtualUsers> Crew<U> {
    /// Makes the VUs that the scenario begins with, or all of them where they are made first; no more once the run is told to stop.
    pub fn new(
        users: Arc<U>,
        index: usize,
        (share, coordination): (Share, Coordination),
        scenario: &Scenario,
        stop: &Stop,
    ) -> Self {
        let all = users.are_made_first();
        let opens = |vu: &u64| window::opens_at(&scenario.executor, *vu);
        let first = share
            .planned_vus()
            .take_while(|vu| opens(vu).is_some_and(|at| all || at == Duration::ZERO))
            .take_while(|_| stop.cause().is_none())
            .map(|vu| (vu, users.user(index, share.number(vu))))
            .collect();
        Crew { users, share, coordination, first }
    }
}

/// Runs a worker's part of a scenario to its end. Dropping it cuts its iterations off.
///
/// # Errors
/// A VU panicked, or the timer failed.
pub(super) async fn run<U: VirtualUsers>(
    crew: Crew<U>,
    assignment: Rc<Assignment>,
    timer: impl FnOnce() -> io::Result<Timer>,
) -> Result<(), Failure> {
    match crew.coordination {
        Coordination::Closed(budget) => closed::run(crew.users, crew.share, assignment, budget, crew.first).await,
        Coordination::Arrivals(arrivals, exchange) => {
            let due = crew.share.arrivals().into_iter().flat_map(|stripe| stripe.below(arrivals.count()));
            let arrival = |number: u64| {
                let due = arrivals.due(number)?;
                let (at, slot) = (assignment.arrival(due, || arrivals.period(number)), assignment.slot_of(due));
                Some(arrival::Arrival { number, due: at, slot })
            };
            let due = due.filter_map(arrival);
            let staff =
                arrival::Staff::new(crew.users, crew.share, assignment.clone(), exchange.pool.clone(), crew.first);
            arrival::run(staff, due, exchange, timer()?).await
        }
    }
}

/// Waits for all tasks to end.
async fn join(mut tasks: JoinSet<()>) -> Result<(), Failure> {
    while let Some(ended) = tasks.join_next().await {
        settle(ended)?;
    }
    Ok(())
}

/// What a task answered; nothing if it was cancelled, which is done on purpose.
///
/// # Errors
/// It panicked.
pub(super) fn settle<T>(ended: Result<T, JoinError>) -> Result<Option<T>, Failure> {
    match ended.map_err(JoinError::try_into_panic) {
        Ok(answer) => Ok(Some(answer)),
        Err(Err(_cancelled)) => Ok(None),
        Err(Ok(panic)) => Err(Failure::of_panic(&*panic)),
    }
}
