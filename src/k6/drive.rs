//! Drives a call into a script: does what it asks for, and what it has started, on the worker's event loop.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::api::http::send::{batch, send};
use super::host::Host;
use super::vm::ask::{Ended, Operation};
use super::vm::{Ask, Call, Step, Thrown, Told};
use super::watch::{WRONG, watch};
use crate::load::cohort;

type UnderWay = FuturesUnordered<Pin<Box<dyn Future<Output = (u32, Ended)>>>>;

/// Runs a call to its end. Dropping the future ends the script's work.
pub async fn drive<T>(host: &Rc<Host>, mut call: Call<T>) -> Result<T, Thrown> {
    let mut under_way: Option<UnderWay> = None;
    let mut ended = VecDeque::new();
    let mut told = Told::Go;
    loop {
        let ask = match call.resume(told) {
            Step::Returned(result) => return result,
            Step::Asks(ask) => ask,
        };
        for (id, operation) in host.operations.take_started() {
            under_way.get_or_insert_default().push(Box::pin(operate(host.clone(), id, operation)));
        }
        let exchanges = !matches!(ask, Ask::Pause | Ask::Sleep(_));
        if exchanges {
            cohort::join().await;
        }
        told = match (ask, &mut under_way) {
            (Ask::Any, under_way) => any(under_way, &mut ended).await,
            (ask, None) => answer(host, ask).await,
            (ask, Some(under_way)) => {
                let mut answer = std::pin::pin!(answer(host, ask));
                loop {
                    tokio::select! {
                        told = &mut answer => break told,
                        Some(one) = under_way.next() => ended.push_back(one),
                    }
                }
            }
        };
        if exchanges {
            cohort::join().await;
        }
    }
}

/// The next operation that has ended. Without one under way, a script that waits for it has nothing to wait for.
async fn any(under_way: &mut Option<UnderWay>, ended: &mut VecDeque<(u32, Ended)>) -> Told {
    if let Some((id, one)) = ended.pop_front() {
        return Told::Ended(id, Box::new(one));
    }
    match under_way {
        Some(under_way) => match under_way.next().await {
            Some((id, one)) => Told::Ended(id, Box::new(one)),
            None => Told::Go,
        },
        None => Told::Go,
    }
}

async fn answer(host: &Host, ask: Ask) -> Told {
    match ask {
        Ask::Pause => {
            yield_now().await;
            Told::Go
        }
        Ask::Sleep(time) => {
            sleep(time).await;
            Told::Go
        }
        // Boxed: most of a virtual user's time it waits for no answer.
        Ask::Send(sending) => Told::Answered(Box::pin(send(host, sending)).await),
        Ask::Batch { requests, at_once, of_a_host } => {
            Told::Batch(Box::pin(batch(host, requests, at_once, of_a_host)).await)
        }
        Ask::Any => Told::Go,
    }
}

async fn operate(host: Rc<Host>, id: u32, operation: Operation) -> (u32, Ended) {
    match operation {
        Operation::Timer(time) => {
            sleep(time).await;
            (id, Ended::Timer)
        }
        // Boxed: a timer has no room for it.
        Operation::Send(sending) => (id, Ended::Answered(Box::pin(send(&host, sending)).await)),
    }
}

/// Runs a call to its end on this thread, without an event loop: an init context, which starts nothing. It is ended after
/// `limit`.
///
/// # Errors
/// What it has thrown, or that its time is over.
pub fn drive_here<T>(mut call: Call<T>, limit: Duration) -> Result<T, Thrown> {
    let _watched = watch("the init context", limit, WRONG);
    let began = Instant::now();
    let mut told = Told::Go;
    loop {
        match call.resume(told) {
            Step::Returned(Err(Thrown::Cut)) => {
                let limit = limit.as_secs_f64();
                return Err(Thrown::ours(format!(
                    "the init context was not done within {limit} s; it may loop for ever"
                )));
            }
            Step::Returned(result) => return result,
            Step::Asks(Ask::Sleep(time)) => std::thread::sleep(time.min(limit.saturating_sub(began.elapsed()))),
            Step::Asks(_) => {}
        }
        told = if began.elapsed() < limit { Told::Go } else { Told::Cut };
    }
}
