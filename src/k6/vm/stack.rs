//! The stack that scripts run on: one for each thread, however many virtual users it has. What a call has on it is put aside while
//! it waits, and put back, at the same addresses, before it goes on.
//!
//! A stack for each took three pages of memory and a mapping, of which a system has few; and whatever a script called was met at
//! addresses that had left the cache since this virtual user's last turn. What is put aside is three or four kilobytes.

use std::cell::{Cell, RefCell};
use std::io;
use std::mem::MaybeUninit;
use std::rc::Rc;

use corosensei::stack::{DefaultStack, Stack, StackPointer};

/// Bytes of a stack. Only what has been used of it takes memory.
const SIZE: usize = 2 * 1024 * 1024;

/// Bytes of a stack that scripts may use: the rest is for native functions, which don't look.
pub const FOR_SCRIPTS: usize = SIZE - 256 * 1024;

/// Bytes that a call may use beneath the address that it notes before it waits: the rest of that frame, and what the switch to
/// another stack pushes. Where the compiler optimises, that is 48 bytes on x86-64; where it does not, functions of the switch are
/// called, too.
const BENEATH: usize = if cfg!(debug_assertions) { 1024 } else { 256 };

/// Buffers that are kept for what is put aside next: the one that was read last is still in the cache.
const SPARE: usize = 4;

/// This thread's stack.
#[derive(Clone)]
pub struct ScriptStack(Rc<Shared>);

struct Shared {
    /// Windows tells it how far it has grown. Elsewhere it is only to live as long.
    #[cfg_attr(not(windows), expect(dead_code))]
    stack: RefCell<DefaultStack>,
    base: StackPointer,
    limit: StackPointer,
    in_use: Cell<bool>,
    spare: RefCell<Vec<Bytes>>,
}

/// What is on a stack, its padding too.
type Bytes = Vec<MaybeUninit<u8>>;

/// What a call that waits has on the stack.
pub struct Aside(Bytes);

/// The stack is in use until this is dropped.
pub struct InUse(Rc<Shared>);

impl ScriptStack {
    /// # Errors
    /// The system has no address space left.
    pub fn of_thread() -> io::Result<Self> {
        thread_local! {
            static OF_THREAD: RefCell<Option<ScriptStack>> = const { RefCell::new(None) };
        }
        OF_THREAD.with_borrow_mut(|known| {
            if let Some(stack) = known {
                return Ok(stack.clone());
            }
            let stack = DefaultStack::new(SIZE)?;
            let (base, limit) = (stack.base(), stack.limit());
            let stack = RefCell::new(stack);
            let shared = Shared { stack, base, limit, in_use: Cell::default(), spare: RefCell::default() };
            Ok(known.insert(ScriptStack(Rc::new(shared))).clone())
        })
    }

    /// Keeps all others from the stack.
    ///
    /// # Panics
    /// A call is on it: one can't be made or resumed by another.
    pub fn enter(&self) -> InUse {
        assert!(!self.0.in_use.replace(true), "a script was called from within another");
        InUse(self.0.clone())
    }

    /// Takes all off the stack that the call on it has there. `lowest`: an address in the frame that it waits in.
    ///
    /// # Safety
    /// The call waits, and it is resumed only after this was put back.
    pub unsafe fn put_aside(&self, lowest: usize) -> Aside {
        let (limit, base) = (self.limit().get(), self.base().get());
        let from = lowest.saturating_sub(BENEATH).clamp(limit, base);
        let bytes = base - from;
        // One that is much larger would keep memory from others for as long as the call waits.
        let spare = self.0.spare.borrow_mut().pop().filter(|spare| spare.capacity() / 2 <= bytes);
        let mut aside = spare.unwrap_or_default();
        aside.clear();
        aside.reserve_exact(bytes);
        let stack: *const MaybeUninit<u8> = std::ptr::with_exposed_provenance(from);
        unsafe {
            aside.as_mut_ptr().copy_from_nonoverlapping(stack, bytes);
            aside.set_len(bytes);
        }
        Aside(aside)
    }

    /// Puts back what a call had on the stack.
    ///
    /// # Safety
    /// It was put aside from this stack, which no call is on.
    pub unsafe fn put_back(&self, Aside(aside): Aside) {
        let from = self.base().get() - aside.len();
        let stack: *mut MaybeUninit<u8> = std::ptr::with_exposed_provenance_mut(from);
        unsafe { stack.copy_from_nonoverlapping(aside.as_ptr(), aside.len()) };
        let mut spare = self.0.spare.borrow_mut();
        if spare.len() < SPARE {
            spare.push(aside);
        }
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.in_use.set(false);
    }
}

// It is a stack, which lives as long as the coroutines on it.
unsafe impl Stack for ScriptStack {
    fn base(&self) -> StackPointer {
        self.0.base
    }

    fn limit(&self) -> StackPointer {
        self.0.limit
    }

    #[cfg(windows)]
    fn teb_fields(&self) -> corosensei::stack::StackTebFields {
        self.0.stack.borrow().teb_fields()
    }

    #[cfg(windows)]
    fn update_teb_fields(&mut self, stack_limit: usize, guaranteed_stack_bytes: usize) {
        self.0.stack.borrow_mut().update_teb_fields(stack_limit, guaranteed_stack_bytes);
    }
}
