//! The server's limit of streams at once: a request over it waits until another has ended.

use std::cell::Cell;

use tokio::sync::Notify;

/// Counts the streams of a connection. h2 keeps to the limit too, but queues what is over it without telling.
#[derive(Debug, Default)]
pub(super) struct Gate {
    open: Cell<usize>,
    waiting: Cell<usize>,
    freed: Notify,
}

/// A stream's place, given back when it is dropped.
pub(super) struct Place<'a> {
    gate: &'a Gate,
    /// There was none at first.
    pub waited: bool,
}

impl Gate {
    /// Waits until fewer than `limit` streams are open; `limit` fails where the connection is gone.
    pub async fn enter<E>(&self, mut limit: impl FnMut() -> Result<usize, E>) -> Result<Place<'_>, E> {
        let mut waited = false;
        loop {
            let limit = limit()?;
            if self.open.get() < limit && (waited || self.waiting.get() == 0) {
                self.open.set(self.open.get() + 1);
                return Ok(Place { gate: self, waited });
            }
            waited = true;
            let _waiting = Waiting::new(&self.waiting);
            self.freed.notified().await;
        }
    }

    /// Whether a request waits for a place.
    pub fn is_awaited(&self) -> bool {
        self.waiting.get() > 0
    }

    /// The limit may be higher than it was.
    pub fn limit_is(&self, limit: usize) {
        if self.open.get() < limit {
            self.freed.notify_waiters();
        }
    }

    /// The connection is gone: who waits will find that out.
    pub fn close(&self) {
        self.freed.notify_waiters();
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.gate.open.set(self.gate.open.get() - 1);
        if self.gate.is_awaited() {
            self.gate.freed.notify_one();
        }
    }
}

/// One who waits, also if it is dropped meanwhile.
struct Waiting<'a>(&'a Cell<usize>);

impl<'a> Waiting<'a> {
    fn new(count: &'a Cell<usize>) -> Waiting<'a> {
        count.set(count.get() + 1);
        Waiting(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn entered<'a>(future: Pin<&mut impl Future<Output = Result<Place<'a>, Infallible>>>) -> Option<Place<'a>> {
        match poll(future) {
            Poll::Ready(Ok(place)) => Some(place),
            Poll::Pending => None,
        }
    }

    #[test]
    fn who_comes_late_waits_for_a_place_in_turn() {
        let gate = Gate::default();
        let two = || Ok::<usize, Infallible>(2);
        let first = entered(pin!(gate.enter(two))).unwrap();
        let _second = entered(pin!(gate.enter(two))).unwrap();
        assert!(!first.waited && !gate.is_awaited());
        let mut third = pin!(gate.enter(two));
        assert!(entered(third.as_mut()).is_none() && gate.is_awaited());
        assert!(entered(pin!(gate.enter(two))).is_none(), "it gives up");
        drop(first);
        assert!(entered(pin!(gate.enter(two))).is_none(), "it is the third's place");
        let third = entered(third).unwrap();
        assert!(third.waited && !gate.is_awaited());
    }

    #[test]
    fn a_higher_limit_and_the_end_are_told() {
        let gate = Gate::default();
        let limit = Cell::new(Ok(0));
        let mut waiting = pin!(gate.enter(|| limit.get()));
        assert!(poll(waiting.as_mut()).is_pending());
        limit.set(Ok(1));
        gate.limit_is(1);
        assert!(matches!(poll(waiting.as_mut()), Poll::Ready(Ok(Place { waited: true, .. }))));
        limit.set(Ok(0));
        let mut waiting = pin!(gate.enter(|| limit.get()));
        assert!(poll(waiting.as_mut()).is_pending());
        limit.set(Err("gone"));
        gate.close();
        assert!(matches!(poll(waiting), Poll::Ready(Err("gone"))));
    }
}
