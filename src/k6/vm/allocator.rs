//! The memory of scripts: small blocks come from lists that all virtual users of a thread share, large ones from the program's
//! own allocator.
//!
//! A request of a script makes more than a hundred blocks, and what they take must be known when they are freed. A header on each
//! made a virtual user a fifth larger; here the address tells.

use std::cell::RefCell;
use std::ptr;
use std::rc::{Rc, Weak};

use libmimalloc_sys as mi;
use rquickjs::allocator::Allocator;

use super::Memory;
use super::small_blocks::{self, STEP, SmallBlocks, is_small};

/// The allocator of one runtime.
pub struct Blocks {
    small: Rc<SmallBlocks>,
    memory: Rc<Memory>,
}

impl Blocks {
    /// Takes blocks from those of this thread, as far as the virtual user's memory goes.
    pub fn of_thread(memory: Rc<Memory>) -> Self {
        thread_local! {
            static SMALL: RefCell<Weak<SmallBlocks>> = const { RefCell::new(Weak::new()) };
        }
        let small = SMALL.with_borrow_mut(|known| {
            known.upgrade().unwrap_or_else(|| {
                let new = Rc::default();
                *known = Rc::downgrade(&new);
                new
            })
        });
        Blocks { small, memory }
    }

    /// A block of so many bytes; null where there is no memory.
    fn make(&self, size: usize, large: impl FnOnce() -> *mut u8) -> *mut u8 {
        if !self.memory.has(size) {
            return ptr::null_mut();
        }
        let (block, bytes) = match small_blocks::class(size) {
            Some(class) => (self.small.take(class), small_blocks::bytes(class)),
            None => {
                let block = large();
                (block, unsafe { mi::mi_usable_size(block.cast()) })
            }
        };
        if !block.is_null() {
            self.memory.count(bytes);
        }
        block
    }
}

// Blocks are as large as was asked, and at a multiple of 8.
unsafe impl Allocator for Blocks {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        self.make(size, || unsafe { mi::mi_malloc(size).cast() })
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        let Some(bytes) = count.checked_mul(size) else { return ptr::null_mut() };
        let block = self.make(bytes, || unsafe { mi::mi_calloc(count, size).cast() });
        if is_small(block) {
            unsafe { ptr::write_bytes(block, 0, bytes) };
        }
        block
    }

    unsafe fn dealloc(&mut self, block: *mut u8) {
        if is_small(block) {
            let size = unsafe { small_blocks::bytes_of(block) };
            self.memory.discount(size);
            unsafe { self.small.give(block, size) };
        } else {
            self.memory.discount(unsafe { mi::mi_usable_size(block.cast()) });
            unsafe { mi::mi_free(block.cast()) };
        }
    }

    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8 {
        let before = unsafe { bytes_of(block) };
        if is_small(block) {
            // A text that is done gives back what it has not used.
            if small_blocks::class(size) == small_blocks::class(before) {
                return block;
            }
        } else if small_blocks::class(size).is_none() {
            if !self.memory.has(size.saturating_sub(before)) {
                return ptr::null_mut();
            }
            let moved: *mut u8 = unsafe { mi::mi_realloc(block.cast(), size).cast() };
            if !moved.is_null() {
                self.memory.discount(before);
                self.memory.count(unsafe { bytes_of(moved) });
            }
            return moved;
        }
        let moved = self.alloc(size);
        // Where there is no memory the block stays.
        if !moved.is_null() && !block.is_null() {
            unsafe {
                ptr::copy_nonoverlapping(block, moved, before.min(size));
                self.dealloc(block);
            }
        }
        moved
    }

    /// QuickJS asks at every turn. It learns nothing of what a small block takes beyond the least: the limit is not its own to
    /// watch, and what it has not to know is not looked up.
    unsafe fn usable_size(block: *mut u8) -> usize {
        match is_small(block) {
            true => STEP,
            false => unsafe { bytes_of(block) },
        }
    }
}

