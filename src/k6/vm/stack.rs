//! Stacks for coroutines. One that is not in use waits for the next iteration of any virtual user of its thread.

use std::cell::RefCell;
use std::io;

use corosensei::stack::DefaultStack;

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
