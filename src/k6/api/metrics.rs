//! `k6/metrics`: metrics of the script's own.

use std::borrow::Cow;
use std::time::Instant;

use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Constructor, Opt, This};
use rquickjs::object::Accessor;
use rquickjs::{Class, Coerced, Ctx, Exception, JsLifetime, Object, Value};

use crate::k6::host::{Host, Stage, host};
use crate::k6::run::Run;
use crate::k6::samples;
use crate::k6::tags::{Tags, matching};
use crate::k6::vm::native::{Called, native};
use crate::metric::{Builtin, Kind, Metric as Name, Unit};
use crate::plan::CustomMetric;

/// What the module exports.
pub const NAMES: &[&str] = &["Counter", "Gauge", "Rate", "Trend"];

/// The module.
pub fn exports<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let metrics = Object::new(ctx.clone())?;
    let prototype = Class::<Metric>::prototype(ctx)?;
    for (name, kind) in
        [("Counter", Kind::Counter), ("Gauge", Kind::Gauge), ("Rate", Kind::Rate), ("Trend", Kind::Trend)]
    {
        let make = move |ctx: Ctx<'js>, name: Opt<Value<'js>>, is_time: Opt<Coerced<bool>>| {
            let metric = declare(&ctx, kind, name.0, is_time.0.is_some_and(|Coerced(time)| time))?;
            Class::instance(ctx, metric)
        };
        let constructor = match &prototype {
            Some(prototype) => Constructor::new_prototype(ctx, prototype.clone(), make)?,
            None => return Err(Exception::throw_internal(ctx, "metrics have no prototype")),
        };
        constructor.set_name(name)?;
        metrics.set(name, constructor)?;
    }
    Ok(metrics)
}

/// One of them.
pub struct Metric {
    name: String,
    /// Index among the plan's metrics; none where the init context of another run declares it.
    index: Option<usize>,
    kind: Kind,
}

// It holds no value of a context.
unsafe impl<'js> JsLifetime<'js> for Metric {
    type Changed<'to> = Metric;
}

impl<'js> Trace<'js> for Metric {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> JsClass<'js> for Metric {
    const NAME: &'static str = "Metric";
    type Mutable = Readable;

    fn prototype(ctx: &Ctx<'js>) -> rquickjs::Result<Option<Object<'js>>> {
        let prototype = Object::new(ctx.clone())?;
        prototype.set("add", native!(ctx, c"add", 1, add)?)?;
        let name = |this: This<Class<'js, Metric>>| this.0.borrow().name.clone();
        prototype.prop("name", Accessor::new_get(name).enumerable())?;
        Ok(Some(prototype))
    }

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// `new Trend(name, isTime)`
fn declare<'js>(ctx: &Ctx<'js>, kind: Kind, name: Option<Value<'js>>, is_time: bool) -> rquickjs::Result<Metric> {
    let host = host(ctx)?;
    if host.stage.get() != Stage::Init {
        let problem = "metrics must be declared in the init context: outside of all functions";
        return Err(Exception::from_message(ctx.clone(), problem)?.throw());
    }
    let name = match name.and_then(Value::into_string) {
        Some(name) => name.to_string()?,
        None => return Err(Exception::throw_type(ctx, "a metric needs a name")),
    };
    if !is_valid(&name) {
        let problem = format!(
            "`{name}` is no name of a metric: letters, digits and underscores, at most 128, and no digit at the beginning"
        );
        return Err(Exception::from_message(ctx.clone(), &problem)?.throw());
    }
    if let Name::Builtin(builtin) = Name::named(&name)
        && builtin.kind() != kind
    {
        return Err(Exception::from_message(ctx.clone(), &taken(&name, builtin))?.throw());
    }
    let unit = if is_time { Unit::Milliseconds } else { Unit::Plain };
    match host.program.declare(CustomMetric { name: name.as_str().into(), kind, unit }) {
        Ok(index) => Ok(Metric { name, index, kind }),
        Err(problem) => Err(Exception::from_message(ctx.clone(), &problem)?.throw()),
    }
}

fn taken(name: &str, builtin: Builtin) -> String {
    format!("`{name}` is a metric of k6's own, a {:?}: name yours otherwise", builtin.kind()).to_lowercase()
}

/// k6's rule for names.
fn is_valid(name: &str) -> bool {
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|letter| letter.is_alphabetic() || letter == '_');
    first && name.len() <= 128 && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// `metric.add(value, tags)`: whether it was recorded.
fn add<'js>(called: &Called<'_, 'js>) -> rquickjs::Result<Value<'js>> {
    let ctx = called.ctx;
    let this: Class<'js, Metric> = called.this().get()?;
    let host = host(ctx)?;
    let run = host.run(ctx, "metric.add")?;
    let metric = this.borrow();
    let Some(number) = called.given(0).as_ref().and_then(number) else {
        return refused(ctx, run, &metric, "its value is no number");
    };
    let own = Tags::given(called.given(1))?;
    match record(&host, run, &metric, number, own.as_ref()) {
        Ok(()) => Ok(Value::new_bool(ctx.clone(), true)),
        Err(problem) => refused(ctx, run, &metric, &problem),
    }
}

/// Truth values count as 0 and 1.
fn number(value: &Value<'_>) -> Option<f64> {
    if value.is_null() || value.is_undefined() {
        return None;
    }
    let number = match value.as_bool() {
        Some(truth) => f64::from(u8::from(truth)),
        None => match value.as_number() {
            Some(number) => number,
            None => value.get::<Coerced<f64>>().ok()?.0,
        },
    };
    number.is_finite().then_some(number)
}

fn record(host: &Host, run: &Run, metric: &Metric, value: f64, own: Option<&Tags>) -> Result<(), String> {
    let Some(index) = metric.index else { return Ok(()) };
    if metric.kind == Kind::Counter && value < 0.0 {
        return Err("a counter takes no negative number".into());
    }
    let Some(context) = host.recording() else { return Ok(()) };
    let tag = |name: &str| match own.and_then(|own| own.get(name)) {
        Some(value) => Some(Cow::Owned(value.to_string())),
        None => host.tag(name).map(Cow::Owned),
    };
    let none = Vec::new();
    let submetrics = run.submetrics.custom.get(index).unwrap_or(&none);
    let submetrics: Vec<usize> = matching(submetrics, tag).collect();
    let recorded = context.recorder.borrow_mut().custom(host.slot(&context), index, value, submetrics);
    recorded.map_err(|error| error.to_string())?;
    if let Some(samples) = host.samples() {
        let tags = samples::of_metric(samples, host, own);
        samples.write(Instant::now(), &tags, &[(&metric.name, value)]);
    }
    Ok(())
}

/// What can't be recorded is thrown where the script says `throw`; else it is told, and the iteration goes on.
fn refused<'js>(ctx: &Ctx<'js>, run: &Run, metric: &Metric, problem: &str) -> rquickjs::Result<Value<'js>> {
    let problem = format!("the metric `{}` did not take a sample: {problem}", metric.name);
    if run.settings.requests.throw {
        return Err(Exception::from_message(ctx.clone(), &problem)?.throw());
    }
    run.program.console.warn(&problem);
    Ok(Value::new_bool(ctx.clone(), false))
}
