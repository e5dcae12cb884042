//! `k6/execution`: where the script is in the run.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rquickjs::function::Opt;
use rquickjs::object::Accessor;
use rquickjs::proxy::ProxyHandler;
use rquickjs::{Coerced, Ctx, Error, Exception, Function, IntoJs, Object, Proxy, Value};

use crate::k6::host::{Host, host, thrown};
use crate::k6::json;
use crate::k6::run::Run;
use crate::k6::vm::cut_off;
use crate::load::Context;
use crate::plan::{Executor, Scenario};

/// What the module exports.
pub const NAMES: &[&str] = &["instance", "scenario", "test", "vu"];

/// The module.
pub fn exports<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let exec = Object::new(ctx.clone())?;
    exec.set("instance", instance(ctx)?)?;
    exec.set("scenario", scenario(ctx)?)?;
    exec.set("test", test(ctx)?)?;
    exec.set("vu", vu(ctx)?)?;
    Ok(exec)
}

/// Gives an object a property that is read anew each time.
fn live<'js, T: IntoJs<'js> + 'js>(
    object: &Object<'js>,
    name: &'static str,
    read: impl Fn(&Ctx<'js>, &Host) -> rquickjs::Result<T> + 'js,
) -> rquickjs::Result<()> {
    let get = move |ctx: Ctx<'js>| read(&ctx, &*host(&ctx)?);
    object.prop(name, Accessor::new_get(get).enumerable())
}

/// The current iteration and its scenario.
fn current<T>(ctx: &Ctx<'_>, host: &Host, of: impl FnOnce(&Context, &Run, &Scenario) -> T) -> rquickjs::Result<T> {
    let context = host.context.borrow();
    let run = host.run(ctx, "exec.scenario")?;
    match context.as_ref().and_then(|context| Some((context, run.plan.scenarios.get(context.scenario)?))) {
        Some((context, scenario)) if host.vu > 0 => Ok(of(context, run, scenario)),
        _ => Err(thrown(ctx, "exec.scenario is not supported in setup() and teardown(): no scenario runs there")),
    }
}

fn scenario<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    live(&object, "name", |ctx, host| current(ctx, host, |_, _, scenario| scenario.name.to_string()))?;
    live(&object, "executor", |ctx, host| current(ctx, host, |_, _, scenario| scenario.executor.name()))?;
    live(&object, "startTime", |ctx, host| current(ctx, host, start_time))?;
    live(&object, "progress", |ctx, host| current(ctx, host, progress))?;
    live(&object, "iterationInInstance", |ctx, host| {
        current(ctx, host, |context, run, _| (context.iteration / run.arm.shard.count.max(1)) as f64)
    })?;
    live(&object, "iterationInTest", |ctx, host| current(ctx, host, |context, _, _| context.iteration as f64))?;
    Ok(object)
}

/// When the scenario began, in milliseconds since 1970.
fn start_time(context: &Context, _: &Run, scenario: &Scenario) -> f64 {
    let ago = context.epoch.elapsed().saturating_sub(scenario.start_time);
    jiff::Timestamp::now().as_millisecond() as f64 - (ago.as_secs_f64() * 1e3).floor()
}

/// How much of the scenario is done, from 0 to 1.
fn progress(context: &Context, run: &Run, scenario: &Scenario) -> f64 {
    let begun = context.epoch.elapsed().saturating_sub(scenario.start_time);
    let by_time = |duration: Duration| begun.as_secs_f64() / duration.as_secs_f64().max(f64::MIN_POSITIVE);
    let done = match &scenario.executor {
        Executor::SharedIterations { iterations, .. } => {
            run.counters.completed.load(Ordering::Relaxed) as f64 / (*iterations).max(1) as f64
        }
        Executor::PerVuIterations { vus, iterations, .. } => {
            run.counters.completed.load(Ordering::Relaxed) as f64 / vus.saturating_mul(*iterations).max(1) as f64
        }
        executor => by_time(executor.duration()),
    };
    done.clamp(0.0, 1.0)
}

fn instance<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let counter = |of: fn(&Run) -> f64| move |ctx: &Ctx<'js>, host: &Host| Ok(of(host.run(ctx, "exec.instance")?));
    live(&object, "currentTestRunDuration", counter(|run| run.since_start().as_secs_f64() * 1e3))?;
    live(&object, "iterationsCompleted", counter(|run| run.counters.completed.load(Ordering::Relaxed) as f64))?;
    live(&object, "iterationsInterrupted", counter(|run| run.counters.interrupted.load(Ordering::Relaxed) as f64))?;
    live(&object, "vusActive", counter(|run| run.counters.active.load(Ordering::Relaxed) as f64))?;
    live(&object, "vusInitialized", counter(|run| run.counters.initialized.load(Ordering::Relaxed) as f64))?;
    Ok(object)
}

