//! Values of options as k6 reads them: numbers that may be in quotes, durations with a unit or in milliseconds.

use std::time::Duration;

use serde_json::Value;

use super::{OptionError, Problems};
use crate::plan::{capped_duration, written};

/// A value of the options, and the way to it.
#[derive(Clone, Debug)]
pub(super) struct At<'a> {
    pub value: &'a Value,
    pub place: String,
}

const NUMBER_HELP: &str = "write digits alone, such as 20";
const DURATION_HELP: &str = "write a duration such as '500ms' or '1m30s'";

/// Longest text of a value that an error repeats, in characters.
const LONGEST_SHOWN: usize = 60;

/// A value as an error shows it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => {
            let text = other.to_string();
            match text.char_indices().nth(LONGEST_SHOWN) {
                Some((end, _)) => format!("`{}…`", &text[..end]),
                None => format!("`{text}`"),
            }
        }
    }
}

impl<'a> At<'a> {
    pub fn root(value: &'a Value, place: &str) -> Self {
        At { value, place: place.to_owned() }
    }

    /// The fields of an object. Those that are null are as good as not there.
    pub fn fields(&self, problems: &mut Problems) -> Option<Vec<(&'a str, At<'a>)>> {
        let fields = self.all_fields(problems)?;
        Some(fields.into_iter().filter(|(_, at)| !at.value.is_null()).collect())
    }

    pub fn all_fields(&self, problems: &mut Problems) -> Option<Vec<(&'a str, At<'a>)>> {
        let Some(fields) = self.value.as_object() else {
            self.refuse("an object", "write `{ name: value }`", problems);
            return None;
        };
        let at = |(name, value): (&'a String, &'a Value)| (name.as_str(), At { value, place: join(&self.place, name) });
        Some(fields.iter().map(at).collect())
    }

    pub fn list(&self, problems: &mut Problems) -> Option<Vec<At<'a>>> {
        let Some(items) = self.value.as_array() else {
            self.refuse("a list", "write `[…]`", problems);
            return None;
        };
        let at = |(index, value): (usize, &'a Value)| At { value, place: format!("{}[{index}]", self.place) };
        Some(items.iter().enumerate().map(at).collect())
    }

    /// A whole number of at least 0; as k6 does, it is read from text too, and empty text is as none.
    pub fn number(&self, problems: &mut Problems) -> Option<u64> {
        let number = match self.value {
            Value::String(text) if text.is_empty() => return None,
            Value::String(text) => whole_number(text),
            Value::Number(number) => number.as_u64().ok_or_else(|| match number.as_f64() {
                Some(number) if number < 0.0 => "write 0 or more",
                _ => NUMBER_HELP,
            }),
            _ => Err(NUMBER_HELP),
        };
        number.map_err(|help| self.refuse("a whole number of at least 0", help, problems)).ok()
    }

    pub fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        let boolean = self.value.as_bool();
        if boolean.is_none() {
            self.refuse("true or false", "write `true` or `false`, without quotes", problems);
        }
        boolean
    }

    pub fn text(&self, problems: &mut Problems) -> Option<String> {
        let text = self.value.as_str();
        if text.is_none() {
            let help = match self.value {
                Value::Number(_) | Value::Bool(_) => format!("write it in quotes: '{}'", self.value),
                _ => "write text in quotes".to_owned(),
            };
            self.refuse("text", &help, problems);
        }
        text.map(str::to_owned)
    }

    pub fn texts(&self, problems: &mut Problems) -> Option<Vec<String>> {
        Some(self.list(problems)?.iter().filter_map(|item| item.text(problems)).collect())
    }

    /// Names with text: tags, or variables.
    pub fn pairs(&self, problems: &mut Problems) -> Option<Vec<(String, String)>> {
        let fields = self.fields(problems)?;
        Some(fields.into_iter().filter_map(|(name, at)| Some((name.to_owned(), at.text(problems)?))).collect())
    }

    /// A duration: text with units, or milliseconds.
    pub fn duration(&self, problems: &mut Problems) -> Option<Duration> {
        let duration = match self.value {
            Value::String(text) => extended_duration(text),
            Value::Number(number) => number.as_f64().ok_or(DURATION_HELP.to_owned()).and_then(milliseconds),
            _ => Err(DURATION_HELP.to_owned()),
        };
        duration.map_err(|help| self.refuse("a duration", &help, problems)).ok()
    }

    pub fn refuse(&self, what: &str, help: &str, problems: &mut Problems) {
        problems.add(&self.place, format!("{} is not {what}", shown(self.value)), help);
    }
}

/// `place.name`, or with the name in brackets where it has other characters.
pub(super) fn join(place: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if plain { format!("{place}.{name}") } else { format!("{place}[{name:?}]") }
}

/// Digits as a number; the error is the cure.
pub(super) fn whole_number(text: &str) -> Result<u64, &'static str> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    match digits.parse() {
        Ok(number) if digits.starts_with(|c: char| c.is_ascii_digit()) => Ok(number),
        _ if text.starts_with('-') && text[1..].parse::<f64>().is_ok() => Err("write 0 or more"),
        _ => Err(NUMBER_HELP),
    }
}

/// A duration as k6's options write it: with units, of which `d` is one, or a number of milliseconds; the error is the cure.
pub(super) fn extended_duration(text: &str) -> Result<Duration, String> {
    if let Some(number) = text.parse::<f64>().ok().filter(|_| text.contains(|c: char| c.is_ascii_digit())) {
        return milliseconds(number);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match capped_duration(unsigned) {
        Some(duration) if !text.starts_with('-') || duration.is_zero() => Ok(duration),
        Some(_) => Err("a duration can't be negative".to_owned()),
        None => {
            let spaceless: String = text.split_whitespace().collect();
            match capped_duration(&spaceless) {
                Some(_) => Err(format!("write it without spaces: '{spaceless}'")),
                None => Err(DURATION_HELP.to_owned()),
            }
        }
    }
}

fn milliseconds(number: f64) -> Result<Duration, String> {
    const YEAR: f64 = 366.0 * 86_400e3;
    match number {
        number if number < 0.0 => Err("a duration can't be negative".to_owned()),
        number if number.is_nan() => Err(DURATION_HELP.to_owned()),
        number => Ok(Duration::from_nanos((number.min(YEAR) * 1e6).round() as u64)),
    }
}

/// At least one second, k6's least duration of a load.
pub(super) fn a_second_at_least(what: &str, duration: Duration, place: &str) -> Option<OptionError> {
    (duration < Duration::from_secs(1)).then(|| OptionError {
        place: place.to_owned(),
        problem: format!("{what} of {} is too short", written(duration)),
        help: "write 1s or more".to_owned(),
    })
}
