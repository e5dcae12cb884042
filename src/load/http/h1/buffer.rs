//! Buffers that a worker's connections lend each other: one that waits for its server holds none.

use std::cell::Cell;

/// One read takes at most this much.
const READ_SIZE: usize = 64 * 1024;

/// A buffer that has grown beyond this is not kept.
const MOST_KEPT: usize = 64 * 1024;

thread_local! {
    static READ: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static WRITE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Lends a buffer to read into for the time of the call.
pub(super) fn with_read_buffer<T>(work: impl FnOnce(&mut [u8]) -> T) -> T {
    let mut buffer = READ.take();
    buffer.resize(READ_SIZE, 0);
    let result = work(&mut buffer);
    READ.set(buffer);
    result
}

/// An empty buffer for a request's head.
pub(super) fn take_write_buffer() -> Vec<u8> {
    WRITE.take()
}

/// Gives a buffer back for the next request of whichever connection.
pub(super) fn give_write_buffer(mut buffer: Vec<u8>) {
    if (1..=MOST_KEPT).contains(&buffer.capacity()) {
        buffer.clear();
        WRITE.set(buffer);
    }
}
