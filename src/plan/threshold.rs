//! Thresholds, in k6's grammar: `p(95)<300`, `rate==1.0`, on a metric or on a tagged part of it.

use std::fmt;
use std::time::Duration;

use crate::metric::{Metric, Selector, Statistic};

use super::file::units::duration;
use super::step::SubmetricId;

#[cfg(test)]
mod tests;

/// One condition on one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    pub selector: Selector,
    /// Where the selector has tags: its samples are counted under this submetric.
    pub submetric: Option<SubmetricId>,
    pub condition: Condition,
    /// End the run as soon as this is broken …
    pub abort_on_fail: bool,
    /// … but not before the load has run this long.
    pub delay_abort_eval: Duration,
}

/// `aggregation operator number`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    pub statistic: Statistic,
    pub operator: Operator,
    /// In the metric's unit: milliseconds for times.
    pub limit: f64,
}

impl Condition {
    /// Reads a condition as k6 writes it: `p(95)<300`, `rate >= 0.99`.
    ///
    /// # Errors
    /// Where the text breaks k6's grammar.
    pub fn parse(text: &str) -> Result<Self, ThresholdError> {
        let mut reader = Reader { text, rest: text };
        reader.skip_space();
        let statistic = reader.statistic()?;
        reader.skip_space();
        let operator = reader.operator()?;
        reader.skip_space();
        let limit = reader.number("the number to compare with is missing here; write p(95)<300, say")?;
        reader.skip_space();
        if !reader.rest.is_empty() {
            return Err(reader.error(format!(
                "`{}` is too much; a condition ends with its number: write each as an item of the list",
                reader.rest
            )));
        }
        Ok(Condition { statistic, operator, limit })
    }

    /// Whether a measured figure satisfies the condition.
    pub fn holds(&self, figure: f64) -> bool {
        match self.operator {
            Operator::Less => figure < self.limit,
            Operator::LessOrEqual => figure <= self.limit,
            Operator::Greater => figure > self.limit,
            Operator::GreaterOrEqual => figure >= self.limit,
            Operator::Equal => figure == self.limit,
            Operator::NotEqual => figure != self.limit,
        }
    }
}

/// How the figure must stand to the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `==` and `===`.
    Equal,
    NotEqual,
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
        })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.statistic, self.operator, self.limit)
    }
}

/// Why a threshold can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ThresholdError {
    /// Problem and cure.
    pub message: String,
    /// Where in the text, in bytes from its start.
    pub offset: usize,
}

const STATISTICS: &str = "count, rate, value, avg, min, max, med or p(0..100)";

