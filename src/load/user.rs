//! The seam between the schedule and the work: executors know when an iteration is due, a virtual user knows what it does.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::measurement::{IterationEnd, Recorder, Slot};

/// Runs iterations, one at a time. It lives on one worker thread and never moves, so it needs no `Send`.
///
/// An iteration whose time is over is cut off by dropping the future; what it recorded stays.
pub trait VirtualUser {
    /// Runs one iteration.
    fn iterate(&mut self, context: &mut Context) -> impl Future<Output = IterationEnd>;

    /// Whether no further iteration could do anything (its data is used up): a closed executor then lets the user go, rather
    /// than have it end empty iterations as fast as it can.
    fn is_spent(&self) -> bool {
        false
    }
}

/// Makes virtual users, each on the worker thread that will run it.
pub trait VirtualUsers: Send + Sync + 'static {
    type User: VirtualUser + 'static;

    /// The user with this number (from 1, unique in the run) for a scenario, by its index in the plan.
    fn user(&self, scenario: usize, vu: u64) -> Self::User;

    /// Whether all that a scenario plans are made before the load begins, as k6 does it, rather than each when it is asked for:
    /// where making one holds up its worker for longer than the others can wait.
    fn are_made_first(&self) -> bool {
        false
    }
}

/// What an iteration knows of the run.
#[derive(Clone, Debug)]
pub struct Context {
    /// Index of the scenario in the plan.
    pub scenario: usize,
    /// The virtual user's number, from 1, unique in the run.
    pub vu: u64,
    /// The iteration's number in its scenario, from 0, unique whatever worker or shard runs it.
    pub iteration: u64,
    /// The virtual user's own count of iterations, from 0.
    pub vu_iteration: u64,
    /// Where the iteration's samples belong.
    pub slot: Slot,
    /// How late the iteration began; arrival-rate executors only.
    pub schedule_lag: Option<Duration>,
    /// The start of the load.
    pub epoch: Instant,
    /// The worker's recorder. Borrow it only to record, never across an await.
    pub recorder: Rc<RefCell<Recorder>>,
}
