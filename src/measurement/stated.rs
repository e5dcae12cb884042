//! Figures that another tool wrote down without the samples behind them.

use std::collections::BTreeMap;

use crate::metric::{Selector, Statistic};

/// Figures by metric, as a summary states them. They can't be merged, and nothing but what is written can be drawn from them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stated {
    figures: BTreeMap<String, Vec<(Statistic, f64)>>,
}

impl Stated {
    /// Adds what is stated of a metric, or of a tagged part of it.
    pub fn add(&mut self, selector: &Selector, figures: impl IntoIterator<Item = (Statistic, f64)>) {
        self.figures.entry(selector.to_string()).or_default().extend(figures);
    }

    /// Whether there is a figure of the metric, or of the tagged part of it.
    pub fn has_figures(&self, selector: &Selector) -> bool {
        self.figures.get(&selector.to_string()).is_some_and(|figures| !figures.is_empty())
    }

    /// A figure in the metric's unit; none where it is not stated.
    pub fn figure(&self, selector: &Selector, statistic: Statistic) -> Option<f64> {
        let stated = self.figures.get(&selector.to_string())?;
        stated.iter().find(|(of, _)| *of == statistic).map(|(_, figure)| *figure)
    }
}

#[cfg(test)]
mod tests {
    use crate::metric::Builtin;

    use super::*;

    #[test]
    fn only_what_is_stated_is_known() {
        let whole = Selector { metric: Builtin::Checks.into(), tags: Vec::new() };
        let part = Selector { tags: vec![("check".into(), "a, b".into())], ..whole.clone() };
        let mut stated = Stated::default();
        stated.add(&whole, [(Statistic::Rate, 0.5), (Statistic::Percentile(95.0), 3.0)]);
        assert_eq!(stated.figure(&whole, Statistic::Rate), Some(0.5));
        assert_eq!(stated.figure(&whole, Statistic::Percentile(95.0)), Some(3.0));
        assert_eq!(stated.figure(&whole, Statistic::Percentile(99.0)), None);
        assert_eq!((stated.has_figures(&whole), stated.has_figures(&part)), (true, false));
        assert_eq!(stated.figure(&part, Statistic::Rate), None);
    }
}