/// What is left of a text to be read.
struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn error(&self, message: impl Into<String>) -> ThresholdError {
        ThresholdError { message: message.into(), offset: self.text.len() - self.rest.len() }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take_while(&mut self, matches: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !matches(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn accept(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn statistic(&mut self) -> Result<Statistic, ThresholdError> {
        let start = Reader { ..*self };
        let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
        let statistic = match name {
            "count" => Statistic::Count,
            "rate" => Statistic::Rate,
            "value" => Statistic::Value,
            "avg" => Statistic::Avg,
            "min" => Statistic::Min,
            "max" => Statistic::Max,
            "med" => Statistic::Med,
            "p" => return self.percentile(),
            "" => return Err(start.error(format!("a condition begins with {STATISTICS}, as in p(95)<300"))),
            _ => {
                let cure = match name.strip_prefix('p').filter(|digits| digits.parse::<f64>().is_ok()) {
                    Some(digits) => format!("write p({digits})"),
                    None => format!("there are {STATISTICS}"),
                };
                return Err(start.error(format!("unknown aggregation `{name}`; {cure}")));
            }
        };
        Ok(statistic)
    }

    fn percentile(&mut self) -> Result<Statistic, ThresholdError> {
        self.skip_space();
        if !self.accept("(") {
            return Err(self.error("`p` needs its percentile in brackets, as in p(95)"));
        }
        self.skip_space();
        let start = Reader { ..*self };
        let percentile = self.number("the percentile is missing here; write p(95), say")?;
        if !(0.0..=100.0).contains(&percentile) {
            return Err(start.error(format!("there is no p({percentile}); a percentile is between 0 and 100")));
        }
        self.skip_space();
        match self.accept(")") {
            true => Ok(Statistic::Percentile(percentile)),
            false => Err(self.error("the bracket of `p(` is not closed")),
        }
    }

    fn operator(&mut self) -> Result<Operator, ThresholdError> {
        // The longer operators first, since the shorter ones begin them.
        const OPERATORS: [(&str, Operator); 7] = [
            ("===", Operator::Equal),
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (token, operator) in OPERATORS {
            if self.accept(token) {
                return Ok(operator);
            }
        }
        Err(self.error("an operator is missing here; write one of < <= > >= == !="))
    }

    fn number(&mut self, missing: &str) -> Result<f64, ThresholdError> {
        let start = Reader { ..*self };
        let number = self.take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '+' | '%'));
        let plain = number.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        match number.parse::<f64>() {
            Ok(value) if plain && value.is_finite() => Ok(value),
            _ if number.is_empty() => Err(start.error(missing)),
            _ => Err(start.error(format!("`{number}` is no plain number; {}", plain_number(number)))),
        }
    }
}

/// How to write a number without its unit.
fn plain_number(text: &str) -> String {
    let share = text.strip_suffix('%').and_then(|percent| percent.parse::<f64>().ok());
    match (share, duration(text)) {
        (Some(percent), _) => format!("a share is 0 to 1: write {}", percent / 100.0),
        (_, Some(time)) => format!("times are in milliseconds: write {}", time.as_secs_f64() * 1e3),
        _ => "write digits alone, such as 300 or 0.01; times are in milliseconds".to_owned(),
    }
}

impl Selector {
    /// Reads a threshold's key: `http_req_duration`, `http_req_duration{name:reserve,status:200}`. A value may be quoted
    /// (`{name:"a, b"}`) and hold anything; without quotes it ends at `,` or the last `}`.
    ///
    /// # Errors
    /// Where the text breaks k6's grammar. Whether there is such a metric is not looked at.
    pub fn parse(text: &str) -> Result<Self, ThresholdError> {
        let mut reader = Reader { text, rest: text };
        reader.skip_space();
        let name = reader.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.is_empty() {
            return Err(reader.error("a metric's name is missing, as in http_req_duration{name:login}"));
        }
        let metric = Metric::named(name);
        reader.skip_space();
        if reader.rest.is_empty() {
            return Ok(Selector { metric, tags: Vec::new() });
        }
        if !reader.accept("{") {
            let message = "after a metric's name only its tags can follow, in braces: {tag:value}";
            return Err(reader.error(message));
        }
        let Some(inside) = reader.rest.trim_end().strip_suffix('}') else {
            return Err(reader.error("the brace of the tags is not closed; write `}` after the last"));
        };
        let tags = Reader { text: &text[..text.len() - reader.rest.len() + inside.len()], rest: inside }.tags()?;
        Ok(Selector { metric, tags })
    }
}

impl Reader<'_> {
    fn tags(mut self) -> Result<Vec<(String, String)>, ThresholdError> {
        let mut tags: Vec<(String, String)> = Vec::new();
        loop {
            self.skip_space();
            let start = Reader { ..self };
            let tag = self.take_while(|c| !matches!(c, ':' | ',')).trim();
            if tag.is_empty() || !self.accept(":") {
                return Err(start.error("a tag is written as tag:value, as in {name:login}"));
            }
            if tags.iter().any(|(other, _)| other == tag) {
                return Err(start.error(format!("the tag `{tag}` is there twice")));
            }
            let value = self.tag_value()?;
            tags.push((tag.to_owned(), value));
            if self.rest.is_empty() {
                return Ok(tags);
            }
            if !self.accept(",") {
                return Err(self.error("after a quoted value only `,` or `}` can follow"));
            }
        }
    }

    fn tag_value(&mut self) -> Result<String, ThresholdError> {
        self.skip_space();
        let start = Reader { ..*self };
        let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let value = self.take_while(|c| c != ',').trim();
            return match value {
                "" => Err(start.error("a tag's value is missing; for an empty one write \"\"")),
                value => Ok(value.to_owned()),
            };
        };
        let mut value = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((index, c)) = characters.next() {
            match c {
                _ if c == quote => {
                    self.rest = &self.rest[index + 1..];
                    self.skip_space();
                    return Ok(value);
                }
                '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                _ => value.push(c),
            }
        }
        Err(start.error("the value's quote is not closed"))
    }
}
