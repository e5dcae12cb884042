//! Virtual users that run a script's functions.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rquickjs::{Ctx, Persistent, Value};
use tokio::time::sleep;

use super::drive::{drive, drive_here};
use super::host::{Host, Stage};
use super::program::Program;
use super::run::Run;
use super::samples::{self, milliseconds};
use super::setup_data::SetupData;
use super::vm::{Call, Thrown, Vm};
use crate::load::{Context, VirtualUser};
use crate::measurement::IterationEnd;
use crate::plan::scenario::Exec;

/// An init context may take so long: k6 knows no limit, and a script that never ends would hold up its worker.
pub const LONGEST_INIT: Duration = Duration::from_secs(60);

/// Bytes of a reason that an iteration has failed for.
const LONGEST_REASON: usize = 200;

/// A world of a script, its init context run.
///
/// # Errors
/// What it has thrown.
pub fn world(host: Rc<Host>, program: &Program) -> Result<Rc<Vm>, Thrown> {
    let vm = Vm::new(host, &program.bytecode)?;
    let bytecode = program.bytecode.clone();
    let call = Call::new(vm.clone(), move |vm| vm.load(&bytecode)).map_err(no_stack)?;
    drive_here(call, program.longest_init)?;
    vm.host().restore();
    Ok(vm)
}

/// There is no memory for a call.
pub fn no_stack(error: std::io::Error) -> Thrown {
    Thrown::ours(format!(
        "no address space for the script's stack: {error}; raise the limit of the process (ulimit -v)"
    ))
}

/// One virtual user of a scenario that runs a function of a script.
pub struct ScriptUser {
    /// None where the init context has failed: then no iteration can do anything.
    vm: Result<Rc<Vm>, Arc<str>>,
    run: Arc<Run>,
    exec: Exec,
    data: Rc<RefCell<Option<Persistent<Value<'static>>>>>,
}

impl ScriptUser {
    pub fn new(run: Arc<Run>, exec: &Exec, vu: u64) -> Self {
        run.counters.initialized.fetch_add(1, Ordering::Relaxed);
        let host = Rc::new(Host::of_run(run.clone(), vu));
        for (name, value) in &*exec.tags {
            host.tags.borrow_mut().set(name, value);
        }
        host.env.replace(exec.env.clone());
        if let Some(reason) = run.hopeless.get() {
            return ScriptUser { vm: Err(reason.clone()), run, exec: exec.clone(), data: Rc::default() };
        }
        let began = Instant::now();
        let vm = world(host, &run.program).map_err(|thrown| {
            let (reason, first) = reason(&run, &thrown);
            if first {
                tell(&run, &thrown);
            }
            if began.elapsed() >= run.program.longest_init {
                // Each of the others would take as long, one after the other. Another worker may have said so.
                let _ = run.hopeless.set(reason.clone());
            }
            reason
        });
        ScriptUser { vm, run, exec: exec.clone(), data: Rc::default() }
    }

    fn call(&self, vm: &Rc<Vm>) -> Result<Call<()>, Thrown> {
        let (function, data) = (self.exec.function.clone(), self.data.clone());
        let work = move |vm: &Vm| {
            vm.within(|ctx| {
                let data = begin(ctx, vm.host(), &data)?;
                vm.call(ctx, &function, data.as_ref()).map(drop)
            })
        };
        Call::new(vm.clone(), work).map_err(no_stack)
    }
}

/// Begins an iteration. What `setup` has returned, if anything: made once for each virtual user.
#[inline(never)]
fn begin<'js>(
    ctx: &Ctx<'js>,
    host: &Host,
    data: &RefCell<Option<Persistent<Value<'static>>>>,
) -> rquickjs::Result<Option<Value<'js>>> {
    if host.program.bytecode.uses("__ITER") {
        let iteration = host.context.borrow().as_ref().map_or(0, |context| context.vu_iteration);
        ctx.globals().set("__ITER", iteration as f64)?;
    }
    let known = data.borrow().clone();
    match (known, host.loaded().and_then(|run| run.setup_data.get())) {
        (Some(known), _) => known.restore(ctx).map(Some),
        (None, Some(Some(made))) => {
            let made = made.to_js(ctx)?;
            data.replace(Some(Persistent::save(ctx, made.clone())));
            Ok(Some(made))
        }
        (None, _) => Ok(None),
    }
}

