//! The memory of scripts: the program's own allocator, without a header on each block.

use libmimalloc_sys as mi;
use rquickjs::allocator::Allocator;

/// QuickJS asks each block for its size again, which mimalloc knows: a header in front of every block, as Rust's own interface
/// to an allocator would need, made a virtual user a fifth larger.
pub struct Mimalloc;

// Each function has the contract of mimalloc's, which is what QuickJS asks for.
unsafe impl Allocator for Mimalloc {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        unsafe { mi::mi_malloc(size).cast() }
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        unsafe { mi::mi_calloc(count, size).cast() }
    }

    unsafe fn dealloc(&mut self, block: *mut u8) {
        unsafe { mi::mi_free(block.cast()) }
    }

    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8 {
        unsafe { mi::mi_realloc(block.cast(), size).cast() }
    }

    unsafe fn usable_size(block: *mut u8) -> usize {
        unsafe { mi::mi_usable_size(block.cast()) }
    }
}
