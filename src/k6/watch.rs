//! Ends the process where a script's work can't be ended. QuickJS asks now and then whether it must stop, but not in all of its
//! own loops (`Array(2 ** 32 - 1).indexOf(1)`), and no thread can be ended from outside.
//!
//! During the load a worker that is kept busy is left behind. Before and after it, everybody waits for the one script.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long after its time a script may take until it has noticed.
const PATIENCE: Duration = Duration::from_secs(2);

/// The exit code for a script that is wrong: nothing was sent.
pub const WRONG: i32 = 2;

/// The exit code for what could not be done.
pub const NOT_DONE: i32 = 4;

/// Work that is watched until this is dropped.
pub struct Watched(u64);

struct Work {
    latest: Instant,
    limit: Duration,
    what: &'static str,
    code: i32,
}

#[derive(Default)]
struct Watch {
    is_running: bool,
    /// When it looks again; none while there is nothing to look at.
    looks_at: Option<Instant>,
    next: u64,
    work: BTreeMap<u64, Work>,
}

static WATCH: (Mutex<Watch>, Condvar) = (Mutex::new(Watch::new()), Condvar::new());

impl Watch {
    const fn new() -> Self {
        Watch { is_running: false, looks_at: None, next: 0, work: BTreeMap::new() }
    }
}

/// Ends the process with `code` where the work, `what`, goes on well after its `limit`.
pub fn watch(what: &'static str, limit: Duration, code: i32) -> Watched {
    let (watch, changed) = &WATCH;
    let mut watch = lock(watch);
    let Some(latest) = Instant::now().checked_add(limit.saturating_add(PATIENCE)) else { return Watched(u64::MAX) };
    let number = watch.next;
    watch.next += 1;
    watch.work.insert(number, Work { latest, limit, what, code });
    if !watch.is_running {
        // Without a thread, nothing is watched: what else is to be done needs threads, too, and will say so.
        watch.is_running = thread::Builder::new().name("watch".into()).spawn(look).is_ok();
    } else if watch.looks_at.is_none_or(|at| latest < at) {
        changed.notify_one();
    }
    Watched(number)
}

impl Drop for Watched {
    fn drop(&mut self) {
        lock(&WATCH.0).work.remove(&self.0);
    }
}

fn lock(watch: &Mutex<Watch>) -> MutexGuard<'_, Watch> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}

fn look() {
    let (watch, changed) = &WATCH;
    let mut watch = lock(watch);
    loop {
        let now = Instant::now();
        if let Some(work) = watch.work.values().find(|work| work.latest <= now) {
            end(work);
        }
        watch.looks_at = watch.work.values().map(|work| work.latest).min();
        watch = match watch.looks_at {
            None => changed.wait(watch).unwrap_or_else(PoisonError::into_inner),
            Some(at) => changed.wait_timeout(watch, at - now).unwrap_or_else(PoisonError::into_inner).0,
        };
    }
}

fn end(work: &Work) -> ! {
    let Work { limit, what, code, .. } = work;
    let limit = limit.as_secs_f64();
    // Standard error may be closed, which is no reason to go on.
    let _ = writeln!(
        io::stderr(),
        "loadgate: {what} was not done within {limit} s, and can't be ended: it is in one call that lasts, such as indexOf() \
         of a huge array; find and shorten it"
    );
    std::process::exit(*code)
}
