//! `setTimeout` and its kin, which are global and in `k6/timers`.

use std::time::Duration;

use rquickjs::function::{Opt, Rest};
use rquickjs::{Coerced, Ctx, Exception, Function, Object, Persistent, Value};

use crate::k6::host::{Stage, host};
use crate::k6::operations::Then;
use crate::k6::vm::ask::Operation;

/// What the module exports.
pub const NAMES: &[&str] = &["setTimeout", "clearTimeout", "setInterval", "clearInterval"];

/// The module.
pub fn exports<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let timers = Object::new(ctx.clone())?;
    timers.set("setTimeout", Function::new(ctx.clone(), set_timeout)?.with_name("setTimeout")?)?;
    timers.set("setInterval", Function::new(ctx.clone(), set_interval)?.with_name("setInterval")?)?;
    timers.set("clearTimeout", Function::new(ctx.clone(), clear)?.with_name("clearTimeout")?)?;
    timers.set("clearInterval", Function::new(ctx.clone(), clear)?.with_name("clearInterval")?)?;
    Ok(timers)
}

/// Makes them global.
pub fn install(ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    let timers = exports(ctx)?;
    for name in NAMES {
        ctx.globals().set(*name, timers.get::<_, Value<'_>>(*name)?)?;
    }
    Ok(())
}

fn time(delay: &Opt<Coerced<f64>>) -> Duration {
    let milliseconds = delay.0.as_ref().map_or(0.0, |Coerced(delay)| *delay);
    Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default()
}

/// `setTimeout(function, milliseconds, ...arguments)`
fn set_timeout<'js>(
    ctx: Ctx<'js>,
    work: Function<'js>,
    delay: Opt<Coerced<f64>>,
    arguments: Rest<Value<'js>>,
) -> rquickjs::Result<u32> {
    let host = started(&ctx)?;
    let bound = bind(&ctx, work, arguments.0)?;
    // Numbers of timers begin with 1.
    Ok(host.operations.start(Operation::Timer(time(&delay)), then(&ctx, bound)).wrapping_add(1))
}

fn started<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<std::rc::Rc<crate::k6::host::Host>> {
    let host = host(ctx)?;
    if host.stage.get() == Stage::Init {
        let problem = "timers can't be set in the init context: set them in the function that is run";
        return Err(Exception::from_message(ctx.clone(), problem)?.throw());
    }
    Ok(host)
}

fn then<'js>(ctx: &Ctx<'js>, work: Function<'js>) -> Then {
    Then { done: Persistent::save(ctx, work), failed: None }
}

/// A function that calls another with these arguments.
fn bind<'js>(ctx: &Ctx<'js>, work: Function<'js>, arguments: Vec<Value<'js>>) -> rquickjs::Result<Function<'js>> {
    if arguments.is_empty() {
        return Ok(work);
    }
    let bind: Function<'js> = work.get("bind")?;
    let mut list = rquickjs::function::Args::new(ctx.clone(), arguments.len() + 2);
    list.this(work)?;
    list.push_arg(Value::new_undefined(ctx.clone()))?;
    list.push_args(arguments)?;
    bind.call_arg(list)
}

/// `setInterval(function, milliseconds)`: a timer that sets itself again under the same number.
fn set_interval<'js>(
    ctx: Ctx<'js>,
    work: Function<'js>,
    delay: Opt<Coerced<f64>>,
    arguments: Rest<Value<'js>>,
) -> rquickjs::Result<u32> {
    let host = started(&ctx)?;
    let every = time(&delay).max(Duration::from_millis(1));
    let work = bind(&ctx, work, arguments.0)?;
    Ok(host.operations.repeat(every, then(&ctx, work)).wrapping_add(1))
}

/// `clearTimeout(number)`: a number that stands for no timer does nothing.
fn clear<'js>(ctx: Ctx<'js>, number: Opt<Value<'js>>) -> rquickjs::Result<()> {
    let number = number.0.and_then(|number| number.as_number()).filter(|number| *number >= 1.0);
    if let Some(number) = number {
        host(&ctx)?.operations.forget((number as u32).wrapping_sub(1));
    }
    Ok(())
}
