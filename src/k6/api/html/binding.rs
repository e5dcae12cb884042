//! What the classes in JavaScript call.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rquickjs::class::{Readable, Trace, Tracer};
use rquickjs::function::{Args, Constructor, Opt};
use rquickjs::{Array, Class, Ctx, Exception, Function, IntoJs, JsLifetime, Object, Result, Value};

use super::super::Script;
use super::dom::{DOCUMENT, Dom, Kind, NodeId};
use super::form::{FieldValue, resolve};
use super::select::{Step, Test};
use crate::k6::host::host;
use crate::k6::vm::Held;

/// What `k6/html` exports.
pub const NAMES: &[&str] = &["parseHTML"];

/// The module `k6/html`.
///
/// # Errors
///
/// An exception, when the engine has no memory left.
pub fn exports<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("parseHTML", Function::new(ctx.clone(), parse_html)?.with_name("parseHTML")?)?;
    Ok(object)
}

fn parse_html<'js>(ctx: Ctx<'js>, text: Opt<Value<'js>>) -> Result<Value<'js>> {
    let text = match text.0 {
        None => return Err(Exception::throw_type(&ctx, "parseHTML() needs the text to parse as its first argument")),
        Some(text) => super::super::text_of(&ctx, &text)?,
    };
    selection(&ctx, &text, "", None)
}

/// A `Selection` of the whole page, or of what `selector` finds in it: what `parseHTML()` and `res.html()` return.
/// `address` is what the page's links are resolved against; empty to leave them as they are.
///
/// # Errors
///
/// An exception: the selector uses what loadgate doesn't have, or the engine has no memory left.
pub fn selection<'js>(ctx: &Ctx<'js>, text: &str, address: &str, selector: Option<&str>) -> Result<Value<'js>> {
    let held = hold(ctx, text)?;
    let page = Class::instance(ctx.clone(), Page(Dom::parse(text), held))?;
    let whole: Object<'js> = wrap(ctx)?.call((page, vec![DOCUMENT], address))?;
    match selector {
        None => Ok(whole.into_value()),
        Some(selector) => {
            let find: Function<'js> = whole.get("find")?;
            let mut args = Args::new(ctx.clone(), 1);
            args.this(whole)?;
            args.push_arg(selector)?;
            find.call_arg(args)
        }
    }
}

static SELECTION: Script = Script::new("k6/html/selection", include_str!("selection.js"));
static ELEMENT: Script = Script::new("k6/html/element", include_str!("element.js"));
static TAGS: Script = Script::new("k6/html/tags", include_str!("tags.js"));

/// The function that makes a `Selection`, of a virtual user that has parsed a page.
struct Wrap<'js>(Function<'js>);

// SAFETY: the same type with the lifetime changed.
unsafe impl<'js> JsLifetime<'js> for Wrap<'js> {
    type Changed<'to> = Wrap<'to>;
}

fn wrap<'js>(ctx: &Ctx<'js>) -> Result<Function<'js>> {
    if let Some(wrap) = ctx.userdata::<Wrap<'js>>() {
        return Ok(wrap.0.clone());
    }
    let selection: Function<'js> = SELECTION.value(ctx)?;
    let wrap: Function<'js> = selection.call((core(ctx)?,))?;
    if ctx.store_userdata(Wrap(wrap.clone())).is_err() {
        return Err(Exception::throw_internal(ctx, "k6/html was loaded while it was being used"));
    }
    Ok(wrap)
}

