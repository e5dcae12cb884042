//! The memory that large bodies share.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

/// A body of at most this size takes nothing of what all large ones share.
const SMALL: usize = 64 * 1024;

/// What all large bodies of the process have together: ten thousand virtual users must not fill the memory because a server
/// sends each of them a body of the largest size that is kept.
pub(super) static LARGE_BODIES: Budget = Budget { most: 256 * 1024 * 1024, taken: AtomicUsize::new(0) };

/// Bytes of memory that several share.
#[derive(Debug)]
pub(super) struct Budget {
    pub most: usize,
    pub taken: AtomicUsize,
}

/// What a large body takes of a budget, until it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    pub budget: &'static Budget,
    bytes: usize,
}

impl Share {
    pub fn none_of(budget: &'static Budget) -> Share {
        Share { budget, bytes: 0 }
    }

    /// Takes what a body of this size needs; false where there is not enough left.
    pub fn grow(&mut self, size: usize) -> bool {
        let more = size.saturating_sub(self.bytes);
        if size <= SMALL || more == 0 {
            return true;
        }
        if self.budget.taken.fetch_add(more, Ordering::Relaxed).saturating_add(more) > self.budget.most {
            self.budget.taken.fetch_sub(more, Ordering::Relaxed);
            return false;
        }
        self.bytes += more;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.budget.taken.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}

/// A large body with its share, which is given back when the last copy of it is gone.
struct Large {
    bytes: Vec<u8>,
    _share: Share,
}

impl AsRef<[u8]> for Large {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The body; none where all large ones together would be too much.
pub(super) fn keep(bytes: Vec<u8>, mut share: Share) -> Option<Bytes> {
    if !share.grow(bytes.capacity()) {
        return None;
    }
    Some(if share.bytes > 0 { Bytes::from_owner(Large { bytes, _share: share }) } else { bytes.into() })
}
