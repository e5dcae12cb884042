//! JSON as expressions see it.
//!
//! minijinja's own map hashes every key. Objects in answers have a handful of fields, of which a check asks for one or two:
//! to keep them in a list and search that takes half the time to build, and less to ask.

use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Objects with more fields than this are looked up by hash.
const FEW: usize = 16;

/// A JSON text as a value; none where it is no JSON.
pub fn parse_json(text: &[u8]) -> Option<Value> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Json.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

/// An object with few fields, in their order.
#[derive(Debug)]
struct Fields(Vec<(Value, Value)>);

impl Fields {
    fn find(&self, name: &str) -> Option<&Value> {
        self.0.iter().find_map(|(key, value)| (key.as_str() == Some(name)).then_some(value))
    }
}

impl Object for Fields {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key.as_str()?).cloned()
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.find(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(key, _)| key.clone()).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.0.len())
    }
}

/// Reads any JSON value.
#[derive(Clone, Copy)]
struct Json;

impl<'de> DeserializeSeed<'de> for Json {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(().into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Json)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields: Vec<(Value, Value)> = Vec::with_capacity(4);
        while let Some(key) = entries.next_key_seed(Json)? {
            let value = entries.next_value_seed(Json)?;
            let few = fields.len() <= FEW;
            // A name that comes again counts by its last value; of many, the map sees to that.
            match fields.iter_mut().find(|(other, _)| few && other.as_str() == key.as_str()) {
                Some((_, before)) => *before = value,
                None => fields.push((key, value)),
            }
        }
        Ok(if fields.len() <= FEW { Value::from_object(Fields(fields)) } else { Value::from_pairs(fields) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    /// JSON texts, with names that come again and objects of more than a few fields.
    fn text() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|value| value.to_string()),
            any::<i64>().prop_map(|value| value.to_string()),
            any::<u64>().prop_map(|value| value.to_string()),
            (-1e9f64..1e9).prop_map(|value| value.to_string()),
            any::<String>().prop_map(|value| serde_json::to_string(&value).unwrap()),
        ];
        leaf.prop_recursive(3, 60, 24, |inner| {
            let field = ("[a-z]{1,2}", inner.clone()).prop_map(|(name, value)| format!("\"{name}\": {value}"));
            prop_oneof![
                vec(inner, 0..5).prop_map(|items| format!("[{}]", items.join(","))),
                vec(field, 0..24).prop_map(|fields| format!("{{{}}}", fields.join(","))),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_the_value_that_minijinja_reads(text in text()) {
            let value = parse_json(text.as_bytes()).unwrap();
            let theirs = Value::deserialize(&mut serde_json::Deserializer::from_str(&text)).unwrap();
            prop_assert_eq!(serde_json::to_string(&value).unwrap(), serde_json::to_string(&theirs).unwrap());
            prop_assert_eq!(&value, &theirs);
            prop_assert_eq!(&theirs, &value);
            prop_assert_eq!((value.kind(), value.len(), value.is_true()), (theirs.kind(), theirs.len(), theirs.is_true()));
            for name in ["a", "b", "zz"] {
                prop_assert_eq!(value.get_attr(name).unwrap(), theirs.get_attr(name).unwrap());
            }
        }
    }

    #[test]
    fn what_is_no_json_is_none() {
        for text in ["", "{", "{} x", "{a: 1}", "nul", "\u{feff}{}", &"[".repeat(200)] {
            assert!(parse_json(text.as_bytes()).is_none(), "{text}");
        }
        assert!(parse_json(b"\"\xff\"").is_none());
    }
}
