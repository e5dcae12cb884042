//! `k6`: check, group, sleep, fail.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use rquickjs::function::Opt;
use rquickjs::{Coerced, Ctx, Exception, Function, Object, Value};

use super::http::response::Response;
use super::http::send::row_of;
use crate::k6::host::{Host, ask, host, thrown};
use crate::k6::run::Run;
use crate::k6::samples::{self, milliseconds};
use crate::k6::tags::{Tags, matching};
use crate::k6::vm::native::{Called, native};
use crate::k6::vm::{Ask, Known, call_with};
use crate::load::steps::{FailureClass, Incident};

/// What the module exports.
pub const NAMES: &[&str] = &["check", "fail", "group", "randomSeed", "sleep"];

/// The module.
pub fn exports<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let k6 = Object::new(ctx.clone())?;
    k6.set("check", native!(ctx, c"check", 2, check)?)?;
    k6.set("fail", Function::new(ctx.clone(), fail)?.with_name("fail")?)?;
    k6.set("group", native!(ctx, c"group", 2, group)?)?;
    k6.set("randomSeed", Function::new(ctx.clone(), random_seed)?.with_name("randomSeed")?)?;
    k6.set("sleep", native!(ctx, c"sleep", 1, sleep)?)?;
    Ok(k6)
}

/// `sleep(seconds)`
fn sleep<'js>(called: &Called<'_, 'js>) -> rquickjs::Result<Value<'js>> {
    let ctx = called.ctx;
    let host = host(ctx)?;
    let Some(seconds) = called.given(0) else {
        return Err(Exception::throw_type(ctx, "sleep takes a number of seconds"));
    };
    let Coerced(seconds) = seconds.get::<Coerced<f64>>()?;
    // A negative number, and one that is none, is no time at all.
    let time = Duration::try_from_secs_f64(seconds * host.program.time_scale).unwrap_or_default();
    ask(ctx, &host, Ask::Sleep(time))?;
    Ok(Value::new_undefined(ctx.clone()))
}

/// `fail(message)`: ends the iteration as failed.
fn fail<'js>(ctx: Ctx<'js>, message: Opt<Coerced<String>>) -> rquickjs::Result<()> {
    let message = message.0.map(|Coerced(message)| message).unwrap_or_default();
    Err(Exception::from_message(ctx, &message)?.throw())
}

/// `randomSeed(number)`: `Math.random` repeats itself from here.
fn random_seed<'js>(ctx: Ctx<'js>, seed: Coerced<f64>) -> rquickjs::Result<()> {
    super::random::seed(&ctx, seed.0.to_bits())
}

/// `check(value, { name: condition }, tags)`: counts each condition, and tells whether all hold.
fn check<'js>(called: &Called<'_, 'js>) -> rquickjs::Result<Value<'js>> {
    let ctx = called.ctx;
    let host = host(ctx)?;
    let run = host.run(ctx, "check()")?;
    let value = called.required(0)?;
    let Some(conditions) = called.required(1)?.into_object() else {
        return Err(Exception::throw_type(ctx, "check takes an object of conditions: { \"status is 200\": (r) => … }"));
    };
    let own = Tags::given(called.given(2))?;
    let mut all = true;
    host.names.each(&conditions, |known, condition| {
        if known.check_row.is_none() && known.name.text.contains("::") {
            return Err(thrown(ctx, "a check's name can't have `::` in it"));
        }
        let held = match condition.as_function() {
            Some(condition) => call_with(condition, Some(&value)).map(|value| truthy(&value)),
            None => Ok(truthy(&condition)),
        };
        let passed = *held.as_ref().unwrap_or(&false);
        // One that the end of the iteration has cut off has no outcome.
        if !host.is_cut() {
            record(&host, run, known, passed, own.as_ref(), &value);
        }
        held?;
        all &= passed;
        Ok(())
    })?;
    Ok(Value::new_bool(ctx.clone(), all))
}

