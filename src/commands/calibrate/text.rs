//! A calibration as the terminal shows it.

use std::io::{self, Write};

use crate::baseline::{DeploymentPair, GateOutcome, GateRecord, Outcomes, Record, SlowDown};
use crate::gate::statistics::{ALPHA, POWER};
use crate::number;
use crate::report::table::{Mark, Table, left, right};

use super::summary::{FigureSummary, Gates, Interference, Summary, interval};

/// Quantile of the normal distribution, for intervals of 95 %.
const TWO_SIDED: f64 = 1.96;

/// Writes everything.
///
/// # Errors
/// The writer's.
pub fn write(record: &Record, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", headline(record, summary))?;
    section(out, "gates", &gates_table(record, &summary.gates))?;
    if summary.gates.iter().any(|gates| gates.outcomes.gates > 0) {
        section(out, "figures: how often each failed its gate", &figures_table(&summary.figures))?;
    }
    section(
        out,
        "interference: the target alone, and beside a loaded arm",
        &interference_table(&summary.interference),
    )?;
    if let Some(pair) = &summary.deployments {
        section(out, "deployments: the target against the other of the same commit", &deployments_table(pair))?;
    }
    Ok(())
}

fn section(out: &mut dyn Write, title: &str, table: &Table) -> io::Result<()> {
    if table.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}\n")?;
    table.write_text(|_, line| line.to_owned(), out)
}

/// `shop: 0 of 20 false alarms (95% interval 0–16.8%); +10% found in 19 of 20 (75.1–99.9%)`
pub fn headline(record: &Record, summary: &Summary) -> String {
    let told = |gates: &Gates| {
        let Outcomes { failed, gates: all } = gates.outcomes;
        let interval = range(interval(gates.outcomes));
        match gates.slow {
            _ if all == 0 => None,
            None => Some(format!("{failed} of {all} false alarms (95% interval {interval})")),
            Some(slow) => Some(format!("{} found in {failed} of {all} ({interval})", slow_down(slow))),
        }
    };
    let told: Vec<String> = summary.gates.iter().filter_map(told).collect();
    let told = if told.is_empty() { "no gate was measured".to_owned() } else { told.join("; ") };
    format!("{}: {told}", record.plan)
}

/// One gate, as soon as it was measured.
pub fn line(gate: &GateRecord) -> String {
    let outcome = match (gate.outcome, gate.slow) {
        (GateOutcome::Fail, None) => "false alarm",
        (GateOutcome::Fail, Some(_)) => "found",
        (GateOutcome::Pass, None) => "pass",
        (GateOutcome::Pass, Some(_)) => "not found",
        (GateOutcome::TooNoisy, _) => "too noisy",
        (GateOutcome::NotMeasured, _) => return gate.finding.clone(),
    };
    match gate.finding.strip_prefix("fail: ") {
        Some(finding) => format!("{outcome}: {finding}"),
        None => outcome.to_owned(),
    }
}

/// What a slow-down is called: `+10%`, `+5ms`.
pub fn slow_down(slow: SlowDown) -> String {
    match slow {
        SlowDown::Share(share) => number::change_limit(share),
        SlowDown::DelayMs(ms) => format!("+{}", number::duration(ms)),
    }
}

/// What a gate between equals is called.
pub fn equals(record: &Record) -> &'static str {
    match record.reference {
        Some(_) => "A/A, two deployments",
        None => "A/A, generator only",
    }
}

fn gates_table(record: &Record, gates: &[Gates]) -> Table {
    let mut columns = vec![left("seeded")];
    columns.extend(["failed", "95% interval", "too noisy", "not measured", "added in truth"].map(right));
    let mut table = Table::new(columns);
    for gates in gates {
        let counted = gates.outcomes.gates > 0;
        table.push(
            mark(gates, record.rules.tolerance),
            [
                gates.slow.map_or_else(|| equals(record).to_owned(), slow_down),
                of(gates.outcomes),
                if counted { range(interval(gates.outcomes)) } else { number::NONE.to_owned() },
                gates.too_noisy.to_string(),
                gates.not_measured.to_string(),
                gates.added.map_or_else(|| number::NONE.to_owned(), number::change),
            ],
        );
    }
    table
}

