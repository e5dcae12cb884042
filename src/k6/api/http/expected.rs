//! `http.expectedStatuses` and `http.setResponseCallback`: which answers are no failures.

use std::ops::RangeInclusive;
use std::rc::Rc;

use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Constructor, Rest};
use rquickjs::{Class, Ctx, Exception, JsLifetime, Object, Value};

use super::send::Expected;
use crate::k6::host::host;

/// What `expectedStatuses` makes.
pub struct ExpectedStatuses(Rc<[RangeInclusive<u16>]>);

// It holds no value of a context.
unsafe impl<'js> JsLifetime<'js> for ExpectedStatuses {
    type Changed<'to> = ExpectedStatuses;
}

impl<'js> Trace<'js> for ExpectedStatuses {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> JsClass<'js> for ExpectedStatuses {
    const NAME: &'static str = "ExpectedStatuses";
    type Mutable = Readable;

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// `http.expectedStatuses(200, { min: 300, max: 304 }, …)`
pub fn statuses<'js>(ctx: Ctx<'js>, given: Rest<Value<'js>>) -> rquickjs::Result<Class<'js, ExpectedStatuses>> {
    if given.0.is_empty() {
        return Err(Exception::throw_type(&ctx, "expectedStatuses takes at least one status, or { min, max }"));
    }
    let ranges = given.0.iter().map(|value| range(&ctx, value)).collect::<rquickjs::Result<Vec<_>>>()?;
    Class::instance(ctx, ExpectedStatuses(ranges.into()))
}

fn range(ctx: &Ctx<'_>, value: &Value<'_>) -> rquickjs::Result<RangeInclusive<u16>> {
    let status = |number: f64| (number.fract() == 0.0 && (0.0..=999.0).contains(&number)).then_some(number as u16);
    let range = match (value.as_number(), value.as_object()) {
        (Some(number), _) => status(number).map(|status| status..=status),
        (None, Some(object)) => {
            let bound = |name: &str| object.get::<_, Option<f64>>(name).ok().flatten().and_then(status);
            bound("min").zip(bound("max")).map(|(min, max)| min..=max)
        }
        _ => None,
    };
    range.ok_or_else(|| {
        Exception::throw_type(ctx, "expectedStatuses takes whole numbers and objects { min, max } of whole numbers")
    })
}

/// What a callback expects; none for `null`.
///
/// # Errors
/// An exception for what `expectedStatuses` has not made.
pub fn of(ctx: &Ctx<'_>, value: &Value<'_>) -> rquickjs::Result<Expected> {
    if value.is_null() {
        return Ok(None);
    }
    let class = value.as_object().and_then(Object::as_class::<ExpectedStatuses>);
    match class {
        Some(expected) => Ok(Some(expected.borrow().0.clone())),
        None => Err(Exception::throw_type(ctx, "a response callback must be null or what http.expectedStatuses makes")),
    }
}

/// `http.setResponseCallback(callback)`
pub fn set<'js>(ctx: Ctx<'js>, callback: Value<'js>) -> rquickjs::Result<()> {
    *host(&ctx)?.expected.borrow_mut() = of(&ctx, &callback)?;
    Ok(())
}
