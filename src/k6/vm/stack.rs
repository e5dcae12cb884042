//! Stacks for coroutines. One that is not in use waits for the next iteration of any virtual user of its thread.

use std::cell::RefCell;
use std::io;

use corosensei::stack::{DefaultStack, Stack};

/// Bytes of a stack. Only what has been used of it takes memory.
const SIZE: usize = 2 * 1024 * 1024;

/// Bytes of a stack that scripts may use: the rest is for native functions, which don't look.
pub const FOR_SCRIPTS: usize = SIZE - 256 * 1024;

/// Stacks that are kept for later. More would only be idle.
const KEPT: usize = 64;

thread_local! {
    static IDLE: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
}

/// A stack for a coroutine.
///
/// # Errors
/// The system has no address space left, or no more mappings (`vm.max_map_count`).
pub fn take() -> io::Result<DefaultStack> {
    IDLE.with_borrow_mut(Vec::pop).map_or_else(|| DefaultStack::new(SIZE), Ok)
}

/// Gives a stack back.
pub fn give(stack: DefaultStack) {
    IDLE.with_borrow_mut(|idle| {
        if idle.len() < KEPT {
            idle.push(stack);
        }
    });
}

/// The bytes of a stack that nothing uses may be given back while its script sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The lowest address, that of the guard page.
    bottom: usize,
}

impl Extent {
    pub fn of(stack: &DefaultStack) -> Self {
        Extent { bottom: stack.limit().get() }
    }

    /// Gives the memory below the current frame back to the system: a request goes deeper than a sleep, and most of a
    /// virtual user's time is sleep. What is called next finds zeroed pages. Must be called on this stack.
    #[cfg(target_os = "linux")]
    pub fn give_back_unused(self) {
        use rustix::mm::{Advice, madvise};
        let here = std::ptr::from_ref(&self).addr();
        let page = rustix::param::page_size();
        // Beneath this frame, with a page between: nothing of it is in use.
        let (from, to) = (self.bottom + page, (here & !(page - 1)).saturating_sub(page));
        if from < to && to - from < SIZE {
            // Whatever is not given back stays as it was.
            let _ = unsafe { madvise(std::ptr::without_provenance_mut(from), to - from, Advice::LinuxDontNeed) };
        }
    }

    /// Other systems reclaim it themselves, if at all.
    #[cfg(not(target_os = "linux"))]
    pub fn give_back_unused(self) {}
}