/// A parsed page.
struct Page(Dom, #[expect(dead_code, reason = "it counts until the page is gone")] Option<Held>);

/// Bytes that a node of a page takes.
const NODE: usize = 160;

/// Counts a page's memory as the script's, before it is parsed.
fn hold(ctx: &Ctx<'_>, text: &str) -> Result<Option<Held>> {
    let nodes = 2 * text.bytes().filter(|byte| *byte == b'<').count();
    // Tests of the module run without a host.
    match host(ctx) {
        Ok(host) => host.memory.hold(ctx, text.len() + NODE * nodes).map(Some),
        Err(_) => {
            ctx.catch();
            Ok(None)
        }
    }
}

// SAFETY: no lifetime in it.
unsafe impl<'js> JsLifetime<'js> for Page {
    type Changed<'to> = Page;
}

impl<'js> Trace<'js> for Page {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> rquickjs::class::JsClass<'js> for Page {
    const NAME: &'static str = "Page";
    type Mutable = Readable;

    fn constructor(_: &Ctx<'js>) -> Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

type PageOf<'js> = Class<'js, Page>;

fn core<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let core = Object::new(ctx.clone())?;
    // Most scripts need no elements, or only what all have.
    core.set("loadElement", Function::new(ctx.clone(), |ctx: Ctx<'js>| ELEMENT.value::<Function<'js>>(&ctx))?)?;
    core.set("loadTags", Function::new(ctx.clone(), |ctx: Ctx<'js>| TAGS.value::<Function<'js>>(&ctx))?)?;
    core.set("step", Function::new(ctx.clone(), step)?)?;
    core.set("attribute", Function::new(ctx.clone(), attribute)?)?;
    core.set("attributes", Function::new(ctx.clone(), attributes)?)?;
    core.set("text", Function::new(ctx.clone(), text)?)?;
    core.set("html", Function::new(ctx.clone(), html)?)?;
    core.set("optionValue", Function::new(ctx.clone(), option_value)?)?;
    core.set("value", Function::new(ctx.clone(), value)?)?;
    core.set("fields", Function::new(ctx.clone(), fields)?)?;
    core.set("serialize", Function::new(ctx.clone(), serialize)?)?;
    core.set("name", Function::new(ctx.clone(), name)?)?;
    core.set("namespace", Function::new(ctx.clone(), namespace)?)?;
    core.set("type", Function::new(ctx.clone(), node_type)?)?;
    core.set("neighbour", Function::new(ctx.clone(), neighbour)?)?;
    core.set("resolve", Function::new(ctx.clone(), |address: String, to: String| resolve(&address, &to).ok())?)?;
    core.set("address", Function::new(ctx.clone(), address_parts)?)?;
    Ok(core)
}

/// The nodes that a script named, which it can only have from this page.
fn nodes(ctx: &Ctx<'_>, page: &Dom, nodes: &[NodeId]) -> Result<()> {
    if nodes.iter().all(|&id| page.has(id)) {
        return Ok(());
    }
    Err(Exception::throw_type(ctx, "a node is of another page"))
}

fn node(ctx: &Ctx<'_>, page: &Dom, id: NodeId) -> Result<NodeId> {
    nodes(ctx, page, &[id]).map(|()| id)
}

fn step<'js>(
    ctx: Ctx<'js>,
    page: PageOf<'js>,
    step: String,
    from: Vec<NodeId>,
    test: Opt<Value<'js>>,
    filter: Opt<Value<'js>>,
) -> Result<Vec<NodeId>> {
    let page = page.borrow();
    nodes(&ctx, &page.0, &from)?;
    let Some(step) = Step::named(&step) else { return Err(Exception::throw_internal(&ctx, "no such step")) };
    let (test, filter) = (read_test(&ctx, &page.0, test.0)?, read_test(&ctx, &page.0, filter.0)?);
    Ok(page.0.step(step, &from, test.as_ref(), filter.as_ref()))
}

fn read_test<'js>(ctx: &Ctx<'js>, page: &Dom, test: Option<Value<'js>>) -> Result<Option<Test>> {
    let Some(test) = test.filter(|test| !test.is_undefined() && !test.is_null()) else { return Ok(None) };
    if test.is_array() {
        let wanted: Vec<NodeId> = test.get()?;
        nodes(ctx, page, &wanted)?;
        return Ok(Some(Test::Nodes(wanted)));
    }
    let text: String = test.get()?;
    Test::selector(&text).map(Some).map_err(|what| {
        Exception::throw_type(ctx, &format!("the selector '{text}' uses {what}, which loadgate doesn't have"))
    })
}

fn attribute<'js>(ctx: Ctx<'js>, page: PageOf<'js>, id: NodeId, name: String) -> Result<Option<String>> {
    let page = page.borrow();
    Ok(page.0.attribute(node(&ctx, &page.0, id)?, &name).map(str::to_owned))
}

/// Each attribute's name, prefix and value.
fn attributes<'js>(ctx: Ctx<'js>, page: PageOf<'js>, id: NodeId) -> Result<Vec<Vec<String>>> {
    let page = page.borrow();
    let Some(element) = page.0.element(node(&ctx, &page.0, id)?) else { return Ok(Vec::new()) };
    let parts = element.attributes.iter().map(|attribute| {
        let prefix = attribute.name.prefix.as_ref().map_or("", |prefix| prefix);
        vec![attribute.name.local.to_string(), prefix.to_owned(), attribute.value.to_string()]
    });
    Ok(parts.collect())
}

