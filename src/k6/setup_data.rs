//! What `setup` returns, for all virtual users: small data as each one's own copy, as in k6; long arrays once for all.

use std::sync::Arc;

use rquickjs::{Ctx, Object, Value};
use serde_json::Value as Json;

use super::api::data;
use super::json;
use super::program::SharedItems;

/// Bytes of JSON that every virtual user may have a copy of.
const COPIED: usize = 16 * 1024;

/// Data that is kept outside of any script.
#[derive(Clone, Debug)]
pub enum SetupData {
    /// Made anew for each virtual user.
    Copied(Arc<str>),
    Object(Vec<(String, SetupData)>),
    /// Read in place.
    Shared(SharedItems),
}

impl SetupData {
    /// What a script has returned.
    pub fn new(value: &Json) -> Self {
        let text = value.to_string();
        match value {
            _ if text.len() <= COPIED => SetupData::Copied(text.into()),
            Json::Array(items) => SetupData::Shared(items.iter().map(|item| item.to_string().into()).collect()),
            Json::Object(entries) => {
                SetupData::Object(entries.iter().map(|(name, value)| (name.clone(), SetupData::new(value))).collect())
            }
            _ => SetupData::Copied(text.into()),
        }
    }

    /// The data in a virtual user's world.
    ///
    /// # Errors
    /// It has no memory for it.
    pub fn to_js<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>> {
        match self {
            SetupData::Copied(text) => json::parse(ctx, text.as_bytes()),
            SetupData::Shared(items) => data::of_items(ctx, items.clone()),
            SetupData::Object(entries) => {
                let object = Object::new(ctx.clone())?;
                for (name, value) in entries {
                    object.set(name.as_str(), value.to_js(ctx)?)?;
                }
                Ok(object.into_value())
            }
        }
    }
}
