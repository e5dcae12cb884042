//! `handleSummary`: the script makes its own reports of the run.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rquickjs::{Ctx, Value};
use serde_json::Value as Json;
use tokio::runtime;
use tokio::task::LocalSet;
use tokio::time::timeout;

use super::api::http::body::bytes_of;
use super::drive::drive;
use super::host::{Host, Stage};
use super::json;
use super::program::Program;
use super::user::{no_stack, told, world};
use super::vm::{Call, Thrown, Vm};
use super::watch::{NOT_DONE, watch};

/// What the script writes: the name of a file, `stdout` or `stderr`, and the content.
pub type Written = (String, Vec<u8>);

/// Calls `handleSummary(data)` in a world of its own; what it wants to be written, in its order.
///
/// # Errors
/// What it has thrown, or that it returns something else than texts by name; in words.
pub fn handle_summary(program: &Arc<Program>, data: Json, limit: Duration) -> Result<Vec<Written>, String> {
    let run = async {
        let host = Rc::new(Host::alone(program.clone()));
        let vm = world(host.clone(), program).map_err(|thrown| told(program, &thrown))?;
        host.stage.set(Stage::Summary);
        let call = Call::new(vm, move |vm| called(vm, &data)).map_err(|error| no_stack(error).to_string())?;
        let _watched = watch("handleSummary", limit, NOT_DONE);
        match timeout(limit, drive(&host, call)).await {
            Ok(result) => result.map_err(|thrown| told(program, &thrown)),
            Err(_) => Err(format!(
                "it was not done within {} s; raise handleSummaryTimeout if it needs longer",
                limit.as_secs_f64()
            )),
        }
    };
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(LocalSet::new().run_until(run))
}

fn called(vm: &Vm, data: &Json) -> Result<Vec<Written>, Thrown> {
    vm.within(|ctx| {
        let data = json::to_js(ctx, data)?;
        let returned = vm.call(ctx, "handleSummary", Some(&data))?;
        written(ctx, returned)
    })
}

fn written<'js>(ctx: &Ctx<'js>, returned: Value<'js>) -> rquickjs::Result<Vec<Written>> {
    if returned.is_undefined() || returned.is_null() {
        return Ok(Vec::new());
    }
    let Some(object) = returned.into_object() else {
        let problem = "it must return an object: names of files, and what is to be written to them";
        return Err(super::host::thrown(ctx, problem));
    };
    let mut all = Vec::new();
    for entry in object.props::<String, Value<'js>>() {
        let (name, content) = entry?;
        all.push((name, bytes_of(ctx, &content)?.to_vec()));
    }
    Ok(all)
}
