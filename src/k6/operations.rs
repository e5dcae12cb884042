//! What a script has started and does not wait for: timers and requests, which go on while it does.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::mem;
use std::time::Duration;

use rquickjs::{Function, Persistent};

use super::vm::ask::Operation;

/// What goes on when an operation has ended: a timer's function, or how a promise is settled.
#[derive(Clone)]
pub struct Then {
    pub done: Persistent<Function<'static>>,
    /// What is called in its place with what went wrong.
    pub failed: Option<Persistent<Function<'static>>>,
}

/// The operations of one virtual user, by their numbers.
#[derive(Default)]
pub struct Operations {
    /// Those that the event loop has not taken yet.
    started: RefCell<Vec<(u32, Operation)>>,
    waiting: RefCell<HashMap<u32, Then>>,
    /// The time between two calls of those that repeat.
    repeating: RefCell<HashMap<u32, Duration>>,
    next: Cell<u32>,
}

impl Operations {
    /// Starts an operation. `then` is called when it has ended.
    pub fn start(&self, operation: Operation, then: Then) -> u32 {
        let id = self.next.get();
        self.next.set(id.wrapping_add(1));
        self.begin(id, operation, then);
        id
    }

    /// Calls a function again and again until it is forgotten.
    pub fn repeat(&self, every: Duration, then: Then) -> u32 {
        let id = self.start(Operation::Timer(every), then);
        self.repeating.borrow_mut().insert(id, every);
        id
    }

    fn begin(&self, id: u32, operation: Operation, then: Then) {
        self.waiting.borrow_mut().insert(id, then);
        self.started.borrow_mut().push((id, operation));
    }

    /// Those that were started since this was called last.
    pub fn take_started(&self) -> Vec<(u32, Operation)> {
        mem::take(&mut self.started.borrow_mut())
    }

    /// Nothing is under way whose end is of interest.
    pub fn is_idle(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    /// An operation has ended: what goes on now; nothing where it was forgotten. One that repeats begins once more.
    pub fn ended(&self, id: u32) -> Option<Then> {
        let then = self.waiting.borrow_mut().remove(&id)?;
        let every = self.repeating.borrow().get(&id).copied();
        if let Some(every) = every {
            self.begin(id, Operation::Timer(every), then.clone());
        }
        Some(then)
    }

    /// An operation that has not ended is of no interest any more.
    pub fn forget(&self, id: u32) {
        self.repeating.borrow_mut().remove(&id);
        self.waiting.borrow_mut().remove(&id);
    }

    /// Forgets all that the iteration has left behind.
    pub fn clear(&self) {
        self.started.borrow_mut().clear();
        self.waiting.borrow_mut().clear();
        self.repeating.borrow_mut().clear();
    }
}
