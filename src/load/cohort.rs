//! Cohort scheduling: the virtual users of a worker that are ready together receive one after another, then their scripts go on one
//! after another, then they send one after another. A plan's checks are looked at with the answer: none is counted without them.
//!
//! An answer is read before the scripts of those before it have gone on, so that these are not measured as the target's time. And
//! requests leave together: a server that answers one faster than the next is made would fall asleep after each, and waking it
//! is work of the sender's system. See Larus and Parkes, "Using Cohort-Scheduling to Enhance Server Performance" (USENIX 2002).

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

/// Virtual users that wait for each other at most. The requests of more would leave in one burst, and without a limit a plan with
/// 2,000 busy virtual users sent 15 % fewer of them.
const MOST: usize = 64;

thread_local! {
    /// Those of this thread that wait.
    static WAITING: Cell<usize> = const { Cell::new(0) };
}

/// Waits until the tasks of this thread that are ready now have come as far as they get. Returns at once where many wait
/// already.
pub async fn join() {
    if WAITING.get() >= MOST {
        return;
    }
    let _waiting = Waiting::new();
    let mut asked = false;
    poll_fn(|cx| {
        if asked {
            return Poll::Ready(());
        }
        asked = true;
        // To the end of the event loop's queue. `yield_now` would ask the operating system for events first.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// One that waits, until it is dropped.
struct Waiting;

impl Waiting {
    fn new() -> Waiting {
        WAITING.set(WAITING.get() + 1);
        Waiting
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.set(WAITING.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use futures_util::poll;
    use tokio::task::{JoinSet, LocalSet};

    use super::*;

    /// What so many tasks do that take two steps and join the others in between: the numbers of the tasks, in order.
    fn steps_of(tasks: usize) -> Vec<usize> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let done = Rc::new(RefCell::new(Vec::new()));
        LocalSet::new().block_on(&runtime, async {
            let mut all = JoinSet::new();
            for task in 0..tasks {
                let done = done.clone();
                all.spawn_local(async move {
                    done.borrow_mut().push(task);
                    join().await;
                    done.borrow_mut().push(task);
                });
            }
            all.join_all().await;
        });
        done.take()
    }

    #[test]
    fn those_that_are_ready_take_each_step_together() {
        assert_eq!(steps_of(3), [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn one_that_is_alone_waits_for_nobody() {
        assert_eq!(steps_of(1), [0, 0]);
    }

    #[test]
    fn those_beyond_the_most_do_not_wait() {
        let steps = steps_of(MOST + 2);
        assert_eq!(steps[MOST..MOST + 4], [MOST, MOST, MOST + 1, MOST + 1]);
        assert_eq!(steps[MOST + 4..], Vec::from_iter(0..MOST));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn one_that_is_dropped_leaves_its_place() {
        {
            let mut waiting = std::pin::pin!(join());
            assert!(poll!(&mut waiting).is_pending());
            assert_eq!(WAITING.get(), 1);
        }
        assert_eq!(WAITING.get(), 0);
    }
}
