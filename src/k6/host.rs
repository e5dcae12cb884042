//! What a virtual user's native functions reach: the run around the script, and the event loop that it runs on.

use std::cell::{Cell, Ref, RefCell};
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use corosensei::Yielder;
use rquickjs::{Ctx, Exception, qjs};

use super::operations::Operations;
use super::program::Program;
use super::run::Run;
use super::samples::Samples;
use super::tags::Tags;
use super::vm::ask::{Ask, Told};
use super::vm::{Memory, Names, Thrown};
use crate::load::Context;
use crate::load::http::Session;
use crate::measurement::Slot;

/// A script may run for so long before others get their turn.
const SLICE: Duration = Duration::from_millis(5);

/// Which of its lives the script is in: what it may do depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The init context: outside of all functions.
    Init,
    Setup,
    /// An iteration.
    Iteration,
    Teardown,
    /// `handleSummary`.
    Summary,
}

/// The native side of one virtual user. It lives on one thread.
pub struct Host {
    pub program: Arc<Program>,
    /// What is loaded; nothing in the first init context, and for `handleSummary`.
    run: Option<Arc<Run>>,
    /// The virtual user's number, from 1; 0 outside of the load.
    pub vu: u64,
    pub stage: Cell<Stage>,
    /// What the script has taken, and what is held for it outside of it.
    pub memory: Rc<Memory>,
    /// Names of properties that the script has used.
    pub names: Names,
    session: Option<Rc<Session>>,
    /// Values of the scenario's own, over those of `__ENV`.
    pub env: RefCell<Arc<[(String, String)]>>,
    /// Of the current iteration; none outside of one.
    pub context: RefCell<Option<Context>>,
    /// When the current iteration began.
    pub began: Cell<Instant>,
    /// Tags of all samples: those of the run, of the scenario, and what the script adds.
    pub tags: RefCell<Tags>,
    /// The groups around, as k6 writes them: `::outer::inner`; empty outside of all.
    pub group: RefCell<String>,
    /// Which answers are expected, unless the request says it; none for `setResponseCallback(null)`.
    pub expected: RefCell<Option<Rc<[std::ops::RangeInclusive<u16>]>>>,
    /// What the script has started and does not wait for.
    pub operations: Operations,
    yielder: Cell<Option<NonNull<Yielder<Told, Ask>>>>,
    /// An address on the stack, in the frame that the current call waits in.
    waits_at: Cell<usize>,
    slice: Cell<Instant>,
    cut: Cell<bool>,
    /// The script has taken more memory than it may, and was ended for it.
    pub(super) is_exhausted: Cell<bool>,
    /// A native function has panicked, and the script was ended for it.
    pub(super) panicked: RefCell<Option<Thrown>>,
    /// Bytes that were sent and received since the samples have them (`--out json`).
    pub traffic: Cell<(u64, u64)>,
    /// Why the script says that the run has failed (`exec.test.fail`), in this iteration.
    pub failed: RefCell<Option<String>>,
}

/// The script has left the native side's reach.
pub struct Entered<'a>(&'a Host);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.yielder.set(None);
    }
}

impl Host {
    /// The native side of a virtual user of a run.
    pub fn of_run(run: Arc<Run>, vu: u64) -> Self {
        let session = Some(Rc::new(Session::new(run.client.clone())));
        let tags = RefCell::new(Tags::of_run(&run));
        Host { tags, session, ..Host::new(run.program.clone(), Some(run), vu) }
    }

    /// The native side of a world that loads nothing.
    pub fn alone(program: Arc<Program>) -> Self {
        Host::new(program, None, 0)
    }

    fn new(program: Arc<Program>, run: Option<Arc<Run>>, vu: u64) -> Self {
        let now = Instant::now();
        Host {
            memory: Rc::new(Memory::new(program.memory)),
            names: Names::default(),
            program,
            run,
            tags: RefCell::default(),
            vu,
            stage: Cell::new(Stage::Init),
            session: None,
            env: RefCell::new(Arc::from([])),
            context: RefCell::default(),
            began: Cell::new(now),
            group: RefCell::default(),
            expected: RefCell::new(Some(Rc::new([200..=399]))),
            operations: Operations::default(),
            yielder: Cell::default(),
            waits_at: Cell::default(),
            slice: Cell::new(now),
            cut: Cell::default(),
            is_exhausted: Cell::default(),
            panicked: RefCell::default(),
            traffic: Cell::default(),
            failed: RefCell::default(),
        }
    }

    /// What is loaded.
    ///
    /// # Errors
    /// An exception: nothing is. `what` can't be used here.
    pub fn run(&self, ctx: &Ctx<'_>, what: &str) -> rquickjs::Result<&Arc<Run>> {
        match (&self.run, self.stage.get()) {
            (Some(run), Stage::Setup | Stage::Iteration | Stage::Teardown) => Ok(run),
            (_, Stage::Summary) => Err(thrown(ctx, &format!("{what} can't be used in handleSummary"))),
            _ => {
                let cure = "use it in setup(), or in the function that is run";
                Err(thrown(ctx, &format!("{what} can't be used in the init context: {cure}")))
            }
        }
    }

    /// What is loaded, if anything.
    pub fn loaded(&self) -> Option<&Arc<Run>> {
        self.run.as_ref()
    }

