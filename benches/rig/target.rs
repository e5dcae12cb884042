//! What is to be reached, and whether it was.

use serde::Serialize;

use super::table::Table;

/// One line of the bar: a figure that was measured, beside its limit.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    pub what: String,
    /// None where it could not be measured.
    pub figure: Option<f64>,
    pub unit: &'static str,
    #[serde(flatten)]
    pub limit: Limit,
    pub met: Option<bool>,
    /// How the figure came about, or why there is none.
    pub note: String,
}

/// On which side of it a figure must be.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    pub fn new(
        what: impl Into<String>,
        figure: Option<f64>,
        unit: &'static str,
        limit: Limit,
        note: impl Into<String>,
    ) -> Target {
        let met = figure.map(|figure| match limit {
            Limit::AtLeast(limit) => figure >= limit,
            Limit::AtMost(limit) => figure <= limit,
        });
        Target { what: what.into(), figure, unit, limit, met, note: note.into() }
    }
}

/// The targets as a table.
pub fn table(targets: &[Target]) -> Table {
    let mut table = Table::new(["target", "measured", "limit", "", "how"]);
    for target in targets {
        let Target { what, figure, unit, limit, met, note } = target;
        let measured = figure.map_or("–".to_owned(), |figure| format!("{}{unit}", short(figure)));
        let limit = match limit {
            Limit::AtLeast(limit) => format!("≥ {}{unit}", short(*limit)),
            Limit::AtMost(limit) => format!("≤ {}{unit}", short(*limit)),
        };
        let met = met.map_or("not measured", |met| if met { "met" } else { "MISSED" });
        table.row([what.clone(), measured, limit, met.to_owned(), note.clone()]);
    }
    table
}

/// With as many decimals as three figures need.
pub fn short(figure: f64) -> String {
    match figure.abs() {
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        size if size >= 1.0 => format!("{figure:.2}"),
        _ => format!("{figure:.3}"),
    }
}
