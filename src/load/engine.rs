//! Runs a plan's scenarios on worker threads and adds up what they record.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant as StdInstant};

use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::attendance::{Attendance, PATIENCE};
use super::collector::{Collected, Collector};
use super::executor::{self, Failure};
use super::pacer::{ArmClock, Shard};
use super::signal::{Cause, Stop};
use super::user::VirtualUsers;
use super::worker::{self, ArmPost, Message, Post};
use crate::measurement::{Ending, Generator, Grid, Layout, Progress, Tallies};
use crate::pairing::ArmMode;
use crate::plan::Scenario;

/// How the workers' clocks are given a common start: far enough ahead for all of them to hear of it.
const LEAD: Duration = Duration::from_millis(1);

/// How often the run looks whether it was told to stop, or whether its time is over.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What to run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// In the plan's order: a scenario's index here is its index in the layout.
    pub scenarios: Vec<Arc<Scenario>>,
    pub layout: Arc<Layout>,
    /// Threads; see [`default_workers`]. No more are started than there are VUs.
    pub workers: usize,
    pub shard: Shard,
    /// How two arms share the run; not looked at where there is one.
    pub pair: PairOrder,
    /// When the load begins; as soon as the workers are ready where there is none, or it is over.
    pub start_at: Option<jiff::Timestamp>,
}

/// How the arms of a paired run take turns, or go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairOrder {
    pub mode: ArmMode,
    /// Of their random order.
    pub seed: u64,
}

impl Settings {
    /// How much of an arm's schedule has passed at a time since the start of the load: where two arms take turns it is half.
    pub fn passed(&self, arms: usize, since_start: Duration) -> Duration {
        let end = schedule(&self.scenarios);
        // Both arms' turns end within a block of each other.
        self.clocks(arms).iter().map(|clock| clock.passed(end, since_start)).min().unwrap_or_default()
    }

    /// The clocks of so many arms.
    fn clocks(&self, arms: usize) -> Vec<ArmClock> {
        let PairOrder { mode, seed } = self.pair;
        match arms {
            1 => vec![ArmClock::ALONE],
            arms => (0..arms).map(|arm| ArmClock::of_pair(mode, arm, self.layout.grid, seed)).collect(),
        }
    }
}

/// What a run measured.
#[derive(Debug)]
pub struct Finished {
    /// The candidate's samples, then the reference's, if there is one.
    pub arms: Vec<Tallies>,
    pub started_at: jiff::Timestamp,
    /// From the start of the load to the end of its last iteration.
    pub elapsed: Duration,
    pub generator: Generator,
    pub ending: Ending,
}

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(
        "cannot start the worker threads of the load generator: {0}; use fewer workers or raise the process's limits"
    )]
    Start(#[source] io::Error),
    /// With what was measured until then.
    #[error("the load generator failed: {failure}")]
    Worker { failure: Failure, finished: Box<Finished> },
}

/// One worker a core.
pub fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get())
}

