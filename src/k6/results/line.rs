//! One line of what `--out json` writes: a metric's declaration, or a sample of it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::metric::{Kind, Unit};

/// Text that is borrowed from the line, unless it had escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

#[derive(Debug, Deserialize)]
pub struct Line<'a> {
    #[serde(rename = "type")]
    pub kind: LineKind,
    #[serde(borrow)]
    pub metric: Text<'a>,
    #[serde(borrow)]
    pub data: Data<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum LineKind {
    Metric,
    Point,
}

/// The fields of both kinds of lines; everything else in them is skipped.
#[derive(Debug, Deserialize)]
pub struct Data<'a> {
    #[serde(default, borrow)]
    pub time: Option<Text<'a>>,
    #[serde(default)]
    pub value: Option<f64>,
    #[serde(default, borrow)]
    pub tags: Option<Tags<'a>>,
    #[serde(default, rename = "type")]
    pub kind: Option<Kind>,
    #[serde(default)]
    pub contains: Option<Contains>,
    #[serde(default)]
    pub thresholds: Option<Vec<String>>,
    #[serde(default)]
    pub submetrics: Option<Vec<Submetric>>,
    /// Who wrote it, where that is not k6: loadgate's own streams say so with each metric.
    #[serde(default, borrow)]
    pub generator: Option<Text<'a>>,
}

/// What a metric's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contains {
    Default,
    Time,
    Data,
}

impl Contains {
    pub fn unit(self) -> Unit {
        match self {
            Contains::Default => Unit::Plain,
            Contains::Time => Unit::Milliseconds,
            Contains::Data => Unit::Bytes,
        }
    }
}

/// A tagged part of a metric that a threshold of the script names.
#[derive(Debug, Deserialize)]
pub struct Submetric {
    pub name: String,
}

/// A sample's tags, in k6's order: by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags<'a>(pub Vec<(Text<'a>, Text<'a>)>);

impl Tags<'_> {
    pub fn get(&self, tag: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name.0 == tag).map(|(_, value)| &*value.0)
    }

    pub fn into_owned(self) -> Tags<'static> {
        let owned = |text: Text<'_>| Text(Cow::Owned(text.0.into_owned()));
        Tags(self.0.into_iter().map(|(name, value)| (owned(name), owned(value))).collect())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Tags<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Tags<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tags and their values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tags<'de>, A::Error> {
                let mut tags = Vec::with_capacity(10);
                while let Some(entry) = map.next_entry()? {
                    tags.push(entry);
                }
                Ok(Tags(tags))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}
