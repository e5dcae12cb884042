//! Which samples of k6's belong to the tagged parts of metrics that thresholds name.

use crate::measurement::ErrorClass;
use crate::metric::{Metric, Selector};

use super::line::Tags;

/// What a sample is known by.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub tags: &'a Tags<'a>,
    /// Of a request: its row, which may stand for the tag `name`.
    pub row: Option<&'a str>,
    /// Of a request without an answer: may stand for the tag `error`, of which k6 makes a sentence.
    pub error: Option<ErrorClass>,
}

impl Known<'_> {
    fn carries(&self, tag: &str, wanted: &str) -> bool {
        let value = self.tags.get(tag);
        value == Some(wanted)
            || match tag {
                // A group may be written without its leading `::`.
                "group" => value.and_then(|value| value.strip_prefix("::")) == Some(wanted),
                "name" => self.row == Some(wanted),
                "error" => self.error.is_some_and(|class| class.name() == wanted),
                _ => false,
            }
    }
}

/// The selectors with tags that are counted, each with its index in the layout once its metric's kind is known.
#[derive(Debug)]
pub struct Selectors(pub Vec<(Selector, Option<usize>)>);

impl Selectors {
    /// The submetrics that a sample belongs to, of the metrics that `of` picks.
    pub fn matching<'a>(
        &'a self,
        known: Known<'a>,
        of: impl Fn(&Metric) -> bool + 'a,
    ) -> impl Iterator<Item = usize> + 'a {
        let carries = move |selector: &Selector| selector.tags.iter().all(|(tag, value)| known.carries(tag, value));
        let fits = move |selector: &Selector| of(&selector.metric) && carries(selector);
        self.0.iter().filter(move |(selector, _)| fits(selector)).filter_map(|(_, index)| *index)
    }
}
