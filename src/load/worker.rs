//! A worker: one thread with its own runtime, its own VUs and its own recorder. It shares nothing on the way of a request.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::select;
use tokio::sync::oneshot;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::executor::{self, Assignment, Coordination, Crew, Failure, Gauges, Share};
use super::machine::thread_cpu_time;
use super::pacer::ArmClock;
use super::pulse::{Pulse, beat};
use super::signal::Stop;
use super::timer::Timer;
use super::user::VirtualUsers;
use crate::measurement::{Grid, Layout, Recorder, Tallies};
use crate::plan::Scenario;

/// How long after the last iteration's time a worker with many of them may take to cut them off one by one; then it drops what
/// is left at once, and all of it still counts as interrupted.
const CLEAN_UP: Duration = Duration::from_millis(400);
/// How often a worker hands over what it recorded.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// What a worker is given to do.
pub(super) struct Post<U> {
    pub worker: usize,
    pub scenarios: Vec<Arc<Scenario>>,
    /// The candidate's work, then the reference's, if there is one.
    pub arms: Vec<ArmPost<U>>,
    pub layout: Arc<Layout>,
    /// The judged phase, as time since the start of the load.
    pub judged: Grid,
    pub stop: Stop,
    /// False in tests that run in virtual time.
    pub precise: bool,
    pub messages: mpsc::Sender<Message>,
    /// Empty tallies that come back after they were added up.
    pub recycled: mpsc::Receiver<Tallies>,
}

/// One arm's part of it.
pub(super) struct ArmPost<U> {
    pub users: Arc<U>,
    pub clock: ArmClock,
    /// The worker's share of each scenario.
    pub shares: Vec<(Share, Coordination)>,
}

/// What a worker tells the run.
#[derive(Debug)]
pub(super) enum Message {
    /// Its VUs are made: it waits for the start of the load.
    Ready,
    Report(Box<Report>),
    /// It was told to stop, and does.
    Leaving(usize),
    /// How its work ended. The last report has been sent.
    Ended(usize, Result<(), Failure>),
}

/// What a worker recorded since its last report.
#[derive(Debug)]
pub(super) struct Report {
    pub worker: usize,
    /// Since the start of the load.
    pub at: Duration,
    /// The candidate's, then the reference's.
    pub arms: Vec<ArmReport>,
    pub pulse: Pulse,
    /// CPU time that the worker's thread used since the start of the load.
    pub cpu: Option<Duration>,
    /// Its work is over.
    pub last: bool,
}

/// One arm's part of it.
#[derive(Debug)]
pub(super) struct ArmReport {
    pub tallies: Tallies,
    pub vus: Vus,
}

/// Virtual users of an arm on a worker: those that run now, the most since the start, and those that have been made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Vus {
    pub running: u64,
    pub peak: u64,
    pub allocated: u64,
}

/// What a worker records, out of reach of whatever may go wrong in its work.
struct Desk {
    worker: usize,
    layout: Arc<Layout>,
    judged: Grid,
    arms: Vec<ArmDesk>,
    pulse: RefCell<Pulse>,
    /// The start of the load, with the thread's CPU time until then.
    started: Cell<Option<(Instant, Option<Duration>)>>,
    messages: mpsc::Sender<Message>,
    recycled: mpsc::Receiver<Tallies>,
}

/// One arm's part of it.
struct ArmDesk {
    recorder: Rc<RefCell<Recorder>>,
    gauges: Rc<Gauges>,
}

/// Works on this thread until all is done or the run is stopped. Whatever happens, what was recorded is reported, then how
/// the work ended.
pub(super) fn work<U: VirtualUsers>(post: Post<U>, runtime: &Runtime, start: oneshot::Receiver<Instant>) {
    let (desk, job) = post.take_up();
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(job.run(&desk, start))));
    desk.close(outcome.unwrap_or_else(|panic| Err(Failure::of_panic(&*panic))));
}

/// When the last iteration of an arm is cut off, since the start of the load.
pub(super) fn hard_end<'a>(clock: ArmClock, scenarios: impl Iterator<Item = &'a Scenario>) -> Duration {
    let ends = scenarios.map(|scenario| {
        let end = scenario.start_time.saturating_add(scenario.executor.duration());
        clock.end(end).saturating_add(scenario.graceful_stop)
    });
    ends.max().unwrap_or_default()
}

/// [`work`] without a thread of its own, for tests in virtual time.
#[cfg(test)]
pub(super) async fn work_here<U: VirtualUsers>(post: Post<U>, start: oneshot::Receiver<Instant>) {
    let (desk, job) = post.take_up();
    let outcome = job.run(&desk, start).await;
    desk.close(outcome);
}

/// A worker's work, apart from its desk.
struct Job<U> {
    scenarios: Vec<Arc<Scenario>>,
    arms: Vec<ArmPost<U>>,
    stop: Stop,
    precise: bool,
}

impl<U: VirtualUsers> Post<U> {
    fn take_up(self) -> (Desk, Job<U>) {
        let arm = |_: &ArmPost<U>| ArmDesk {
            recorder: Rc::new(RefCell::new(Recorder::new(self.layout.clone()))),
            gauges: Rc::default(),
        };
        let desk = Desk {
            worker: self.worker,
            arms: self.arms.iter().map(arm).collect(),
            layout: self.layout,
            judged: self.judged,
            pulse: RefCell::default(),
            started: Cell::new(None),
            messages: self.messages,
            recycled: self.recycled,
        };
        (desk, Job { scenarios: self.scenarios, arms: self.arms, stop: self.stop, precise: self.precise })
    }
}

