//! The arrival-rate executors: a clock begins iterations, each on a VU that has nothing else to do.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use tokio::select;
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinSet, coop, yield_now};
use tokio::time::{Instant, sleep_until};

use super::active_vu::ActiveVu;
use super::assignment::Assignment;
use super::pool::VuPool;
use super::share::Share;
use super::{Failure, join, settle};
use crate::load::timer::Timer;
use crate::load::user::{VirtualUser, VirtualUsers};
use crate::measurement::Slot;

/// An iteration with the time at which it is due, and where it belongs.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    pub number: u64,
    pub due: Instant,
    pub slot: Slot,
}

/// How workers hand arrivals to each other's idle VUs. A worker whose arrivals are over drops its senders, so that an
/// inbox closes when nothing can come any more.
#[derive(Debug)]
pub struct Exchange {
    pub pool: Arc<VuPool>,
    pub inbox: mpsc::UnboundedReceiver<Arrival>,
    /// By worker.
    pub senders: Vec<mpsc::UnboundedSender<Arrival>>,
}

/// Starts the worker's own arrivals when they are due, and those that other workers hand over, until all have ended.
pub async fn run<U: VirtualUsers>(
    mut staff: Staff<U>,
    own: impl Iterator<Item = Arrival>,
    mut exchange: Exchange,
    mut timer: Timer,
) -> Result<(), Failure> {
    let mut own = own.peekable();
    let mut inbox_open = true;
    loop {
        let next = own.peek().copied();
        if next.is_none() {
            exchange.senders.clear();
            if !inbox_open {
                break;
            }
        }
        let due = next.map_or(staff.assignment.epoch, |arrival| arrival.due);
        select! {
            biased;
            Some(ended) = staff.tasks.join_next(), if !staff.tasks.is_empty() => drop(settle(ended)?),
            handed = exchange.inbox.recv(), if inbox_open => match handed {
                Some(arrival) => staff.start(arrival),
                None => inbox_open = false,
            },
            woken = timer.sleep_until(due), if next.is_some() => {
                woken?;
                if let Some(arrival) = own.next() {
                    staff.dispatch(arrival, &exchange.senders).await;
                }
                // When many arrivals are late at once, VUs must get their turn in between.
                coop::consume_budget().await;
            }
        }
    }
    staff.dismiss().await
}

/// One worker's VUs of the scenario.
pub struct Staff<U: VirtualUsers> {
    users: Arc<U>,
    share: Share,
    assignment: Rc<Assignment>,
    pool: Arc<VuPool>,
    queue: Rc<Queue>,
    tasks: JoinSet<()>,
}

/// VUs without work, the one that has waited longest first, as in k6.
#[derive(Debug, Default)]
struct Queue {
    waiting: RefCell<VecDeque<Rc<Mailbox>>>,
    /// No arrival will come any more.
    closed: Cell<bool>,
}

/// Where a VU finds its next arrival.
#[derive(Debug, Default)]
struct Mailbox {
    arrival: Cell<Option<Arrival>>,
    notify: Notify,
}

impl Mailbox {
    fn put(&self, arrival: Arrival) {
        self.arrival.set(Some(arrival));
        self.notify.notify_one();
    }

    /// None when the queue is closed.
    async fn next(&self, queue: &Queue) -> Option<Arrival> {
        loop {
            if let Some(arrival) = self.arrival.take() {
                return Some(arrival);
            }
            if queue.closed.get() {
                return None;
            }
            self.notify.notified().await;
        }
    }
}

impl<U: VirtualUsers> Staff<U> {
    /// `planned`: the VUs that are there from the start; the pool has counted them as idle.
    pub fn new(
        users: Arc<U>,
        share: Share,
        assignment: Rc<Assignment>,
        pool: Arc<VuPool>,
        planned: Vec<(u64, U::User)>,
    ) -> Self {
        let (queue, tasks) = (Rc::default(), JoinSet::new());
        let mut staff = Staff { users, share, assignment, pool, queue, tasks };
        for (index, user) in planned {
            let mailbox = staff.employ(index, user);
            staff.queue.waiting.borrow_mut().push_back(mailbox);
        }
        staff
    }

    fn employ(&mut self, index: u64, user: U::User) -> Rc<Mailbox> {
        let mailbox = Rc::new(Mailbox::default());
        let vu = self.assignment.activate(&self.share, index, user);
        self.tasks.spawn_local(serve(vu, mailbox.clone(), self.queue.clone(), self.pool.clone()));
        mailbox
    }

    /// Finds a VU for an arrival that is due: an idle one of this worker, of another, or a new one up to `maxVUs`. Without
    /// any the arrival is dropped for good.
    async fn dispatch(&mut self, arrival: Arrival, senders: &[mpsc::UnboundedSender<Arrival>]) {
        if Instant::now() >= self.assignment.hard_end() {
            return self.assignment.drop_arrival(arrival.slot);
        }
        let worker = self.assignment.worker;
        let mut idle = self.pool.claim(worker);
        if idle.is_none() {
            if let Some(vu) = self.pool.grow().and_then(|place| self.share.vu(place)) {
                return self.hire(vu, arrival);
            }
            // An answer that has come already may set a VU free: it has not had its turn if this worker is late.
            yield_now().await;
            idle = self.pool.claim(worker);
        }
        match idle {
            Some(owner) if owner == worker => self.start(arrival),
            Some(owner) if senders[owner].send(arrival).is_ok() => {}
            _ => self.assignment.drop_arrival(arrival.slot),
        }
    }

    /// Starts an arrival on an idle VU of this worker, which has been claimed for it.
    fn start(&self, arrival: Arrival) {
        match self.queue.waiting.borrow_mut().pop_front() {
            Some(mailbox) => mailbox.put(arrival),
            None => self.assignment.drop_arrival(arrival.slot),
        }
    }

    /// Makes a VU on demand for this arrival.
    fn hire(&mut self, index: u64, arrival: Arrival) {
        let user = self.users.user(self.assignment.index, self.share.number(index));
        self.assignment.gauges.allocated.update(|vus| vus + 1);
        self.employ(index, user).put(arrival);
    }

    /// Lets the VUs go, each after its last iteration.
    async fn dismiss(self) -> Result<(), Failure> {
        self.queue.closed.set(true);
        for mailbox in self.queue.waiting.borrow().iter() {
            mailbox.notify.notify_one();
        }
        join(self.tasks).await
    }
}

/// One VU's iterations, as arrivals come.
async fn serve<V: VirtualUser>(mut vu: ActiveVu<V>, mailbox: Rc<Mailbox>, queue: Rc<Queue>, pool: Arc<VuPool>) {
    let assignment = vu.assignment.clone();
    let mut hard = pin!(sleep_until(assignment.hard_end()));
    while let Some(arrival) = mailbox.next(&queue).await {
        let running = assignment.gauges.run();
        vu.iterate(arrival.number, Some((arrival.due, arrival.slot)), hard.as_mut()).await;
        drop(running);
        queue.waiting.borrow_mut().push_back(mailbox.clone());
        pool.release(assignment.worker);
    }
}
