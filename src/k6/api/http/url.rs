//! Where a script sends a request: a text, a URL object, or what `` http.url`…` `` makes.

use rquickjs::function::Rest;
use rquickjs::{Array, Coerced, Ctx, Exception, Object, Value};

use crate::k6::api::elements;

/// A URL and the name that its samples are counted under.
pub struct Address {
    pub url: String,
    /// None: that of the URL.
    pub name: Option<String>,
}

/// Marks what [`template`] makes.
const NAME: &str = "name";

/// An address from a script's argument.
///
/// # Errors
/// An exception for what is neither a text nor an object with one.
pub fn address<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> rquickjs::Result<Address> {
    if let Some(text) = value.as_string() {
        return Ok(Address { url: text.to_string()?, name: None });
    }
    let Some(object) = value.as_object() else {
        return Err(Exception::throw_type(ctx, "the URL must be a text or what http.url makes"));
    };
    match object.get::<_, Option<String>>("__loadgate_url") {
        Ok(Some(url)) => Ok(Address { url, name: object.get(NAME)? }),
        _ => Ok(Address { url: value.get::<Coerced<String>>()?.0, name: None }),
    }
}

/// `` http.url`https://host/items/${id}` ``: named by its constant parts, `https://host/items/${}`.
pub fn template<'js>(ctx: Ctx<'js>, parts: Array<'js>, values: Rest<Coerced<String>>) -> rquickjs::Result<Object<'js>> {
    let parts: Vec<String> = elements(&parts)?.iter().map(Value::get).collect::<rquickjs::Result<_>>()?;
    let (mut url, mut name) = (String::new(), String::new());
    for (index, part) in parts.iter().enumerate() {
        url.push_str(part);
        name.push_str(part);
        if let Some(Coerced(value)) = values.0.get(index) {
            url.push_str(value);
            name.push_str("${}");
        }
    }
    let object = Object::new(ctx)?;
    object.set("__loadgate_url", url.as_str())?;
    object.set("url", url)?;
    object.set(NAME, name)?;
    Ok(object)
}
