//! What a response offers of its HTML.

use rquickjs::{Ctx, Object};

/// Adds `html`, `submitForm` and `clickLink` to responses.
pub fn install<'js>(_ctx: &Ctx<'js>, _prototype: &Object<'js>) -> rquickjs::Result<()> {
    Ok(())
}
