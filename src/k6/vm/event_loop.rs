//! The event loop of one call: promises, timers and requests that were started, until nothing is left.

use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Error, Promise, Value};

use super::ask::{Ask, Ended, Told};
use crate::k6::api::http::response;
use crate::k6::host::{self, Host};

/// Runs until nothing is under way any more; what `returned` is, or what it resolves to where it is a promise.
#[inline(never)]
pub fn run<'js>(ctx: &Ctx<'js>, host: &Host, returned: Option<Value<'js>>) -> rquickjs::Result<Value<'js>> {
    loop {
        while ctx.execute_pending_job() {
            if host.is_cut() || host.is_exhausted.get() {
                return Err(super::cut_off(ctx));
            }
        }
        if host.operations.is_idle() {
            break;
        }
        let Told::Ended(id, ended) = host::ask(ctx, host, Ask::Any)? else { break };
        settle(ctx, host, id, *ended)?;
    }
    let value = returned.unwrap_or_else(|| Value::new_undefined(ctx.clone()));
    match value.as_promise() {
        Some(promise) => result(ctx, promise),
        None => Ok(value),
    }
}

fn result<'js>(ctx: &Ctx<'js>, promise: &Promise<'js>) -> rquickjs::Result<Value<'js>> {
    match promise.state() {
        PromiseState::Resolved | PromiseState::Rejected => promise.result().unwrap_or(Err(Error::Unknown)),
        // Nothing is left that could settle it: k6 lets such an iteration end, too.
        PromiseState::Pending => Ok(Value::new_undefined(ctx.clone())),
    }
}

/// Tells the script that what it started has ended.
pub fn settle<'js>(ctx: &Ctx<'js>, host: &Host, id: u32, ended: Ended) -> rquickjs::Result<()> {
    // One that was cancelled is gone.
    let Some(then) = host.operations.ended(id) else { return Ok(()) };
    let done = then.done.restore(ctx)?;
    match ended {
        Ended::Timer => done.call(()),
        Ended::Answered(answered) => match (response::of(ctx, host, answered), then.failed) {
            (Ok(response), _) => done.call((response,)),
            (Err(Error::Exception), Some(failed)) => failed.restore(ctx)?.call((ctx.catch(),)),
            (Err(error), _) => Err(error),
        },
    }
}
