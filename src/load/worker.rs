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
use super::pulse::{Pulse, beat};
use super::signal::Stop;
use super::timer::Timer;
use super::user::VirtualUsers;
use crate::measurement::{Layout, Recorder, Tallies};
use crate::plan::Scenario;

/// How long after the last iteration's time a worker with many of them may take to cut them off one by one; then it drops what
/// is left at once, and all of it still counts as interrupted.
const CLEAN_UP: Duration = Duration::from_millis(400);
/// How often a worker hands over what it recorded.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// What a worker is given to do.
pub(super) struct Post<U> {
    pub worker: usize,
    pub users: Arc<U>,
    /// Each scenario with the worker's share of it.
    pub scenarios: Vec<(Arc<Scenario>, (Share, Coordination))>,
    pub layout: Arc<Layout>,
    pub stop: Stop,
    /// False in tests that run in virtual time.
    pub precise: bool,
    pub messages: mpsc::Sender<Message>,
    /// Empty tallies that come back after they were added up.
    pub recycled: mpsc::Receiver<Tallies>,
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
    pub tallies: Tallies,
    pub pulse: Pulse,
    /// CPU time that the worker's thread used since the start of the load.
    pub cpu: Option<Duration>,
    /// VUs that run now, the most since the start, and those that have been made.
    pub running: u64,
    pub peak: u64,
    pub allocated: u64,
    /// Its work is over.
    pub last: bool,
}

/// What a worker records, out of reach of whatever may go wrong in its work.
struct Desk {
    worker: usize,
    layout: Arc<Layout>,
    recorder: Rc<RefCell<Recorder>>,
    gauges: Rc<Gauges>,
    pulse: RefCell<Pulse>,
    /// The start of the load, with the thread's CPU time until then.
    started: Cell<Option<(Instant, Option<Duration>)>>,
    messages: mpsc::Sender<Message>,
    recycled: mpsc::Receiver<Tallies>,
}

/// Works on this thread until all is done or the run is stopped. Whatever happens, what was recorded is reported, then how
/// the work ended.
pub(super) fn work<U: VirtualUsers>(post: Post<U>, runtime: &Runtime, start: oneshot::Receiver<Instant>) {
    let (desk, job) = post.take_up();
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(job.run(&desk, start))));
    desk.close(outcome.unwrap_or_else(|panic| Err(Failure::of_panic(&*panic))));
}

/// When the last iteration is cut off, since the start of the load.
pub(super) fn hard_end<'a>(scenarios: impl Iterator<Item = &'a Scenario>) -> Duration {
    let ends = scenarios.map(|scenario| {
        scenario.start_time.saturating_add(scenario.executor.duration()).saturating_add(scenario.graceful_stop)
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
    users: Arc<U>,
    scenarios: Vec<(Arc<Scenario>, (Share, Coordination))>,
    stop: Stop,
    precise: bool,
}

impl<U: VirtualUsers> Post<U> {
    fn take_up(self) -> (Desk, Job<U>) {
        let desk = Desk {
            worker: self.worker,
            recorder: Rc::new(RefCell::new(Recorder::new(self.layout.clone()))),
            layout: self.layout,
            gauges: Rc::default(),
            pulse: RefCell::default(),
            started: Cell::new(None),
            messages: self.messages,
            recycled: self.recycled,
        };
        (desk, Job { users: self.users, scenarios: self.scenarios, stop: self.stop, precise: self.precise })
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
        let hard_end = hard_end(self.scenarios.iter().map(|(scenario, _)| &**scenario));
        let crews: Vec<(Arc<Scenario>, Crew<U>)> = self.prepare(desk);
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
        for (index, (scenario, crew)) in crews.into_iter().enumerate() {
            let assignment = Rc::new(desk.assignment(epoch, index, scenario));
            tasks.spawn_local(executor::run(crew, assignment, move || timer(precise)));
        }
        select! {
            biased;
            () = desk.told_to_stop(&stop, epoch + hard_end + CLEAN_UP) => Ok(()),
            outcome = join(tasks) => outcome,
            failed = beat(&mut heart, epoch, desk.layout.grid, &desk.pulse) => match failed? {},
            never = desk.report_regularly(epoch) => match never {},
        }
    }

    fn prepare(self, desk: &Desk) -> Vec<(Arc<Scenario>, Crew<U>)> {
        let crews = self.scenarios.into_iter().enumerate().map(|(index, (scenario, part))| {
            let crew = Crew::new(self.users.clone(), index, part, &scenario, &self.stop);
            desk.gauges.allocated.update(|vus| vus + crew.share.planned());
            (scenario, crew)
        });
        crews.collect()
    }
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
    fn assignment(&self, epoch: Instant, index: usize, scenario: Arc<Scenario>) -> Assignment {
        let (recorder, gauges) = (self.recorder.clone(), self.gauges.clone());
        Assignment { scenario, index, worker: self.worker, epoch, grid: self.layout.grid, recorder, gauges }
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
        let empty = self.recycled.try_recv().unwrap_or_else(|_| Tallies::new(&self.layout));
        self.tell(Message::Report(Box::new(Report {
            worker: self.worker,
            at: epoch.elapsed(),
            tallies: self.recorder.borrow_mut().swap(empty),
            pulse: self.pulse.take(),
            cpu: thread_cpu_time().zip(cpu_before).map(|(now, before)| now.saturating_sub(before)),
            running: self.gauges.running(),
            peak: self.gauges.peak(),
            allocated: self.gauges.allocated.get(),
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