fn truthy(value: &Value<'_>) -> bool {
    match value.as_bool() {
        Some(truth) => truth,
        None => value.get::<Coerced<bool>>().is_ok_and(|Coerced(truth)| truth),
    }
}

fn record(host: &Host, run: &Run, known: &Known, passed: bool, own: Option<&Tags>, about: &Value<'_>) {
    let row = check_row(host, run, known);
    let name = &*known.name.text;
    let Some(context) = host.recording() else { return };
    let tag = |tag: &str| match tag {
        "check" => Some(Cow::Owned(name.to_owned())),
        tag => own
            .and_then(|own| own.get(tag))
            .map(|value| Cow::Owned(value.to_string()))
            .or_else(|| host.tag(tag).map(Cow::Owned)),
    };
    let submetrics = matching(&run.submetrics.checks, tag);
    context.recorder.borrow_mut().check(host.slot(&context), row, passed, submetrics);
    if let Some(samples) = host.samples() {
        let tags = samples::of_check(samples, host, own, name);
        samples.write(Instant::now(), &tags, &[("checks", f64::from(u8::from(passed)))]);
    }
    if !passed {
        let at = context.epoch.elapsed();
        drop(context);
        let class = FailureClass::Check(name.into());
        let message = "the check does not hold";
        // Most checks are about a response, which tells what to look at.
        let response = about.as_object().and_then(Object::as_class::<Response<'_>>).map(|class| class.borrow());
        let answered = response.as_ref().map(|response| response.answered());
        let place = answered.map_or_else(|| name.into(), |answered| run.request_name(row_of(host, answered)));
        let outgoing = answered.map(|answered| &answered.sending.outgoing);
        let exchange = answered.map(|answered| &answered.exchange);
        run.evidence.offer(&Incident { place: &place, class, outgoing, exchange, message, at });
    }
}

/// The row of a check in the group that the script is in.
fn check_row(host: &Host, run: &Run, known: &Known) -> usize {
    let group = host.group.borrow();
    match (group.strip_prefix("::").unwrap_or_default(), known.check_row) {
        ("", Some(row)) => row,
        ("", None) => {
            let row = run.check_row(&known.name.text);
            host.names.keep_check_row(known, row);
            row
        }
        (group, _) => run.check_row(&format!("{group}::{}", known.name.text)),
    }
}

/// `group(name, function)`: names what the function does, and records its time.
fn group<'js>(called: &Called<'_, 'js>) -> rquickjs::Result<Value<'js>> {
    let ctx = called.ctx;
    let Coerced(name) = called.required(0)?.get::<Coerced<String>>()?;
    let work: Function<'js> = called.required(1)?.get()?;
    let host = host(ctx)?;
    let run = host.run(ctx, "group()")?;
    if name.contains("::") {
        return Err(thrown(ctx, "a group's name can't have `::` in it"));
    }
    let path = format!("{}::{name}", host.group.borrow());
    let around = host.group.replace(path.clone());
    let began = Instant::now();
    let result: rquickjs::Result<Value<'js>> = work.call(());
    let took = began.elapsed();
    if !host.is_cut() {
        record_group(&host, run, &path, took);
    }
    host.group.replace(around);
    if result.as_ref().is_ok_and(Value::is_promise) {
        let problem = "group() takes no async function: what it waits for would be outside of the group";
        return Err(Exception::throw_type(ctx, problem));
    }
    result
}

fn record_group(host: &Host, run: &Run, path: &str, took: Duration) {
    let row = run.group_row(path.trim_start_matches("::"));
    let Some(context) = host.recording() else { return };
    let tag = |name: &str| host.tag(name).map(Cow::Owned);
    let submetrics = matching(&run.submetrics.groups, tag);
    context.recorder.borrow_mut().group(context.slot, row, took, submetrics);
    if let Some(samples) = host.samples() {
        let tags = samples::of_metric(samples, host, None);
        samples.write(Instant::now(), &tags, &[("group_duration", milliseconds(took))]);
    }
}