impl Drop for ScriptUser {
    fn drop(&mut self) {
        // It belongs to the world, which goes after this.
        self.data.replace(None);
        self.run.counters.initialized.fetch_sub(1, Ordering::Relaxed);
    }
}

impl VirtualUser for ScriptUser {
    async fn iterate(&mut self, context: &mut Context) -> IterationEnd {
        let vm = match &self.vm {
            Ok(vm) => vm.clone(),
            Err(reason) => return IterationEnd::Failed(reason.clone()),
        };
        if self.run.aborted().is_some() {
            return IterationEnd::Interrupted;
        }
        let host = vm.host();
        let under_way = UnderWay::begin(&self.run, host, context);
        let result = match self.call(&vm) {
            Ok(call) => drive(host, call).await,
            Err(thrown) => Err(thrown),
        };
        if let Some(least) = self.run.settings.requests.min_iteration_duration {
            sleep(least.saturating_sub(under_way.began.elapsed())).await;
        }
        let took = under_way.began.elapsed();
        under_way.end();
        if !matches!(result, Err(Thrown::Cut)) {
            host.group.borrow_mut().clear();
            samples::traffic(host, &[("iteration_duration", milliseconds(took)), ("iterations", 1.0)]);
        }
        match result {
            Ok(()) => match host.failed.take() {
                Some(reason) => IterationEnd::Failed(self.run.reason(&reason).0),
                None => IterationEnd::Complete,
            },
            Err(Thrown::Cut) => IterationEnd::Interrupted,
            Err(thrown) => {
                let (reason, first) = reason(&self.run, &thrown);
                if first {
                    tell(&self.run, &thrown);
                }
                IterationEnd::Failed(reason)
            }
        }
    }

    fn is_spent(&self) -> bool {
        self.vm.is_err() || self.run.aborted().is_some()
    }
}

/// An iteration that has not ended yet: dropped before, it was cut off.
struct UnderWay<'a> {
    run: &'a Run,
    host: &'a Rc<Host>,
    began: Instant,
    ended: Cell<bool>,
}

impl<'a> UnderWay<'a> {
    fn begin(run: &'a Run, host: &'a Rc<Host>, context: &Context) -> Self {
        host.restore();
        host.stage.set(Stage::Iteration);
        host.context.replace(Some(context.clone()));
        host.group.borrow_mut().clear();
        run.counters.active.fetch_add(1, Ordering::Relaxed);
        UnderWay { run, host, began: Instant::now(), ended: Cell::new(false) }
    }

    fn end(self) {
        self.ended.set(true);
        self.run.counters.completed.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.run.counters.active.fetch_sub(1, Ordering::Relaxed);
        if !self.ended.get() {
            self.run.counters.interrupted.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(session) = self.host.connections() {
            match self.run.settings.requests.no_cookies_reset {
                true => session.close_unless_kept(),
                false => session.end_iteration(),
            }
        }
    }
}

/// The reason of a failure as it is counted, and whether it is the first of its kind.
fn reason(run: &Run, thrown: &Thrown) -> (Arc<str>, bool) {
    let text = thrown.to_string();
    let line = text.lines().next().unwrap_or_default();
    let short = &line[..line.floor_char_boundary(LONGEST_REASON)];
    run.reason(if short.is_empty() { "an exception without a message" } else { short })
}

/// Shows an exception with its place in the script.
fn tell(run: &Run, thrown: &Thrown) {
    run.program.console.say("error", &told(&run.program, thrown));
}

/// An exception with the script's own lines.
pub fn told(program: &Program, thrown: &Thrown) -> String {
    match thrown {
        Thrown::Exception { message, stack } if !stack.is_empty() => {
            format!("{message}\n{}", program.bundle.trace(stack).trim_end())
        }
        thrown => thrown.to_string(),
    }
}

/// What `setup` left behind.
pub fn kept(returned: Option<&serde_json::Value>) -> Option<SetupData> {
    returned.map(SetupData::new)
}