fn test<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let abort = |ctx: Ctx<'js>, reason: Opt<Coerced<String>>| -> rquickjs::Result<()> {
        let host = host(&ctx)?;
        let reason = reason.0.map_or_else(|| "test aborted".to_owned(), |Coerced(reason)| reason);
        match host.loaded() {
            Some(run) => run.abort(&reason),
            None => return Err(thrown(&ctx, &format!("the script aborts the test: {reason}"))),
        }
        host.cut();
        Err(cut_off(&ctx))
    };
    object.set("abort", Function::new(ctx.clone(), abort)?.with_name("abort")?)?;
    let fail = |ctx: Ctx<'js>, reason: Opt<Coerced<String>>| -> rquickjs::Result<()> {
        let host = host(&ctx)?;
        let run = host.run(&ctx, "exec.test.fail")?;
        let reason = reason.0.map(|Coerced(reason)| format!(": {reason}")).unwrap_or_default();
        let said = format!("the test is marked as failed{reason}");
        run.program.console.say("error", &said);
        host.failed.replace(Some(said));
        Ok(())
    };
    object.set("fail", Function::new(ctx.clone(), fail)?.with_name("fail")?)?;
    live(&object, "options", |ctx, host| {
        let options = host.loaded().map(|run| run.options.clone()).unwrap_or_default();
        json::to_js(ctx, &options)
    })?;
    Ok(object)
}

fn vu<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    live(&object, "idInInstance", |_, host| Ok(host.vu as f64))?;
    live(&object, "idInTest", |_, host| Ok(host.vu as f64))?;
    let iteration = |_: &Ctx<'js>, host: &Host| {
        Ok(host.context.borrow().as_ref().map_or(0.0, |context| context.vu_iteration as f64))
    };
    live(&object, "iterationInInstance", iteration)?;
    live(&object, "iterationInScenario", iteration)?;
    let tags = vu_tags(ctx)?;
    object.set("tags", tags.clone())?;
    let metrics = Object::new(ctx.clone())?;
    metrics.set("tags", tags)?;
    metrics.set("metadata", Object::new(ctx.clone())?)?;
    object.set("metrics", metrics)?;
    Ok(object)
}

/// Tags that the run itself sets, beside those of the script.
const SYSTEM: [&str; 2] = ["group", "scenario"];

/// `exec.vu.tags`: what is set here is on all samples of this virtual user from then on.
fn vu_tags<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>> {
    let handler = Object::new(ctx.clone())?;
    let get = |ctx: Ctx<'js>, _: Object<'js>, name: Value<'js>| match tag_of(&ctx, &name)? {
        Some(value) => value.into_js(&ctx),
        None => Ok(Value::new_undefined(ctx)),
    };
    handler.set("get", Function::new(ctx.clone(), get)?)?;
    handler.set("set", Function::new(ctx.clone(), set_tag)?)?;
    let has = |ctx: Ctx<'js>, _: Object<'js>, name: Value<'js>| Ok::<_, Error>(tag_of(&ctx, &name)?.is_some());
    handler.set("has", Function::new(ctx.clone(), has)?)?;
    let delete = |ctx: Ctx<'js>, _: Object<'js>, name: Coerced<String>| -> rquickjs::Result<bool> {
        host(&ctx)?.tags.borrow_mut().remove(&name.0);
        Ok(true)
    };
    handler.set("deleteProperty", Function::new(ctx.clone(), delete)?)?;
    handler.set("ownKeys", Function::new(ctx.clone(), |ctx: Ctx<'js>| tag_names(&ctx))?)?;
    let describe = |ctx: Ctx<'js>, _: Object<'js>, name: Value<'js>| -> rquickjs::Result<Value<'js>> {
        let Some(value) = tag_of(&ctx, &name)? else { return Ok(Value::new_undefined(ctx)) };
        let descriptor = Object::new(ctx)?;
        descriptor.set("value", value)?;
        for attribute in ["writable", "enumerable", "configurable"] {
            descriptor.set(attribute, true)?;
        }
        Ok(descriptor.into_value())
    };
    handler.set("getOwnPropertyDescriptor", Function::new(ctx.clone(), describe)?)?;
    Ok(Proxy::new(ctx.clone(), Object::new(ctx.clone())?, ProxyHandler::from_object(handler)?)?.into_value())
}

/// The value of a tag at this moment. A symbol names none.
fn tag_of(ctx: &Ctx<'_>, name: &Value<'_>) -> rquickjs::Result<Option<String>> {
    match name.as_string() {
        Some(name) => Ok(host(ctx)?.tag(&name.to_string()?)),
        None => Ok(None),
    }
}

fn set_tag<'js>(ctx: Ctx<'js>, _: Object<'js>, name: Coerced<String>, value: Value<'js>) -> rquickjs::Result<bool> {
    if value.is_object() || value.is_null() || value.is_undefined() || value.is_symbol() {
        let name = name.0;
        let problem = format!("the tag '{name}' can't have that value: it must be a text, a number or a truth value");
        return Err(Exception::throw_type(&ctx, &problem));
    }
    let Coerced(value) = value.get::<Coerced<String>>()?;
    host(&ctx)?.tags.borrow_mut().set(&name.0, &value);
    Ok(true)
}

fn tag_names(ctx: &Ctx<'_>) -> rquickjs::Result<Vec<String>> {
    let host = host(ctx)?;
    let own: Vec<String> = host.tags.borrow().iter().map(|(name, _)| name.to_owned()).collect();
    let system = SYSTEM.iter().filter(|name| host.tag(name).is_some()).map(|name| (*name).to_owned());
    Ok(system.chain(own.into_iter().filter(|name| !SYSTEM.contains(&name.as_str()))).collect())
}
