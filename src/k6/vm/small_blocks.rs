//! Small blocks of a thread. Those of one size lie together in chunks, whose heads tell it. A block that is freed is the next to be
//! used, by whichever virtual user: it is still in the cache.

use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU64, Ordering};

use libmimalloc_sys as mi;

/// Bytes between two sizes of small blocks.
pub const STEP: usize = 8;

/// Sizes of small blocks: up to 512 bytes.
const SIZES: usize = 64;

/// Bytes that hold small blocks of one size, at a multiple of themselves.
const CHUNK: usize = 16 << 10;

/// Bytes that are asked for at once, at a multiple of themselves: 256 chunks. What is not used yet takes no memory.
const REGION: usize = 4 << 20;

/// Which size a block of so many bytes is to have; none where it is a large one.
#[inline]
pub fn class(bytes: usize) -> Option<usize> {
    let class = bytes.saturating_sub(1) / STEP;
    (class < SIZES).then_some(class)
}

/// Bytes of the blocks of a class.
#[inline]
pub fn bytes(class: usize) -> usize {
    (class + 1) * STEP
}

/// Addresses that there are, of 48 bits, in regions: the address tells whether a block is a small one. Of the bits, only those
/// pages take memory that regions lie in.
static REGIONS: [AtomicU64; (1 << 48) / REGION / 64] = [const { AtomicU64::new(0) }; _];

/// The bit of an address in [`REGIONS`]; none where the address has more than 48 bits.
#[inline]
fn bit(address: usize) -> Option<(&'static AtomicU64, u64)> {
    let region = address / REGION;
    Some((REGIONS.get(region / 64)?, 1 << (region % 64)))
}

/// Whether a block is a small one.
#[inline]
pub fn is_small(block: *mut u8) -> bool {
    // Only its own thread asks, after the region was made: no order is needed.
    bit(block.addr()).is_some_and(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0)
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
pub struct SmallBlocks {
    classes: [Class; SIZES],
    /// Chunks that no class has taken yet.
    untaken: Cell<Range>,
    /// Those that the chunks lie in.
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

impl Default for SmallBlocks {
    fn default() -> Self {
        SmallBlocks {
            classes: std::array::from_fn(|_| Class::default()),
            untaken: Cell::default(),
            regions: RefCell::default(),
        }
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
        let size = bytes(class);
        if let Some(block) = Range::split(unused, size) {
            return block;
        }
        let Some(chunk) = self.chunk() else { return ptr::null_mut() };
        unsafe { chunk.cast::<Head>().write(Head { size }) };
        let head = size_of::<Head>();
        unused.set(Range { from: chunk.wrapping_add(head), bytes: CHUNK - head });
        Range::split(unused, size).unwrap_or(ptr::null_mut())
    }

    fn chunk(&self) -> Option<*mut u8> {
        if let Some(chunk) = Range::split(&self.untaken, CHUNK) {
            return Some(chunk);
        }
        let from: *mut u8 = unsafe { mi::mi_malloc_aligned(REGION, REGION).cast() };
        if from.is_null() {
            return None;
        }
        let Some((word, bit)) = bit(from.addr()) else {
            unsafe { mi::mi_free(from.cast()) };
            return None;
        };
        word.fetch_or(bit, Ordering::Relaxed);
        want_huge_pages(from);
        self.regions.borrow_mut().push(from);
        self.untaken.set(Range { from, bytes: REGION });
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

/// A region is used from one end to the other, by all virtual users of a thread in turn: with a few large pages instead of a
/// thousand small ones, the processor finds its addresses without a search.
fn want_huge_pages(region: *mut u8) {
    #[cfg(target_os = "linux")]
    // A system without them goes on with small ones.
    let _ = unsafe { rustix::mm::madvise(region.cast(), REGION, rustix::mm::Advice::LinuxHugepage) };
    #[cfg(not(target_os = "linux"))]
    let _ = region;
}

impl Drop for SmallBlocks {
    fn drop(&mut self) {
        // No runtime is left that could use them.
        for region in self.regions.take() {
            if let Some((word, bit)) = bit(region.addr()) {
                word.fetch_and(!bit, Ordering::Relaxed);
            }
            unsafe { mi::mi_free(region.cast()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_and_its_size_are_known_by_its_address() {
        let blocks = SmallBlocks::default();
        for size in [1, 8, 9, 511, 512] {
            let block = blocks.take(class(size).unwrap());
            assert!(is_small(block));
            assert_eq!(unsafe { bytes_of(block) }, size.next_multiple_of(STEP));
        }
        assert_eq!(class(513), None);
        let mut elsewhere = 0_u8;
        for other in [ptr::null_mut(), ptr::without_provenance_mut(usize::MAX), &raw mut elsewhere] {
            assert!(!is_small(other));
        }
    }
}
