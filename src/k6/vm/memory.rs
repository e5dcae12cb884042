//! What a virtual user's script takes: QuickJS's blocks, and what native objects hold for it. A response takes 100 bytes of
//! QuickJS and may keep a megabyte.
//!
//! Where QuickJS gets no memory, what it does is not safe everywhere: a promise that can't be made is freed twice. So a script
//! that has taken what it may is ended when QuickJS asks whether it must stop, and until then gets more.

use std::cell::Cell;
use std::ptr::NonNull;
use std::rc::Rc;

use rquickjs::{Ctx, Exception, qjs};

/// Bytes that a script gets beyond its limit until QuickJS asks whether it must stop: it does so at least every 10,000 calls and
/// turns of loops. Only what takes more at once meets the end of it.
const RESERVE: usize = 16 << 20;

/// The memory of one virtual user's script.
pub struct Memory {
    limit: usize,
    /// Bytes that there were in the beginning, and that are left: neither in use by the runtime nor held. What is rounded up may
    /// take more than was left.
    all: isize,
    left: Cell<isize>,
    /// Bytes that native objects hold.
    held: Cell<usize>,
    /// As much was held when cycles of garbage were last collected, and some more: then it is worth it again.
    collect_at: Cell<usize>,
    /// None before there is one, and after.
    runtime: Cell<Option<NonNull<qjs::JSRuntime>>>,
}

/// Bytes that count until this is dropped.
pub struct Held {
    memory: Rc<Memory>,
    bytes: usize,
}

impl Memory {
    /// `limit`: bytes that the script may take, its own and those that are held for it.
    pub fn new(limit: usize) -> Self {
        let all = isize::try_from(limit.saturating_add(RESERVE)).unwrap_or(isize::MAX);
        Memory {
            limit,
            all,
            left: Cell::new(all),
            held: Cell::default(),
            collect_at: Cell::new(limit / 4),
            runtime: Cell::default(),
        }
    }

    /// Bytes that the script has taken in all.
    pub(super) fn taken(&self) -> usize {
        self.all.abs_diff(self.left.get())
    }

    /// Whether so many bytes more are there for the runtime.
    #[inline]
    pub(super) fn has(&self, bytes: usize) -> bool {
        usize::try_from(self.left.get()).is_ok_and(|left| bytes <= left)
    }

    /// So many bytes were taken.
    #[inline]
    pub(super) fn count(&self, bytes: usize) {
        self.left.set(self.left.get().wrapping_sub_unsigned(bytes));
    }

    /// So many bytes were given back.
    #[inline]
    pub(super) fn discount(&self, bytes: usize) {
        self.left.set(self.left.get().wrapping_add_unsigned(bytes));
    }

    /// Whether the script has taken more than it may, besides garbage.
    pub fn is_exceeded(&self) -> bool {
        if self.taken() <= self.limit {
            return false;
        }
        self.collect();
        self.taken() > self.limit
    }

    fn collect(&self) {
        if let Some(runtime) = self.runtime.get() {
            unsafe { qjs::JS_RunGC(runtime.as_ptr()) };
        }
    }

    /// Whose garbage is collected from now on; none's any more.
    ///
    /// # Safety
    /// The runtime lives until this is called again.
    pub(super) unsafe fn follow(&self, runtime: Option<NonNull<qjs::JSRuntime>>) {
        self.runtime.set(runtime);
    }

    /// Counts so many bytes as the script's.
    ///
    /// # Errors
    /// An exception: it has taken all that it may.
    pub fn hold(self: &Rc<Self>, ctx: &Ctx<'_>, bytes: usize) -> rquickjs::Result<Held> {
        if self.held.get().saturating_add(bytes) > self.collect_at.get() {
            self.collect();
            let held = self.held.get().saturating_add(bytes);
            self.collect_at.set((held + held / 2).max(self.limit / 4));
        }
        let held = self.held.get().saturating_add(bytes);
        if held > self.limit {
            return Err(Exception::throw_internal(ctx, "out of memory"));
        }
        self.held.set(held);
        self.count(bytes);
        Ok(Held { memory: self.clone(), bytes })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.memory.held.set(self.memory.held.get().saturating_sub(self.bytes));
        self.memory.discount(self.bytes);
    }
}
