//! The lines that declare metrics: what they are, and which thresholds there are on them and on tagged parts of them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::metric::{Builtin, Kind, Selector, Unit};
use crate::plan::{Plan, Threshold};

/// The declaration of each metric that a script's run has samples of, by its name.
pub fn all(plan: &Plan) -> BTreeMap<String, String> {
    let builtins = Builtin::ALL.iter().map(|builtin| (builtin.name(), builtin.kind(), builtin.unit()));
    let custom = plan.metrics.iter().map(|metric| (&*metric.name, metric.kind, metric.unit));
    let declared = builtins.chain(custom).map(|(name, kind, unit)| {
        let line = format!("{}\n", declaration(name, kind, unit, &plan.thresholds));
        (name.to_owned(), line)
    });
    declared.collect()
}

fn declaration(name: &str, kind: Kind, unit: Unit, thresholds: &[Threshold]) -> Json {
    let of_it = || thresholds.iter().filter(|threshold| threshold.selector.metric.name() == name);
    let whole = of_it().filter(|threshold| threshold.selector.tags.is_empty());
    let conditions: Vec<String> = whole.map(|threshold| threshold.condition.to_string()).collect();
    let mut parts: Vec<&Selector> = of_it().map(|threshold| &threshold.selector).collect();
    parts.retain(|selector| !selector.tags.is_empty());
    parts.dedup();
    let parts: Vec<Json> = parts.into_iter().map(part).collect();
    json!({
        "type": "Metric",
        "data": {
            "name": name,
            "type": kind.name(),
            "contains": unit.contains(),
            "thresholds": conditions,
            "submetrics": if parts.is_empty() { Json::Null } else { Json::from(parts) },
            // What k6 does not say; readers of its streams skip it.
            "generator": concat!("loadgate ", env!("CARGO_PKG_VERSION")),
        },
        "metric": name,
    })
}

/// A tagged part of a metric.
fn part(selector: &Selector) -> Json {
    let name = selector.to_string();
    let suffix = name.strip_prefix(selector.metric.name()).unwrap_or_default().trim_matches(['{', '}']);
    let tags: BTreeMap<&str, &str> = selector.tags.iter().map(|(tag, value)| (&**tag, &**value)).collect();
    json!({ "name": name, "suffix": suffix, "tags": tags })
}