impl<U: VirtualUsers> Job<U> {
    /// Makes the VUs, waits for the start, and runs all scenarios. The iterations that are left when it ends are dropped
    /// with the tasks that run them, and recorded as interrupted.
    async fn run(self, desk: &Desk, start: oneshot::Receiver<Instant>) -> Result<(), Failure> {
        LocalSet::new().run_until(self.run_local(desk, start)).await
    }

    async fn run_local(self, desk: &Desk, start: oneshot::Receiver<Instant>) -> Result<(), Failure> {
        let (stop, precise) = (self.stop.clone(), self.precise);
        let ends = self.arms.iter().map(|arm| hard_end(arm.clock, self.scenarios.iter().map(|scenario| &**scenario)));
        let hard_end = ends.max().unwrap_or_default();
        let parts: Vec<Part<U>> = self.prepare(desk);
        let mut heart = timer(precise)?;
        desk.tell(Message::Ready);
        let epoch = select! {
            biased;
            () = stop.requested() => return Ok(()),
            start = start => start,
        };
        // Without a start another worker has failed, and nothing is to be done.
        let Ok(epoch) = epoch else { return Ok(()) };
        desk.started.set(Some((epoch, thread_cpu_time())));
        let mut tasks = JoinSet::new();
        for Part { arm, clock, index, scenario, crew } in parts {
            let assignment = Rc::new(desk.assignment(epoch, arm, clock, index, scenario));
            tasks.spawn_local(executor::run(crew, assignment, move || timer(precise)));
        }
        select! {
            biased;
            () = desk.told_to_stop(&stop, epoch + hard_end + CLEAN_UP) => Ok(()),
            outcome = join(tasks) => outcome,
            failed = beat(&mut heart, epoch, desk.judged, &desk.pulse) => match failed? {},
            never = desk.report_regularly(epoch) => match never {},
        }
    }

    /// Every scenario of every arm.
    fn prepare(self, desk: &Desk) -> Vec<Part<U>> {
        let mut parts = Vec::new();
        for (arm, (post, gauges)) in self.arms.into_iter().zip(desk.arms.iter().map(|arm| &arm.gauges)).enumerate() {
            for (index, (scenario, share)) in self.scenarios.iter().zip(post.shares).enumerate() {
                let crew = Crew::new(post.users.clone(), index, share, scenario, &self.stop);
                gauges.allocated.update(|vus| vus + crew.share.planned());
                parts.push(Part { arm, clock: post.clock, index, scenario: scenario.clone(), crew });
            }
        }
        parts
    }
}

/// A worker's part of one scenario of one arm.
struct Part<U: VirtualUsers> {
    arm: usize,
    clock: ArmClock,
    /// The scenario's index in the plan.
    index: usize,
    scenario: Arc<Scenario>,
    crew: Crew<U>,
}

fn timer(precise: bool) -> io::Result<Timer> {
    if precise { Timer::precise() } else { Ok(Timer::Tokio) }
}

async fn join(mut tasks: JoinSet<Result<(), Failure>>) -> Result<(), Failure> {
    while let Some(ended) = tasks.join_next().await {
        if let Some(outcome) = executor::settle(ended)? {
            outcome?;
        }
    }
    Ok(())
}

impl Desk {
    fn assignment(
        &self,
        epoch: Instant,
        arm: usize,
        clock: ArmClock,
        index: usize,
        scenario: Arc<Scenario>,
    ) -> Assignment {
        let ArmDesk { recorder, gauges } = &self.arms[arm];
        let (recorder, gauges) = (recorder.clone(), gauges.clone());
        Assignment { scenario, index, worker: self.worker, epoch, clock, grid: self.layout.grid, recorder, gauges }
    }

    /// By someone, or by the clock. Says so before the VUs are dropped, which takes its time where there are many.
    async fn told_to_stop(&self, stop: &Stop, latest: Instant) {
        select! {
            () = stop.requested() => {}
            () = sleep_until(latest) => {}
        }
        self.tell(Message::Leaving(self.worker));
    }

    async fn report_regularly(&self, epoch: Instant) -> Infallible {
        let mut ticks = interval_at(epoch + REPORT_EVERY, REPORT_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            self.report(false);
        }
    }

    fn report(&self, last: bool) {
        let (epoch, cpu_before) = self.started.get().unwrap_or_else(|| (Instant::now(), None));
        let empty = || self.recycled.try_recv().unwrap_or_else(|_| Tallies::new(&self.layout));
        let arm = |arm: &ArmDesk| ArmReport {
            tallies: arm.recorder.borrow_mut().swap(empty()),
            vus: Vus { running: arm.gauges.running(), peak: arm.gauges.peak(), allocated: arm.gauges.allocated.get() },
        };
        self.tell(Message::Report(Box::new(Report {
            worker: self.worker,
            at: epoch.elapsed(),
            arms: self.arms.iter().map(arm).collect(),
            pulse: self.pulse.take(),
            cpu: thread_cpu_time().zip(cpu_before).map(|(now, before)| now.saturating_sub(before)),
            last,
        })));
    }

    fn close(self, outcome: Result<(), Failure>) {
        self.report(true);
        self.tell(Message::Ended(self.worker, outcome));
    }

    fn tell(&self, message: Message) {
        // The run listens until every worker has ended; if it died itself there is nobody to tell.
        let _ = self.messages.send(message);
    }
}
