//! What ended a script's work before its end.

use std::any::Any;
use std::fmt;

use rquickjs::{CaughtError, Ctx, Error, Exception, Value, qjs};

/// Bytes of a message that are kept.
const LONGEST: usize = 2048;

/// An exception, or the end of its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thrown {
    /// The iteration's time was over.
    Cut,
    Exception {
        /// As it reads: `TypeError: cannot read property 'id' of null`.
        message: String,
        /// Where it was thrown, as QuickJS writes it; empty for what is no `Error`.
        stack: String,
    },
}

impl Thrown {
    /// There is no memory.
    pub fn memory() -> Self {
        Thrown::out_of_memory(String::new())
    }

    /// There is no more memory, at this place of the script.
    pub fn out_of_memory(stack: String) -> Self {
        Thrown::Exception { message: "InternalError: out of memory".into(), stack }
    }

    /// An error of ours.
    pub fn ours(message: impl Into<String>) -> Self {
        Thrown::Exception { message: message.into(), stack: String::new() }
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Thrown::Cut => f.write_str("its time is over"),
            Thrown::Exception { message, .. } => f.write_str(message),
        }
    }
}

/// What an error of the bindings stands for in this context.
pub(super) fn caught(ctx: &Ctx<'_>, error: Error) -> Thrown {
    match CaughtError::from_error(ctx, error) {
        CaughtError::Exception(exception) => of_exception(&exception),
        CaughtError::Value(value) => Thrown::Exception { message: cut(shown(ctx, value)), stack: String::new() },
        CaughtError::Error(error) => Thrown::ours(error.to_string()),
    }
}

fn of_exception(exception: &Exception<'_>) -> Thrown {
    let name: String = exception.as_object().get("name").unwrap_or_else(|_| "Error".into());
    let message = exception.message().unwrap_or_default();
    let message = if message.is_empty() { name } else { format!("{name}: {message}") };
    Thrown::Exception { message: cut(message), stack: exception.stack().unwrap_or_default() }
}

/// A native function has panicked: that is our fault, and ends this call alone.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Thrown {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("without a message");
    Thrown::ours(format!("loadgate itself has panicked: {text}; please report it with the script"))
}

/// Any value as a text, whatever its own methods do.
fn shown<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> String {
    // QuickJS has no memory left for an error then.
    if value.is_null() {
        return "null was thrown, as it is where a script is out of memory (--js-memory)".into();
    }
    if let Some(text) = value.as_string().and_then(|text| text.to_string().ok()) {
        return text;
    }
    let json = ctx.json_stringify(value).ok().flatten().and_then(|text| text.to_string().ok());
    if json.is_none() {
        ctx.catch();
    }
    json.unwrap_or_else(|| "something that is no Error was thrown".into())
}

fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

/// Throws what a script can't catch: its time is over.
#[cold]
#[inline(never)]
pub fn cut_off(ctx: &Ctx<'_>) -> Error {
    let error = match Exception::from_message(ctx.clone(), "the iteration's time is over") {
        Ok(exception) => exception.into_object().into_value(),
        Err(error) => return error,
    };
    // Both belong to this context.
    unsafe { qjs::JS_SetUncatchableError(ctx.as_raw().as_ptr(), error.as_raw()) };
    ctx.throw(error)
}
