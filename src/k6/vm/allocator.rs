//! The memory of scripts: the program's own allocator, without a header on each block.

use std::cell::Cell;
use std::rc::Rc;

use libmimalloc_sys as mi;
use rquickjs::allocator::Allocator;

/// QuickJS asks each block for its size again, which mimalloc knows: a header in front of every block, as Rust's own interface
/// to an allocator would need, made a virtual user a fifth larger.
#[derive(Default)]
pub struct Mimalloc {
    /// Bytes that are in use.
    pub used: Rc<Cell<usize>>,
}

impl Mimalloc {
    fn count(&self, block: *mut u8) -> *mut u8 {
        // Of no block the size is 0.
        self.used.set(self.used.get() + unsafe { mi::mi_usable_size(block.cast()) });
        block
    }

    fn discount(&self, block: *mut u8) {
        self.used.set(self.used.get().saturating_sub(unsafe { mi::mi_usable_size(block.cast()) }));
    }
}

// Each function has the contract of mimalloc's, which is what QuickJS asks for.
unsafe impl Allocator for Mimalloc {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        self.count(unsafe { mi::mi_malloc(size).cast() })
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        self.count(unsafe { mi::mi_calloc(count, size).cast() })
    }

    unsafe fn dealloc(&mut self, block: *mut u8) {
        self.discount(block);
        unsafe { mi::mi_free(block.cast()) }
    }

    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8 {
        self.discount(block);
        let moved: *mut u8 = unsafe { mi::mi_realloc(block.cast(), size).cast() };
        // Where there is no memory the block stays.
        self.count(if moved.is_null() { block } else { moved });
        moved
    }

    unsafe fn usable_size(block: *mut u8) -> usize {
        unsafe { mi::mi_usable_size(block.cast()) }
    }
}
