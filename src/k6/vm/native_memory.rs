//! Memory that native objects hold for a script counts as the script's, too: a response takes 100 bytes of QuickJS and may
//! keep a megabyte.
//!
//! What is held makes the runtime's own limit smaller, so that both together stay beneath what one virtual user may take.
//!
//! Where QuickJS gets no memory, what it does is not safe everywhere: a promise that can't be made is freed twice. So a script
//! that has taken what it may is ended when QuickJS asks whether it must stop, and until then gets more.

use std::cell::Cell;
use std::ptr::NonNull;
use std::rc::Rc;

use rquickjs::{Ctx, Exception, qjs};

/// Bytes that a script gets beyond its limit until QuickJS asks whether it must stop: it does so at least every 10,000 calls and
/// turns of loops. Only what takes more at once meets the end of it.
pub const RESERVE: usize = 16 << 20;

/// The memory of one virtual user's script.
pub struct NativeMemory {
    limit: usize,
    /// Bytes that the runtime has in use.
    used: Rc<Cell<usize>>,
    held: Cell<usize>,
    /// As much was held when cycles of garbage were last collected, and some more: then it is worth it again.
    collect_at: Cell<usize>,
    /// None before there is one, and after.
    runtime: Cell<Option<NonNull<qjs::JSRuntime>>>,
}

/// Bytes that count until this is dropped.
pub struct Held {
    memory: Rc<NativeMemory>,
    bytes: usize,
}

impl NativeMemory {
    /// `limit`: bytes that the script may take, its own and those that are held for it.
    pub fn new(limit: usize) -> Self {
        NativeMemory {
            limit,
            used: Rc::default(),
            held: Cell::default(),
            collect_at: Cell::new(limit / 4),
            runtime: Cell::default(),
        }
    }

    /// Where the runtime's allocator counts what is in use.
    pub(super) fn used(&self) -> Rc<Cell<usize>> {
        self.used.clone()
    }

    /// Whether the script has taken more than it may, besides garbage.
    pub fn is_exceeded(&self) -> bool {
        let is_more = || self.used.get().saturating_add(self.held.get()) > self.limit;
        if !is_more() {
            return false;
        }
        if let Some(runtime) = self.runtime.get() {
            unsafe { qjs::JS_RunGC(runtime.as_ptr()) };
        }
        is_more()
    }

    /// From now on the runtime's limit follows, or no runtime's does any more.
    ///
    /// # Safety
    /// The runtime lives until this is called again.
    pub(super) unsafe fn follow(&self, runtime: Option<NonNull<qjs::JSRuntime>>) {
        self.runtime.set(runtime);
    }

    fn change(&self, held: usize) {
        self.held.set(held);
        if let Some(runtime) = self.runtime.get() {
            // A limit of 0 would be none.
            unsafe {
                qjs::JS_SetMemoryLimit(
                    runtime.as_ptr(),
                    self.limit.saturating_add(RESERVE).saturating_sub(held).max(1) as _,
                )
            };
        }
    }

    /// Counts so many bytes as the script's.
    ///
    /// # Errors
    /// An exception: it has taken all that it may.
    pub fn hold(self: &Rc<Self>, ctx: &Ctx<'_>, bytes: usize) -> rquickjs::Result<Held> {
        if self.held.get().saturating_add(bytes) > self.collect_at.get() {
            if let Some(runtime) = self.runtime.get() {
                unsafe { qjs::JS_RunGC(runtime.as_ptr()) };
            }
            let held = self.held.get().saturating_add(bytes);
            self.collect_at.set((held + held / 2).max(self.limit / 4));
        }
        let held = self.held.get().saturating_add(bytes);
        if held > self.limit {
            return Err(Exception::throw_internal(ctx, "out of memory"));
        }
        self.change(held);
        Ok(Held { memory: self.clone(), bytes })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.memory.change(self.memory.held.get().saturating_sub(self.bytes));
    }
}
