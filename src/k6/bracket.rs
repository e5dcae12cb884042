//! `setup` and `teardown`: functions that run once, in a world of their own.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tokio::time::timeout;

use super::drive::drive;
use super::host::{Host, Stage};
use super::json;
use super::run::Run;
use super::samples;
use super::user::{kept, no_stack, told, world};
use super::vm::{Call, Thrown, Vm};
use super::watch::{NOT_DONE, watch};
use crate::load::Context;
use crate::load::steps::{BracketFailure, BracketKind};
use crate::measurement::{Recorder, Slot};

/// Runs setup or teardown of a deployment, whose samples nothing judges. What setup returns is kept for the virtual users.
///
/// # Errors
/// What it has thrown, or that its time is over.
pub async fn run_bracket(
    run: &Arc<Run>,
    kind: BracketKind,
    limit: Option<Duration>,
    recorder: Rc<RefCell<Recorder>>,
    epoch: Instant,
) -> Result<(), BracketFailure> {
    let Some(limit) = limit else { return Ok(()) };
    let failure = |reason: String| BracketFailure { kind, reason, evidence: None };
    let host = Rc::new(Host::of_run(run.clone(), 0));
    let vm = world(host.clone(), &run.program).map_err(|thrown| failure(told(&run.program, &thrown)))?;
    let (stage, name, group) = match kind {
        BracketKind::Setup => (Stage::Setup, "setup", "::setup"),
        BracketKind::Teardown => (Stage::Teardown, "teardown", "::teardown"),
    };
    host.stage.set(stage);
    host.group.replace(group.into());
    host.context.replace(Some(Context {
        scenario: 0,
        vu: 0,
        iteration: 0,
        vu_iteration: 0,
        slot: Slot::Unjudged,
        schedule_lag: None,
        epoch,
        recorder,
    }));
    let call = Call::new(vm, move |vm| called(vm, name)).map_err(|error| failure(no_stack(error).to_string()))?;
    let _watched = watch(name, limit, NOT_DONE);
    let ended = timeout(limit, drive(&host, call)).await;
    samples::traffic(&host, &[]);
    match ended {
        Ok(Ok(returned)) => {
            if kind == BracketKind::Setup {
                run.program.keep_setup_data(returned.as_ref());
                // It is set here alone, once a measurement.
                let _ = run.setup_data.set(kept(returned.as_ref()));
            }
            Ok(())
        }
        Ok(Err(thrown)) => Err(failure(match run.aborted() {
            Some(reason) => format!("the script aborts the test: {reason}"),
            None => told(&run.program, &thrown),
        })),
        Err(_) => {
            let option = format!("{name}Timeout");
            Err(failure(format!("it was not done within {} s; raise {option} if it needs longer", limit.as_secs_f64())))
        }
    }
}

/// Calls the function with what setup returned, and takes what it returns as JSON.
fn called(vm: &Vm, name: &str) -> Result<Option<Json>, Thrown> {
    vm.within(|ctx| {
        let data = vm.host().loaded().and_then(|run| run.setup_data.get()).and_then(Option::as_ref);
        let data = data.map(|data| data.to_js(ctx)).transpose()?;
        let returned = vm.call(ctx, name, data.as_ref())?;
        match returned.is_undefined() {
            true => Ok(None),
            false => json::from_js(ctx, returned).map(Some),
        }
    })
}
