//! CSS selectors, in the dialect that k6 reads: CSS 3 without pseudo-elements, `[attribute!=value]`, `:contains(text)`,
//! `:containsOwn(text)`, `:has(…)`, `:haschild(…)` and `:input`.

mod reader;

use super::dom::{Dom, Kind, NodeId};
use reader::Reader;

/// Selectors of which one must match.
#[derive(Debug)]
pub struct Selector(Vec<Complex>);

/// Why a selector can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// It's no selector. Like k6, such a one selects nothing.
    Invalid,
    /// It uses what loadgate doesn't have: a regular expression.
    Unsupported(&'static str),
}

/// A compound and, from right to left, what must be around what it matches.
#[derive(Debug)]
struct Complex {
    subject: Vec<Simple>,
    around: Vec<(Combinator, Vec<Simple>)>,
}

#[derive(Debug, Clone, Copy)]
enum Combinator {
    Descendant,
    Child,
    Next,
    Later,
}

#[derive(Debug)]
enum Simple {
    Tag(String),
    Id(String),
    Class(String),
    Attribute {
        name: String,
        test: AttributeTest,
    },
    Not(Selector),
    Has(Selector),
    HasChild(Selector),
    Contains {
        text: String,
        own: bool,
    },
    /// `an+b`, counted among all siblings or those with the same tag, from the first or the last.
    Nth {
        step: i64,
        offset: i64,
        same_tag: bool,
        from_last: bool,
    },
    Only {
        same_tag: bool,
    },
    Lang(String),
    Input,
    Empty,
    Root,
    Link,
    Enabled,
    Disabled,
    Checked,
    Never,
}

#[derive(Debug)]
enum AttributeTest {
    Present,
    Compare { operator: Operator, value: String, any_case: bool },
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Is,
    IsNot,
    Word,
    Dash,
    Prefix,
    Suffix,
    Substring,
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn read(text: &str) -> Result<Selector, Error> {
        let mut reader = Reader::new(text);
        let selector = reader.group()?;
        if reader.at_end() { Ok(selector) } else { Err(Error::Invalid) }
    }

    /// A selector that matches nothing.
    pub fn none() -> Selector {
        Selector(Vec::new())
    }

    /// Whether the node is an element that one of the selectors means.
    pub fn matches(&self, dom: &Dom, id: NodeId) -> bool {
        dom.element(id).is_some() && self.0.iter().any(|complex| complex.matches(dom, id))
    }

    /// What beneath the node matches, in document order.
    pub fn find<'a>(&'a self, dom: &'a Dom, id: NodeId) -> impl Iterator<Item = NodeId> + 'a {
        dom.descendants(id).filter(|&id| self.matches(dom, id))
    }
}

impl Complex {
    fn matches(&self, dom: &Dom, id: NodeId) -> bool {
        compound_matches(&self.subject, dom, id) && around_matches(&self.around, dom, id)
    }
}

fn compound_matches(compound: &[Simple], dom: &Dom, id: NodeId) -> bool {
    dom.element(id).is_some() && compound.iter().all(|simple| simple.matches(dom, id))
}

fn around_matches(around: &[(Combinator, Vec<Simple>)], dom: &Dom, id: NodeId) -> bool {
    let Some(((combinator, compound), outer)) = around.split_first() else { return true };
    let fits = |id| compound_matches(compound, dom, id) && around_matches(outer, dom, id);
    match combinator {
        Combinator::Descendant => dom.ancestors(id).any(fits),
        Combinator::Child => dom.node(id).parent.is_some_and(fits),
        Combinator::Next => dom.preceding(id).next().is_some_and(fits),
        Combinator::Later => dom.preceding(id).any(fits),
    }
}