/// False alarms are held to α, once their number proves something; a slow-down beyond the tolerance is there to be found.
fn mark(gates: &Gates, tolerance: f64) -> Mark {
    let (lower, _) = interval(gates.outcomes);
    let Outcomes { failed, gates: all } = gates.outcomes;
    match gates.slow {
        _ if all == 0 => Mark::None,
        None => Mark::of(lower <= ALPHA),
        Some(SlowDown::Share(share)) if share > tolerance => {
            if failed as f64 >= POWER * all as f64 {
                Mark::Pass
            } else {
                Mark::Unclear
            }
        }
        Some(_) => Mark::None,
    }
}

fn figures_table(figures: &[FigureSummary]) -> Table {
    let columns = [
        left("request"),
        left("metric"),
        right("A/A"),
        left("slow-downs"),
        right("smallest found"),
        right("could show"),
    ];
    let mut table = Table::unmarked(columns);
    for figure in figures {
        let found = figure.found.iter().map(|(slow, outcomes)| format!("{}: {}", slow_down(*slow), of(*outcomes)));
        let none = || number::NONE.to_owned();
        table.push(
            Mark::None,
            [
                figure.request.clone(),
                figure.metric.clone(),
                of(figure.false_alarms),
                found.collect::<Vec<_>>().join(", "),
                figure.smallest.map_or_else(none, slow_down),
                figure.detectable.map_or_else(none, |change| shown(&figure.metric, change)),
            ],
        );
    }
    table
}

fn interference_table(interference: &[Interference]) -> Table {
    let mut columns = vec![left("request"), left("metric")];
    columns.extend(["alone", "beside", "change", "95% interval"].map(right));
    let mut table = Table::unmarked(columns);
    for row in interference {
        let (lower, upper) = row.interval;
        table.push(
            Mark::None,
            [
                row.request.clone(),
                row.metric.clone(),
                number::duration(row.alone),
                number::duration(row.beside),
                number::change(row.change),
                format!("[{}, {}]", number::change(lower), number::change(upper)),
            ],
        );
    }
    table
}

fn deployments_table(pair: &DeploymentPair) -> Table {
    let columns = [left("request"), left("metric"), right("difference"), right("95% interval")];
    let mut table = Table::unmarked(columns);
    for ((request, metric), difference) in pair {
        let margin = TWO_SIDED * difference.error;
        // Failures differ by shares, all else by ratios.
        let on_scale = |difference: f64| if metric == FAILED { difference } else { difference.exp() - 1.0 };
        let [lower, mean, upper] = [difference.mean - margin, difference.mean, difference.mean + margin].map(on_scale);
        table.push(
            Mark::None,
            [
                request.clone(),
                metric.clone(),
                shown(metric, mean),
                format!("[{}, {}]", shown(metric, lower), shown(metric, upper)),
            ],
        );
    }
    table
}

/// The metric whose changes are differences of shares.
const FAILED: &str = "failed";

fn shown(metric: &str, change: f64) -> String {
    if metric == FAILED { number::points(change) } else { number::change(change) }
}

fn of(outcomes: Outcomes) -> String {
    match outcomes.gates {
        0 => number::NONE.to_owned(),
        gates => format!("{} of {gates}", outcomes.failed),
    }
}

/// `0–16.8%`
fn range((lower, upper): (f64, f64)) -> String {
    let percent = |share: f64| {
        let text = format!("{:.1}", share * 100.0);
        text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
    };
    format!("{}–{}%", percent(lower), percent(upper))
}

#[cfg(test)]
mod tests;
