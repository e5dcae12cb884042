//! A virtual user at work: it runs iterations and records how they ended.

use std::pin::Pin;
use std::rc::Rc;

use tokio::select;
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep};

use super::assignment::Assignment;
use crate::load::user::{Context, VirtualUser};
use crate::measurement::{IterationEnd, Slot};

/// A virtual user with what it knows of the run.
#[derive(Debug)]
pub struct ActiveVu<V> {
    /// In its scenario, from 0.
    pub index: u64,
    /// Iterations begun.
    pub begun: u64,
    pub assignment: Rc<Assignment>,
    user: V,
    context: Context,
}

impl<V> ActiveVu<V> {
    pub fn new(index: u64, user: V, context: Context, assignment: Rc<Assignment>) -> Self {
        ActiveVu { index, begun: 0, assignment, user, context }
    }
}

impl<V: VirtualUser> ActiveVu<V> {
    /// Runs one iteration and records it. It is cut off when `hard` fires, or when this future is dropped: either way it is
    /// counted as interrupted. `due`: when it should have begun and where it belongs, if a clock paces it, so that a late
    /// generator moves none of its samples into another block.
    pub async fn iterate(&mut self, number: u64, due: Option<(Instant, Slot)>, hard: Pin<&mut Sleep>) {
        let started = Instant::now();
        let slot = due.map_or_else(|| self.assignment.slot_at(started), |(_, slot)| slot);
        let lag = due.map(|(due, _)| started.saturating_duration_since(due));
        if let Some(lag) = lag {
            let assignment = &self.assignment;
            assignment.recorder.borrow_mut().schedule_lag(slot, assignment.index, lag, assignment.submetrics());
        }
        self.context.iteration = number;
        self.context.vu_iteration = self.begun;
        self.context.slot = slot;
        self.context.schedule_lag = lag;
        self.begun += 1;
        let mut iteration = Iteration { assignment: &self.assignment, slot, started, end: IterationEnd::Interrupted };
        iteration.end = select! {
            biased;
            end = self.user.iterate(&mut self.context) => end,
            // Whatever the iteration has left of the task's budget: one that reads an answer without end leaves nothing.
            () = unconstrained(hard) => IterationEnd::Interrupted,
        };
    }

    /// See [`VirtualUser::is_spent`].
    pub fn is_spent(&self) -> bool {
        self.user.is_spent()
    }
}

/// An iteration that has begun. It is recorded when it is dropped, whatever dropped it.
struct Iteration<'a> {
    assignment: &'a Assignment,
    slot: Slot,
    started: Instant,
    end: IterationEnd,
}

impl Drop for Iteration<'_> {
    fn drop(&mut self) {
        let assignment = self.assignment;
        let mut recorder = assignment.recorder.borrow_mut();
        recorder.iteration(self.slot, assignment.index, self.started.elapsed(), &self.end, assignment.submetrics());
    }
}