    /// The virtual user's connections and cookies.
    ///
    /// # Errors
    /// An exception: nothing is loaded.
    pub fn session(&self, ctx: &Ctx<'_>) -> rquickjs::Result<&Rc<Session>> {
        self.session.as_ref().ok_or_else(|| thrown(ctx, "there are no cookies without a run"))
    }

    /// The virtual user's connections and cookies, if anything is loaded.
    pub fn connections(&self) -> Option<&Rc<Session>> {
        self.session.as_ref()
    }

    /// The value of a tag that all samples have at this moment.
    pub fn tag(&self, name: &str) -> Option<String> {
        if let Some(value) = self.tags.borrow().get(name) {
            return Some(value.to_string());
        }
        match name {
            "group" => Some(self.group.borrow().clone()),
            "vu" => Some(self.vu.to_string()),
            "iter" => self.context.borrow().as_ref().map(|context| context.vu_iteration.to_string()),
            "scenario" => {
                let scenario = self.context.borrow().as_ref().map(|context| context.scenario)?;
                let run = self.run.as_ref()?;
                Some(run.plan.scenarios.get(scenario)?.name.to_string())
            }
            _ => None,
        }
    }

    /// A call has begun on a coroutine.
    pub(super) fn enter(&self, yielder: &Yielder<Told, Ask>) -> Entered<'_> {
        self.yielder.set(Some(NonNull::from(yielder)));
        Entered(self)
    }

    /// The script goes on from here.
    pub(super) fn begin_slice(&self) {
        self.slice.set(Instant::now());
    }

    /// Nothing is done for the script any more.
    pub(super) fn cut(&self) {
        self.cut.set(true);
    }

    /// A new call may do things again.
    pub(super) fn restore(&self) {
        self.cut.set(false);
    }

    /// Whether the call's time is over.
    pub fn is_cut(&self) -> bool {
        self.cut.get()
    }

    /// An address on the stack, in the frame that the call waits in.
    pub(super) fn waits_at(&self) -> usize {
        self.waits_at.get()
    }

    /// Puts the script aside until what it asks for is done.
    #[inline(never)]
    fn ask(&self, ask: Ask) -> Told {
        if self.cut.get() {
            return Told::Cut;
        }
        let Some(yielder) = self.yielder.get() else { return Told::Cut };
        self.waits_at.set(std::ptr::from_ref(&yielder).addr());
        // It is set only while the call that it belongs to is on this stack.
        let told = unsafe { yielder.as_ref() }.suspend(ask);
        if matches!(told, Told::Cut) {
            self.cut.set(true);
        }
        told
    }

    /// Asked by QuickJS every now and then: whether the script must end here. Lets others run where it is their turn.
    pub(super) fn interrupt(&self) -> bool {
        if self.slice.get().elapsed() > SLICE {
            self.ask(Ask::Pause);
        }
        if self.memory.is_exceeded() {
            self.is_exhausted.set(true);
        }
        self.cut.get() || self.is_exhausted.get()
    }

    /// Where checks and the script's own metrics are counted: as in k6, those of setup and teardown are judged too.
    pub fn slot(&self, context: &Context) -> Slot {
        match self.stage.get() {
            Stage::Setup | Stage::Teardown => Slot::Block(0),
            _ => context.slot,
        }
    }

    /// Where each sample is written, if it is. Those that are not judged are not, but for setup's and teardown's.
    pub fn samples(&self) -> Option<&Arc<Samples>> {
        let samples = self.run.as_ref()?.samples.as_ref()?;
        let is_judged = self.recording().is_some_and(|context| context.slot != Slot::Unjudged);
        (is_judged || self.stage.get() != Stage::Iteration).then_some(samples)
    }

    /// The current iteration, for those who record.
    pub fn recording(&self) -> Option<Ref<'_, Context>> {
        Ref::filter_map(self.context.borrow(), Option::as_ref).ok()
    }
}

/// Tells a context its host, which must outlive it.
pub(super) fn keep(ctx: &Ctx<'_>, host: &Rc<Host>) {
    unsafe { qjs::JS_SetContextOpaque(ctx.as_raw().as_ptr(), Rc::as_ptr(host).cast_mut().cast()) };
}

/// The host of a context.
///
/// # Errors
/// An exception: it has none.
pub fn host(ctx: &Ctx<'_>) -> rquickjs::Result<Rc<Host>> {
    let kept: *const Host = unsafe { qjs::JS_GetContextOpaque(ctx.as_raw().as_ptr()) }.cast_const().cast();
    if kept.is_null() {
        return Err(Exception::throw_internal(ctx, "this context has no host"));
    }
    // Only `keep` sets it.
    unsafe {
        Rc::increment_strong_count(kept);
        Ok(Rc::from_raw(kept))
    }
}

/// Waits for what is asked.
///
/// # Errors
/// The call's time is over: an exception that the script can't catch.
#[inline]
pub fn ask(ctx: &Ctx<'_>, host: &Host, ask: Ask) -> rquickjs::Result<Told> {
    match host.ask(ask) {
        Told::Cut => Err(super::vm::cut_off(ctx)),
        told => Ok(told),
    }
}

/// An exception with a message of any length.
pub fn thrown(ctx: &Ctx<'_>, message: &str) -> rquickjs::Error {
    match Exception::from_message(ctx.clone(), message) {
        Ok(exception) => exception.throw(),
        Err(error) => error,
    }
}