impl Simple {
    fn matches(&self, dom: &Dom, id: NodeId) -> bool {
        let tag = dom.name(id);
        let has = |name| dom.attribute(id, name).is_some();
        match self {
            Simple::Tag(name) => tag == name,
            Simple::Id(value) => dom.attribute(id, "id") == Some(value),
            Simple::Class(class) => has_word(dom.attribute(id, "class"), class),
            Simple::Attribute { name, test } => test.matches(dom.attribute(id, name)),
            Simple::Not(selector) => !selector.matches(dom, id),
            Simple::Has(selector) => selector.find(dom, id).next().is_some(),
            Simple::HasChild(selector) => dom.children(id).any(|child| selector.matches(dom, child)),
            Simple::Contains { text, own } => contains(dom, id, text, *own),
            Simple::Nth { step, offset, same_tag, from_last } => {
                let place = place(dom, id, *same_tag, *from_last) - offset;
                if *step == 0 { place == 0 } else { place % step == 0 && place / step >= 0 }
            }
            Simple::Only { same_tag } => place(dom, id, *same_tag, false) == 1 && place(dom, id, *same_tag, true) == 1,
            Simple::Lang(lang) => {
                std::iter::once(id).chain(dom.ancestors(id)).any(|id| is_lang(dom.attribute(id, "lang"), lang))
            }
            Simple::Input => matches!(tag, "input" | "select" | "textarea" | "button"),
            Simple::Empty => dom.children(id).all(|child| match &dom.node(child).kind {
                Kind::Element(_) => false,
                Kind::Text(text) => text.trim().is_empty(),
                _ => true,
            }),
            Simple::Root => dom.node(id).parent.is_some_and(|parent| matches!(dom.node(parent).kind, Kind::Document)),
            Simple::Link => is_link(tag) && has("href"),
            Simple::Enabled => (is_link(tag) && has("href")) || disabled(dom, id) == Some(false),
            Simple::Disabled => disabled(dom, id) == Some(true),
            Simple::Checked => match tag {
                "input" => has("checked") && matches!(dom.attribute(id, "type"), Some("checkbox" | "radio")),
                "option" => has("selected"),
                _ => false,
            },
            Simple::Never => false,
        }
    }
}

impl AttributeTest {
    fn matches(&self, value: Option<&str>) -> bool {
        let AttributeTest::Compare { operator, value: wanted, any_case } = self else { return value.is_some() };
        let Some(value) = value else { return matches!(operator, Operator::IsNot) };
        if *any_case {
            compare(*operator, &value.to_lowercase(), &wanted.to_lowercase())
        } else {
            compare(*operator, value, wanted)
        }
    }
}

fn compare(operator: Operator, value: &str, wanted: &str) -> bool {
    // A blank value is no prefix, suffix or part of anything.
    let blank = wanted.trim().is_empty();
    match operator {
        Operator::Is => value == wanted,
        Operator::IsNot => value != wanted,
        Operator::Word => has_word(Some(value), wanted),
        Operator::Dash => value.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
        Operator::Prefix => !blank && value.starts_with(wanted),
        Operator::Suffix => !blank && value.ends_with(wanted),
        Operator::Substring => !blank && value.contains(wanted),
    }
}

fn has_word(value: Option<&str>, word: &str) -> bool {
    value.is_some_and(|value| value.split_ascii_whitespace().any(|found| found == word))
}

fn is_lang(value: Option<&str>, lang: &str) -> bool {
    value.is_some_and(|value| compare(Operator::Dash, value, lang))
}

fn is_link(tag: &str) -> bool {
    matches!(tag, "a" | "area" | "link")
}

fn contains(dom: &Dom, id: NodeId, text: &str, own: bool) -> bool {
    let whole = if own { dom.children(id).filter_map(|child| own_text(dom, child)).collect() } else { dom.text(id) };
    whole.to_lowercase().contains(text)
}

fn own_text(dom: &Dom, id: NodeId) -> Option<&str> {
    match &dom.node(id).kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}

/// Which of its siblings the element is, from 1.
fn place(dom: &Dom, id: NodeId, same_tag: bool, from_last: bool) -> i64 {
    let counts = |&sibling: &NodeId| !same_tag || dom.name(sibling) == dom.name(id);
    let before =
        if from_last { dom.following(id).filter(counts).count() } else { dom.preceding(id).filter(counts).count() };
    before as i64 + 1
}

/// Whether a form's element is disabled, itself or by the fieldset that it's in; `None` for what can't be.
fn disabled(dom: &Dom, id: NodeId) -> Option<bool> {
    let own = dom.attribute(id, "disabled").is_some();
    match dom.name(id) {
        "optgroup" | "menuitem" | "fieldset" => Some(own),
        "button" | "input" | "select" | "textarea" | "option" => Some(own || in_disabled_fieldset(dom, id)),
        _ => None,
    }
}

/// The first legend of a disabled fieldset stays enabled.
fn in_disabled_fieldset(dom: &Dom, id: NodeId) -> bool {
    let mut inner = id;
    for outer in dom.ancestors(id) {
        let first_legend = dom.is(inner, "legend") && !dom.preceding(inner).any(|id| dom.is(id, "legend"));
        if dom.is(outer, "fieldset") && dom.attribute(outer, "disabled").is_some() && !first_legend {
            return true;
        }
        inner = outer;
    }
    false
}
