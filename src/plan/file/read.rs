//! From nodes to typed fields. Reading goes on after an error, so that all are found; what could not be read is marked
//! broken, so that no later check takes it for missing.

use std::borrow::Cow;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::tree::{Content, Node, Scalar};
use crate::plan::error::{Place, Problems};

/// A type that a node can be read as.
pub trait Read: Sized {
    /// None when the node is no such thing; the error has been noted.
    fn read(node: &Node, problems: &mut Problems) -> Option<Self>;
}

/// An entry of a map that may be there.
#[derive(Clone, Debug, Default)]
pub enum Field<T> {
    #[default]
    Absent,
    /// There, but not to be read; its error has been noted.
    Broken,
    Given {
        /// The place of its key.
        key: Place,
        value: T,
    },
}

impl<T> Field<T> {
    pub fn get(&self) -> Option<&T> {
        match self {
            Field::Given { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The place of the key.
    pub fn key(&self) -> Option<&Place> {
        match self {
            Field::Given { key, .. } => Some(key),
            _ => None,
        }
    }

    pub fn is_broken(&self) -> bool {
        matches!(self, Field::Broken)
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Field::Absent)
    }

    /// The value; its absence from the map at `place` is an error.
    pub fn required(&self, name: &str, help: &str, place: &Place, problems: &mut Problems) -> Option<&T> {
        if self.is_absent() {
            problems.add(place, format!("`{name}` is missing"), help);
        }
        self.get()
    }
}

impl<T: JsonSchema> JsonSchema for Field<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    pub value: T,
    pub place: Place,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// What one word or number can mean.
pub trait Word: Sized {
    /// The value, or what was expected and how to write it.
    fn parse(scalar: &Scalar) -> Result<Self, Expected>;
    fn schema() -> Schema;
}

/// What should have been written.
pub struct Expected {
    /// `a duration`
    pub what: Cow<'static, str>,
    /// `write a duration such as 500ms or 1m30s`
    pub help: String,
}

impl Expected {
    pub fn new(what: &'static str, help: impl Into<String>) -> Self {
        Expected { what: what.into(), help: help.into() }
    }
}

impl<T: Word> Read for Spanned<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let empty = Scalar { text: String::new(), plain: true };
        let scalar = match &node.content {
            Content::Scalar(scalar) => scalar,
            _ => &empty,
        };
        match T::parse(scalar) {
            Ok(value) if matches!(node.content, Content::Scalar(_)) => {
                Some(Spanned { value, place: node.place.clone() })
            }
            Ok(_) => {
                problems.add(&node.place, format!("this is {}, not one value", node.kind()), "write one value");
                None
            }
            Err(expected) => {
                problems.add(&node.place, format!("{} is not {}", node.kind(), expected.what), expected.help);
                None
            }
        }
    }
}

impl<T: Word> JsonSchema for Spanned<T> {
    fn schema_name() -> Cow<'static, str> {
        std::any::type_name::<T>().into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::schema()
    }
}

/// Text: a name, a template or an expression. Numbers and booleans are read as they are written.
pub type Text = Spanned<String>;

impl Word for String {
    fn parse(scalar: &Scalar) -> Result<Self, Expected> {
        if scalar.is_null() {
            return Err(Expected::new("text", "write text, or leave the key out"));
        }
        Ok(scalar.text.clone())
    }

    fn schema() -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

impl Word for u64 {
    fn parse(scalar: &Scalar) -> Result<Self, Expected> {
        let what = "a whole number of at least 0";
        let digits = !scalar.text.is_empty() && scalar.text.chars().all(|c| c.is_ascii_digit());
        match scalar.text.parse() {
            Ok(number) if scalar.plain && digits => Ok(number),
            Ok(_) if digits => Err(Expected::new(what, "write it without quotes")),
            _ if digits => Err(Expected::new("a number of at most 19 digits", "write a smaller one")),
            _ if scalar.text.starts_with('-') => Err(Expected::new(what, "write 0 or more")),
            _ => Err(Expected::new(what, "write digits alone, such as 20")),
        }
    }

    fn schema() -> Schema {
        json_schema!({ "type": "integer", "minimum": 0 })
    }
}

impl Word for f64 {
    fn parse(scalar: &Scalar) -> Result<Self, Expected> {
        match scalar.text.parse::<f64>() {
            Ok(number) if scalar.plain && number.is_finite() => Ok(number),
            _ => Err(Expected::new("a number", "write a number such as 20 or 0.5")),
        }
    }

    fn schema() -> Schema {
        json_schema!({ "type": "number" })
    }
}

impl Word for bool {
    fn parse(scalar: &Scalar) -> Result<Self, Expected> {
        match scalar.text.as_str() {
            "true" if scalar.plain => Ok(true),
            "false" if scalar.plain => Ok(false),
            _ => Err(Expected::new("true or false", "write `true` or `false`, without quotes")),
        }
    }

    fn schema() -> Schema {
        json_schema!({ "type": "boolean" })
    }
}

/// Any value of JSON, as it was written.
#[derive(Clone, Debug)]
pub struct Json(pub Node);

impl Read for Json {
    fn read(node: &Node, _: &mut Problems) -> Option<Self> {
        Some(Json(node.clone()))
    }
}

impl JsonSchema for Json {
    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

/// Items in order; those that could not be read are none.
#[derive(Clone, Debug)]
pub struct List<T> {
    pub items: Vec<Option<T>>,
    pub place: Place,
}

impl<T> List<T> {
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().flatten()
    }
}

impl<T: Read> Read for List<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Content::List(nodes) = &node.content else {
            problems.add(
                &node.place,
                format!("{} is not a list", node.kind()),
                "write `[…]`, or lines that begin with `- `",
            );
            return None;
        };
        let items = nodes.iter().map(|node| T::read(node, problems)).collect();
        Some(List { items, place: node.place.clone() })
    }
}

impl<T: JsonSchema> JsonSchema for List<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}List", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "items": items })
    }
}

/// Names that the plan chooses, with their values; those that could not be read are none.
#[derive(Clone, Debug)]
pub struct Map<T> {
    pub entries: Vec<(Text, Option<T>)>,
    pub place: Place,
}

impl<T> Map<T> {
    /// Whether a value could not be read.
    pub fn is_broken(&self) -> bool {
        self.entries.iter().any(|(_, value)| value.is_none())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Text, &T)> {
        self.entries.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.entries.iter().map(|(name, _)| name.value.as_str())
    }

    pub fn get(&self, name: &str) -> Option<&T> {
        self.entries.iter().find(|(known, _)| known.value == name)?.1.as_ref()
    }
}

impl<T: Read> Read for Map<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Content::Map(nodes) = &node.content else {
            problems.add(&node.place, format!("{} is not a map", node.kind()), "write `name: value` pairs");
            return None;
        };
        let entries = nodes
            .iter()
            .map(|entry| {
                let name = Spanned { value: entry.key.clone(), place: entry.place.clone() };
                (name, T::read(&entry.value, problems))
            })
            .collect();
        Some(Map { entries, place: node.place.clone() })
    }
}

impl<T: JsonSchema> JsonSchema for Map<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Map", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let values = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": values })
    }
}