/// Bytes of a block; 0 of none.
///
/// # Safety
/// It is none, or one of [`Blocks`].
unsafe fn bytes_of(block: *mut u8) -> usize {
    match is_small(block) {
        true => unsafe { small_blocks::bytes_of(block) },
        // Of no block it is 0.
        false => unsafe { mi::mi_usable_size(block.cast()) },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 1 << 20;

    fn blocks(limit: usize) -> Blocks {
        Blocks::of_thread(Rc::new(Memory::new(limit)))
    }

    /// A block that the test holds: where, how large, and what every byte of it is.
    struct Held {
        block: *mut u8,
        size: usize,
        mark: u8,
    }

    impl Held {
        fn mark(block: *mut u8, size: usize, mark: u8) -> Self {
            assert_eq!(block.addr() % 8, 0);
            unsafe { ptr::write_bytes(block, mark, size) };
            Held { block, size, mark }
        }

        /// Nothing else has written there.
        fn is_whole(&self, bytes: usize) -> bool {
            let seen = unsafe { std::slice::from_raw_parts(self.block, self.size.min(bytes)) };
            seen.iter().all(|byte| *byte == self.mark)
        }
    }

    proptest! {
        #[test]
        fn blocks_keep_what_is_in_them(steps in prop::collection::vec((0..4_u8, 1..1500_usize, any::<prop::sample::Index>()), 1..300)) {
            let mut blocks = blocks(LIMIT);
            let mut held: Vec<Held> = Vec::new();
            for (mark, (what, size, which)) in steps.into_iter().enumerate() {
                let mark = mark as u8;
                match what {
                    0 => held.push(Held::mark(blocks.alloc(size), size, mark)),
                    1 => {
                        let block = blocks.calloc(1, size);
                        let zeros = Held { block, size, mark: 0 };
                        assert!(zeros.is_whole(size));
                        held.push(Held::mark(block, size, mark));
                    }
                    2 if !held.is_empty() => {
                        let one = held.swap_remove(which.index(held.len()));
                        assert!(one.is_whole(one.size));
                        unsafe { blocks.dealloc(one.block) };
                    }
                    3 if !held.is_empty() => {
                        let one = held.swap_remove(which.index(held.len()));
                        let block = unsafe { blocks.realloc(one.block, size) };
                        assert!(Held { block, ..one }.is_whole(size));
                        held.push(Held::mark(block, size, mark));
                    }
                    _ => {}
                }
            }
            let least: usize = held.iter().map(|one| one.size).sum();
            assert!(blocks.memory.taken() >= least);
            for one in held {
                assert!(one.is_whole(one.size));
                unsafe { blocks.dealloc(one.block) };
            }
            assert_eq!(blocks.memory.taken(), 0);
        }
    }

    #[test]
    fn a_block_that_is_freed_is_the_next_to_be_used() {
        let (mut one, mut other) = (blocks(LIMIT), blocks(LIMIT));
        let block = one.alloc(40);
        unsafe { one.dealloc(block) };
        assert_eq!(other.alloc(33), block);
        unsafe { other.dealloc(block) };
    }

    #[test]
    fn a_text_that_shrinks_by_little_is_not_moved() {
        let mut blocks = blocks(LIMIT);
        let block = blocks.alloc(64);
        assert_eq!(unsafe { blocks.realloc(block, 57) }, block);
        let moved = unsafe { blocks.realloc(block, 56) };
        assert_ne!(moved, block);
        unsafe { blocks.dealloc(moved) };
        assert_eq!(blocks.memory.taken(), 0);
    }

    #[test]
    fn one_virtual_user_does_not_take_the_memory_of_another() {
        let (mut poor, mut rich) = (blocks(0), blocks(LIMIT));
        // What it gets beyond its limit.
        let most = poor.alloc(16 << 20);
        assert!(!most.is_null());
        assert!(poor.alloc(64).is_null());
        assert!(poor.alloc(4096).is_null());
        assert!(unsafe { poor.realloc(most, 17 << 20) }.is_null());
        let block = rich.alloc(64);
        assert!(!block.is_null());
        unsafe {
            rich.dealloc(block);
            poor.dealloc(most);
        }
        let block = poor.alloc(64);
        assert!(!block.is_null());
        unsafe { poor.dealloc(block) };
    }

    #[test]
    fn what_can_not_be_is_refused() {
        let mut blocks = blocks(usize::MAX);
        assert!(blocks.calloc(usize::MAX, 2).is_null());
        assert!(blocks.alloc(isize::MAX as usize).is_null());
        assert_eq!(blocks.memory.taken(), 0);
    }
}
