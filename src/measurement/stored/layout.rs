//! The names of the series, in the file.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::measurement::layout::{ControlRows, CustomLabel, Grid, Layout, RequestLabel, ScenarioLabel, SubmetricLabel};
use crate::metric::{Kind, Metric, Unit};

use super::{At, Invalid, count, nanoseconds};

/// More blocks than that are no grid: two months at 5 s.
const MOST_BLOCKS: u128 = 1_000_000;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredLayout {
    requests: Vec<StoredRequest>,
    scenarios: Vec<StoredScenario>,
    checks: Vec<String>,
    groups: Vec<String>,
    custom: Vec<StoredCustom>,
    submetrics: Vec<StoredSubmetric>,
    grid: StoredGrid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    control: Option<StoredControl>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRequest {
    name: String,
    optional: bool,
    in_scenario: bool,
    gated: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredScenario {
    name: String,
    arrival_rate: bool,
    planned: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCustom {
    name: String,
    kind: Kind,
    unit: Unit,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSubmetric {
    selector: String,
    metric: String,
    kind: Kind,
}

/// The control's rows by their names.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredControl {
    request: String,
    scenario: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredGrid {
    from_ns: u64,
    to_ns: u64,
    block_ns: u64,
}

pub fn pack(layout: &Layout) -> Result<StoredLayout, Invalid> {
    let names = |names: &[std::sync::Arc<str>]| names.iter().map(|name| name.to_string()).collect();
    Ok(StoredLayout {
        requests: layout
            .requests
            .iter()
            .map(|RequestLabel { name, optional, in_scenario, gated }| StoredRequest {
                name: name.to_string(),
                optional: *optional,
                in_scenario: *in_scenario,
                gated: *gated,
            })
            .collect(),
        scenarios: layout
            .scenarios
            .iter()
            .map(|ScenarioLabel { name, arrival_rate, planned }| StoredScenario {
                name: name.to_string(),
                arrival_rate: *arrival_rate,
                planned: *planned,
            })
            .collect(),
        checks: names(&layout.checks),
        groups: names(&layout.groups),
        custom: layout
            .custom
            .iter()
            .map(|CustomLabel { name, kind, unit }| StoredCustom { name: name.to_string(), kind: *kind, unit: *unit })
            .collect(),
        submetrics: layout
            .submetrics
            .iter()
            .map(|SubmetricLabel { selector, metric, kind }| StoredSubmetric {
                selector: selector.clone(),
                metric: metric.name().into(),
                kind: *kind,
            })
            .collect(),
        grid: StoredGrid {
            from_ns: nanoseconds(layout.grid.from).at("grid")?,
            to_ns: nanoseconds(layout.grid.to).at("grid")?,
            block_ns: nanoseconds(layout.grid.block).at("grid")?,
        },
        control: layout.control.map(|control| pack_control(control, layout)),
    })
}

pub fn unpack(stored: StoredLayout) -> Result<Layout, Invalid> {
    let control = stored.control.as_ref().map(|control| unpack_control(control, &stored)).transpose().at("control")?;
    let names = |names: Vec<String>| names.into_iter().map(Into::into).collect();
    Ok(Layout {
        requests: stored
            .requests
            .into_iter()
            .map(|StoredRequest { name, optional, in_scenario, gated }| RequestLabel {
                name: name.into(),
                optional,
                in_scenario,
                gated,
            })
            .collect(),
        scenarios: super::each("scenarios", stored.scenarios, |StoredScenario { name, arrival_rate, planned }| {
            let planned = planned.map(count).transpose().at("planned")?;
            Ok(ScenarioLabel { name: name.into(), arrival_rate, planned })
        })?,
        checks: names(stored.checks),
        groups: names(stored.groups),
        custom: stored
            .custom
            .into_iter()
            .map(|StoredCustom { name, kind, unit }| CustomLabel { name: name.into(), kind, unit })
            .collect(),
        submetrics: stored
            .submetrics
            .into_iter()
            .map(|StoredSubmetric { selector, metric, kind }| SubmetricLabel {
                selector,
                metric: Metric::named(&metric),
                kind,
            })
            .collect(),
        grid: grid(&stored.grid).at("grid")?,
        control,
    })
}

fn pack_control(control: ControlRows, layout: &Layout) -> StoredControl {
    let ControlRows { request, scenario } = control;
    StoredControl {
        request: layout.requests[request].name.to_string(),
        scenario: layout.scenarios[scenario].name.to_string(),
    }
}

fn unpack_control(control: &StoredControl, stored: &StoredLayout) -> Result<ControlRows, Invalid> {
    let missing = |name: &str| Invalid::new(format!("there is no row {name:?}"));
    let request = stored.requests.iter().position(|row| row.name == control.request);
    let scenario = stored.scenarios.iter().position(|row| row.name == control.scenario);
    Ok(ControlRows {
        request: request.ok_or_else(|| missing(&control.request)).at("request")?,
        scenario: scenario.ok_or_else(|| missing(&control.scenario)).at("scenario")?,
    })
}

fn grid(stored: &StoredGrid) -> Result<Grid, Invalid> {
    let [from, to, block] = [stored.from_ns, stored.to_ns, stored.block_ns].map(Duration::from_nanos);
    if block.is_zero() || to < from || (to - from).as_nanos() / block.as_nanos() > MOST_BLOCKS {
        return Err(Invalid::new(format!("{from:?} to {to:?} can't be cut into blocks of {block:?}")));
    }
    Ok(Grid { from, to, block })
}
