//! Small blocks of a thread. Those of one size lie together in chunks, whose heads tell it. A block that is freed is the next to be
//! used, by whichever virtual user: it is still in the cache.
//!
//! They begin 8 bytes after a multiple of 16, where no large block does: the address tells which of the two a block is.

use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};

use libmimalloc_sys as mi;

/// Bytes between two sizes of small blocks.
pub const STEP: usize = 16;

/// Sizes of small blocks: up to 512 bytes.
const SIZES: usize = 32;

/// Bytes that hold small blocks of one size, at a multiple of themselves.
const CHUNK: usize = 16 << 10;

/// Where a chunk's first block begins.
const FIRST: usize = STEP + STEP / 2;

/// Chunks that are asked for at once: mimalloc rounds what is up to 512 KiB up by as much as a quarter. What is not used yet takes no
/// memory.
const CHUNKS: usize = 256;

/// Which size a block of so many bytes is to have; none where it is a large one.
#[inline]
pub fn class(bytes: usize) -> Option<usize> {
    let class = bytes.saturating_sub(1) / STEP;
    (class < SIZES).then_some(class)
}

/// Whether a block is a small one: large ones are mimalloc's, who puts all of 16 bytes and more at a multiple of 16.
#[inline]
pub fn is_small(block: *mut u8) -> bool {
    block.addr() % STEP == STEP / 2
}

/// Bytes of a small block.
///
/// # Safety
/// It is one.
#[inline]
pub unsafe fn bytes_of(block: *mut u8) -> usize {
    let chunk: *mut Head = block.map_addr(|address| address & !(CHUNK - 1)).cast();
    unsafe { (*chunk).size }
}

/// The beginning of a chunk.
struct Head {
    /// Bytes of each of its blocks.
    size: usize,
}

/// A block that is not in use holds the next one.
type Free = Option<NonNull<Next>>;

struct Next(Free);

/// The small blocks of a thread.
#[derive(Default)]
pub struct SmallBlocks {
    classes: [Class; SIZES],
    /// Chunks that no class has taken yet.
    untaken: Cell<Range>,
    /// What the chunks lie in.
    regions: RefCell<Vec<*mut u8>>,
}

/// The blocks of a size.
#[derive(Default)]
struct Class {
    free: Cell<Free>,
    /// Where blocks lie that were never in use.
    unused: Cell<Range>,
}

/// Addresses from one to another.
#[derive(Clone, Copy)]
struct Range {
    from: *mut u8,
    bytes: usize,
}

impl Default for Range {
    fn default() -> Self {
        Range { from: ptr::null_mut(), bytes: 0 }
    }
}

impl Range {
    /// Its beginning; none where it is shorter.
    fn split(cell: &Cell<Range>, bytes: usize) -> Option<*mut u8> {
        let Range { from, bytes: all } = cell.get();
        let rest = all.checked_sub(bytes)?;
        cell.set(Range { from: from.wrapping_add(bytes), bytes: rest });
        Some(from)
    }
}

impl SmallBlocks {
    /// A block; null where there is no memory.
    #[inline]
    pub fn take(&self, class: usize) -> *mut u8 {
        let Class { free, .. } = &self.classes[class];
        match free.get() {
            Some(block) => {
                free.set(unsafe { block.as_ref() }.0);
                block.as_ptr().cast()
            }
            None => self.unused(class),
        }
    }

    /// A block that was never in use.
    #[cold]
    fn unused(&self, class: usize) -> *mut u8 {
        let Class { unused, .. } = &self.classes[class];
        let size = (class + 1) * STEP;
        if let Some(block) = Range::split(unused, size) {
            return block;
        }
        let Some(chunk) = self.chunk() else { return ptr::null_mut() };
        unsafe { chunk.cast::<Head>().write(Head { size }) };
        unused.set(Range { from: chunk.wrapping_add(FIRST), bytes: CHUNK - FIRST });
        Range::split(unused, size).unwrap_or(ptr::null_mut())
    }

    fn chunk(&self) -> Option<*mut u8> {
        if let Some(chunk) = Range::split(&self.untaken, CHUNK) {
            return Some(chunk);
        }
        let from: *mut u8 = unsafe { mi::mi_malloc_aligned(CHUNK * CHUNKS, CHUNK).cast() };
        if from.is_null() {
            return None;
        }
        self.regions.borrow_mut().push(from);
        self.untaken.set(Range { from, bytes: CHUNK * CHUNKS });
        Range::split(&self.untaken, CHUNK)
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// It is one of this thread's small blocks, of this size, and nothing uses it any more.
    #[inline]
    pub unsafe fn give(&self, block: *mut u8, size: usize) {
        let Class { free, .. } = &self.classes[size / STEP - 1];
        let block: *mut Next = block.cast();
        unsafe { block.write(Next(free.get())) };
        free.set(NonNull::new(block));
    }
}

impl Drop for SmallBlocks {
    fn drop(&mut self) {
        // No runtime is left that could use them.
        for region in self.regions.take() {
            unsafe { mi::mi_free(region.cast()) };
        }
    }
}