/// Runs the scenarios to their end, or until `stop`: the virtual users of one arm, or of two under the same schedule. Blocks;
/// call it outside of a runtime.
///
/// About once a second `observe` learns how the run stands, and `abort` sees all that was measured of the candidate so far: a
/// threshold's name ends the run. Iterations cut off by an early end are counted as interrupted.
///
/// It ends when the last iteration's time is over or soon after `stop`, whatever the iterations do: a worker that one of them
/// keeps busy is left behind, and [`Generator::blocked_workers`] counts it.
///
/// # Errors
/// Threads could not be started, or a worker failed: what all of them measured comes with the error.
pub fn run<U: VirtualUsers>(
    settings: Settings,
    arms: Vec<Arc<U>>,
    stop: Stop,
    mut observe: impl FnMut(&Progress),
    mut abort: impl FnMut(&Tallies, Duration) -> Option<String>,
) -> Result<Finished, EngineError> {
    let clocks = settings.clocks(arms.len());
    let Wiring { posts, messages, recyclers, mut collector } = wire(&settings, arms, &stop, true);
    let (threads, starts) = start_threads(posts, &stop).map_err(EngineError::Start)?;
    let mut start = Start { starts, ready: 0, planned: settings.start_at, at: jiff::Timestamp::now() };
    let mut attendance = Attendance::new(collector.workers());
    let mut failure = None;
    while !attendance.is_over(StdInstant::now()) {
        if stop.cause().is_some() {
            attendance.over_at(StdInstant::now());
        }
        let message = match messages.recv_timeout(LOOK_EVERY) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => {
                attendance.all_ended();
                continue;
            }
        };
        match message {
            Message::Ready => {
                if let Some(epoch) = start.ready() {
                    let scenarios = || settings.scenarios.iter().map(|scenario| &**scenario);
                    let end = clocks.iter().map(|clock| worker::hard_end(*clock, scenarios())).max();
                    attendance.over_at(epoch.into_std() + end.unwrap_or_default());
                }
            }
            Message::Leaving(worker) => attendance.leaving(worker),
            Message::Report(report) => {
                if let Some(progress) = collector.add(&report) {
                    observe(&progress);
                    // A load that is over can't be aborted any more.
                    if !collector.ended()
                        && let Some(threshold) = abort(collector.candidate(), progress.elapsed)
                    {
                        stop.stop(Cause::Aborted { threshold });
                    }
                }
                let recycler = &recyclers[report.worker];
                for mut tallies in report.arms.into_iter().map(|arm| arm.tallies) {
                    tallies.clear();
                    // After a worker's last report nobody takes them back.
                    let _ = recycler.send(tallies);
                }
            }
            Message::Ended(worker, outcome) => {
                attendance.ended(worker);
                if let Err(error) = outcome {
                    stop.stop(Cause::Failed);
                    start.cancel();
                    failure.get_or_insert(error);
                }
            }
        }
    }
    failure = failure.or(threads.join(&attendance));
    let Collected { arms, elapsed, mut generator } = collector.finish();
    generator.blocked_workers = attendance.missing();
    let finished = Finished { arms, started_at: start.at, elapsed, generator, ending: ending(&stop) };
    match failure {
        Some(failure) => Err(EngineError::Worker { failure, finished: Box::new(finished) }),
        None => Ok(finished),
    }
}

/// The common start of all workers, once every one of them is ready.
struct Start {
    starts: Vec<oneshot::Sender<Instant>>,
    ready: usize,
    planned: Option<jiff::Timestamp>,
    at: jiff::Timestamp,
}

impl Start {
    /// One more worker is ready. If it is the last of them, all are given their start.
    fn ready(&mut self) -> Option<Instant> {
        self.ready += 1;
        if self.ready != self.starts.len() {
            return None;
        }
        let now = jiff::Timestamp::now();
        self.at = self.planned.map_or(now, |planned| planned.max(now));
        // Time is told by the clock once, whatever happens to the clock meanwhile.
        let ahead = Duration::try_from(self.at.duration_since(now)).unwrap_or_default();
        let epoch = Instant::now() + ahead.max(LEAD);
        for start in self.starts.drain(..) {
            // A worker that is gone has said so, or will: its end is a message too.
            let _ = start.send(epoch);
        }
        Some(epoch)
    }

    /// Lets the workers that wait for the start go home.
    fn cancel(&mut self) {
        self.starts.clear();
    }
}

fn ending(stop: &Stop) -> Ending {
    match stop.cause() {
        None => Ending::Completed,
        Some(Cause::Aborted { threshold }) => Ending::Aborted { threshold },
        Some(Cause::Interrupted | Cause::Failed) => Ending::Interrupted,
    }
}

/// When the last scenario begins its last iteration.
fn schedule(scenarios: &[Arc<Scenario>]) -> Duration {
    scenarios.iter().map(|scenario| scenario.start_time + scenario.executor.duration()).max().unwrap_or_default()
}

/// What the workers are given, the ends of their lines, and who adds up what they report.
pub(super) struct Wiring<U> {
    pub posts: Vec<Post<U>>,
    pub messages: mpsc::Receiver<Message>,
    /// By worker.
    pub recyclers: Vec<mpsc::Sender<Tallies>>,
    pub collector: Collector,
}