fn text<'js>(ctx: Ctx<'js>, page: PageOf<'js>, ids: Vec<NodeId>) -> Result<String> {
    let page = page.borrow();
    nodes(&ctx, &page.0, &ids)?;
    Ok(ids.into_iter().map(|id| page.0.text(id)).collect())
}

fn html<'js>(ctx: Ctx<'js>, page: PageOf<'js>, id: NodeId) -> Result<String> {
    let page = page.borrow();
    Ok(page.0.inner_html(node(&ctx, &page.0, id)?))
}

fn option_value<'js>(ctx: Ctx<'js>, page: PageOf<'js>, id: NodeId) -> Result<String> {
    let page = page.borrow();
    Ok(page.0.option_value(node(&ctx, &page.0, id)?))
}

fn value<'js>(ctx: Ctx<'js>, page: PageOf<'js>, id: NodeId) -> Result<Value<'js>> {
    let page = page.borrow();
    match page.0.value(node(&ctx, &page.0, id)?) {
        None => Ok(Value::new_undefined(ctx)),
        Some(FieldValue::One(value)) => value.into_js(&ctx),
        Some(FieldValue::Several(values)) => values.into_js(&ctx),
    }
}

fn fields<'js>(ctx: Ctx<'js>, page: PageOf<'js>, ids: Vec<NodeId>) -> Result<Vec<NodeId>> {
    let page = page.borrow();
    nodes(&ctx, &page.0, &ids)?;
    Ok(page.0.fields(&ids))
}

/// Names and values as a form sends them, in the order of the names.
fn serialize(mut pairs: Vec<Vec<String>>) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let encode = |text: &String| utf8_percent_encode(text, KEPT).to_string().replace("%20", "+");
    pairs.sort_by(|a, b| a.first().cmp(&b.first()));
    let encoded: Vec<String> = pairs.iter().map(|pair| pair.iter().map(encode).collect::<Vec<_>>().join("=")).collect();
    encoded.join("&")
}

fn name<'js>(ctx: Ctx<'js>, page: PageOf<'js>, id: NodeId) -> Result<String> {
    let page = page.borrow();
    Ok(page.0.name(node(&ctx, &page.0, id)?).to_owned())
}

fn namespace<'js>(ctx: Ctx<'js>, page: PageOf<'js>, id: NodeId) -> Result<String> {
    let page = page.borrow();
    let element = page.0.element(node(&ctx, &page.0, id)?);
    Ok(element.map_or("http://www.w3.org/1999/xhtml", |element| &element.name.ns).to_owned())
}

/// A node's type, as the DOM numbers them.
fn node_type<'js>(ctx: Ctx<'js>, page: PageOf<'js>, id: NodeId) -> Result<i32> {
    let page = page.borrow();
    Ok(match page.0.node(node(&ctx, &page.0, id)?).kind {
        Kind::Element(_) => 1,
        Kind::Text(_) => 3,
        Kind::Comment(_) => 8,
        Kind::Document => 9,
        Kind::Doctype(_) => 10,
    })
}

fn neighbour<'js>(ctx: Ctx<'js>, page: PageOf<'js>, id: NodeId, which: String) -> Result<Option<NodeId>> {
    let page = page.borrow();
    let node = page.0.node(node(&ctx, &page.0, id)?);
    Ok(match which.as_str() {
        "parent" => node.parent,
        "previous" => node.previous,
        "next" => node.next,
        "first" => node.first,
        "last" => node.last,
        _ => None,
    })
}

/// The parts of a resolved address: scheme, user, password, host, port, path, query and fragment, each perhaps empty.
fn address_parts<'js>(ctx: Ctx<'js>, address: String) -> Result<Array<'js>> {
    let parts = Array::new(ctx)?;
    let url = url::Url::parse(&address).ok();
    let text = |part: fn(&url::Url) -> Option<String>| url.as_ref().and_then(part).unwrap_or_default();
    parts.set(0, text(|url| Some(url.scheme().to_owned())))?;
    parts.set(1, text(|url| Some(url.username().to_owned())))?;
    parts.set(2, text(|url| url.password().map(str::to_owned)))?;
    parts.set(3, text(|url| url.host_str().map(str::to_owned)))?;
    parts.set(4, text(|url| url.port().map(|port| port.to_string())))?;
    parts.set(5, text(|url| Some(url.path().to_owned())))?;
    parts.set(6, text(|url| url.query().map(str::to_owned)))?;
    parts.set(7, text(|url| url.fragment().map(str::to_owned)))?;
    Ok(parts)
}