/// Deals the scenarios of every arm out to the workers: all of them have as many virtual users of one arm as of the other.
pub(super) fn wire<U: VirtualUsers>(settings: &Settings, arms: Vec<Arc<U>>, stop: &Stop, precise: bool) -> Wiring<U> {
    let clocks = settings.clocks(arms.len());
    let grid = settings.layout.grid;
    let judged = Grid {
        from: clocks.iter().map(|clock| clock.at(grid.from)).min().unwrap_or_default(),
        to: clocks.iter().map(|clock| clock.end(grid.to)).max().unwrap_or_default(),
        block: grid.block,
    };
    let own = |vus: u64| settings.shard.stripe(vus).map_or(0, |stripe| stripe.count_below(vus));
    let vus: u64 = settings.scenarios.iter().map(|scenario| own(scenario.executor.max_vus())).sum();
    let workers = settings.workers.clamp(1, usize::try_from(vus.max(1)).unwrap_or(usize::MAX));
    let (sender, messages) = mpsc::channel();
    let (recyclers, mut posts): (Vec<_>, Vec<_>) = (0..workers)
        .map(|worker| {
            let (recycler, recycled) = mpsc::channel();
            let post = Post {
                worker,
                scenarios: settings.scenarios.clone(),
                arms: arms
                    .iter()
                    .zip(&clocks)
                    .map(|(users, clock)| ArmPost { users: users.clone(), clock: *clock, shares: Vec::new() })
                    .collect(),
                layout: settings.layout.clone(),
                judged,
                stop: stop.clone(),
                precise,
                messages: sender.clone(),
                recycled,
            };
            (recycler, post)
        })
        .unzip();
    let mut offset = 0;
    for scenario in &settings.scenarios {
        for arm in 0..arms.len() {
            let shares = executor::deal(scenario, settings.shard, offset, workers);
            for (post, share) in posts.iter_mut().zip(shares) {
                post.arms[arm].shares.push(share);
            }
        }
        offset += scenario.executor.max_vus();
    }
    let schedule = schedule(&settings.scenarios);
    let schedule = clocks.iter().map(|clock| clock.end(schedule)).max().unwrap_or_default();
    let collector = Collector::new(&settings.layout, arms.len(), workers, judged, schedule);
    Wiring { posts, messages, recyclers, collector }
}

/// The workers' threads. None of them outlives the run, even if whoever watches it panics, but one that an iteration keeps
/// busy.
struct Threads {
    running: Vec<JoinHandle<()>>,
    stop: Stop,
}

impl Threads {
    /// Waits for those that have ended, and lets the others be; what one of them broke down with.
    fn join(mut self, attendance: &Attendance) -> Option<Failure> {
        let ended = self.running.drain(..).enumerate().filter(|(worker, _)| attendance.has_ended(*worker));
        let ends = ended.map(|(_, thread)| thread.join());
        ends.fold(None, |failure, end| failure.or(end.err().map(|panic| Failure::of_panic(&*panic))))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if self.running.is_empty() {
            return;
        }
        self.stop.stop(Cause::Failed);
        let begun = StdInstant::now();
        while begun.elapsed() < PATIENCE && !self.running.iter().all(JoinHandle::is_finished) {
            thread::sleep(LOOK_EVERY);
        }
    }
}

/// Starts one thread a post. If one of them can't be started, the others end without having done anything.
fn start_threads<U: VirtualUsers>(
    posts: Vec<Post<U>>,
    stop: &Stop,
) -> io::Result<(Threads, Vec<oneshot::Sender<Instant>>)> {
    let runtimes = posts.iter().map(|_| runtime::Builder::new_current_thread().enable_all().build());
    let runtimes = runtimes.collect::<io::Result<Vec<Runtime>>>()?;
    let mut threads = Threads { running: Vec::new(), stop: stop.clone() };
    let mut starts = Vec::new();
    for (post, runtime) in posts.into_iter().zip(runtimes) {
        let (start, started) = oneshot::channel();
        let name = format!("worker {}", post.worker);
        threads.running.push(thread::Builder::new().name(name).spawn(move || worker::work(post, &runtime, started))?);
        starts.push(start);
    }
    Ok((threads, starts))
}

#[cfg(test)]
mod tests;
