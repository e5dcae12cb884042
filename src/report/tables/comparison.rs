//! The tables of a comparison: the run beside its history, or beside its reference.

use crate::gate::{Base, Compared, Comparison, GatedMetric, HiddenFigure, Row, RowOutcome};
use crate::number::NONE;
use crate::report::Report;
use crate::report::sparkline::{condensed, sparkline};
use crate::report::table::{Column, Mark, Table, left, right};

use super::{candidate, threshold_table};

/// Every row of the comparison; empty where nothing was compared.
pub fn comparison(report: &Report<'_>) -> Table {
    let Comparison::Made(compared) = &report.judgement.comparison else { return Table::new([]) };
    let shape = Shape { compared, candidate: candidate(report), whole: true };
    let mut table = Table::new(shape.columns());
    compared.rows.iter().for_each(|row| table.push(row_mark(report, compared, row), shape.cells(row)));
    table
}

/// What a reader looks at first: whatever does not pass, and the largest changes of p50 and p95. Thresholds stand beside the
/// comparison if they are broken, and alone where nothing was compared.
pub fn deciding(report: &Report<'_>) -> Table {
    let results = &report.judgement.thresholds;
    match &report.judgement.comparison {
        Comparison::Made(compared) if !compared.rows.is_empty() => deciding_rows(report, compared),
        _ => {
            let (passed, broken): (Vec<_>, Vec<_>) = results.iter().partition(|result| result.passed);
            let mut first: Vec<_> = broken.into_iter().chain(passed).collect();
            first.truncate(MOST_DECIDING);
            threshold_table(report, &first)
        }
    }
}

/// Rows of [`deciding`] at most.
pub const MOST_DECIDING: usize = 10;

/// As many rows, at least, if there are any that pass.
const FEWEST_DECIDING: usize = 4;

fn deciding_rows(report: &Report<'_>, compared: &Compared) -> Table {
    let shape = Shape { compared, candidate: candidate(report), whole: false };
    let mut table = Table::new(shape.columns());
    let push = |table: &mut Table, row: &Row| table.push(row_mark(report, compared, row), shape.cells(row));
    let with = |outcome| compared.rows.iter().filter(move |row| row.outcome == outcome);
    for result in report.judgement.thresholds.iter().filter(|result| !result.passed) {
        let (none, statistic) = (|| NONE.to_owned(), result.statistic().to_owned());
        let (figure, limit) = (result.figure_text(), result.limit_text());
        let mut cells = vec![result.selector.clone(), statistic, none(), figure, none(), none(), limit];
        cells.resize_with(table.columns.len() - 1, none);
        // No line of blocks.
        cells.push(String::new());
        table.push(Mark::Fail, cells);
    }
    with(RowOutcome::Fail).for_each(|row| push(&mut table, row));
    with(RowOutcome::TooNoisy).for_each(|row| push(&mut table, row));
    table.rows.truncate(MOST_DECIDING);
    let mut passed: Vec<&Row> = with(RowOutcome::Pass).filter(|row| is_usual(row)).collect();
    passed.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()));
    let room = FEWEST_DECIDING.saturating_sub(table.rows.len());
    passed.into_iter().take(room).for_each(|row| push(&mut table, row));
    table
}

/// p50 or p95: what most readers look at.
fn is_usual(row: &Row) -> bool {
    matches!(row.metric, GatedMetric::P50 | GatedMetric::P95)
}

/// The columns of a comparison's table. What a run could have shown stands in the short table too where it is compared with
/// its reference: its length was chosen for that.
struct Shape<'a> {
    compared: &'a Compared,
    candidate: &'static str,
    whole: bool,
}

impl Shape<'_> {
    fn columns(&self) -> Vec<Column> {
        let (candidate, trail) = match self.compared.with {
            Base::History(_) if self.whole => ("this run", "history"),
            Base::History(_) => (self.candidate, "history"),
            Base::Reference(_) => (self.candidate, "blocks"),
        };
        let mut columns = vec![left("request"), left("metric"), right("base"), right(candidate)];
        columns.extend([right("change"), right("95% interval"), right("limit")]);
        columns.extend(self.detectable().then(|| right("detectable")));
        if self.whole {
            columns.extend([right("p"), right("samples")]);
        }
        columns.push(left(trail));
        columns
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let none = || NONE.to_owned();
        let mut cells = vec![row.request.clone(), row.metric.name().to_owned()];
        cells.extend([row.base, row.candidate].map(|figure| row.figure_text(figure)));
        // Where there is no judgement, its reason stands in the place of its figure.
        let interval = row.not_judged(self.compared).unwrap_or_else(|| row.interval_text());
        cells.extend([row.change_text(row.change), interval, row.limit_text()]);
        if self.detectable() {
            cells.push(row.detectable.map_or_else(none, |change| row.change_text(change)));
        }
        if self.whole {
            cells.extend([row.p_adjusted.map_or_else(none, probability), row.samples.to_string()]);
        }
        cells.push(self.trail(row));
        cells
    }

    fn detectable(&self) -> bool {
        self.whole || matches!(self.compared.with, Base::Reference(_))
    }

    /// The runs of the window and this one, or the change in each pair of blocks.
    fn trail(&self, row: &Row) -> String {
        match self.compared.with {
            Base::History(_) => sparkline(&[&row.history[..], &[row.candidate]].concat()),
            Base::Reference(_) => sparkline(&condensed(&row.blocks, MOST_BLOCKS)),
        }
    }
}

/// The widest line of blocks: a run of ten minutes has 120 of them.
const MOST_BLOCKS: usize = 20;

/// The rows of a comparison; none where nothing was compared.
pub fn rows(comparison: &Comparison) -> &[Row] {
    match comparison {
        Comparison::Made(compared) => &compared.rows,
        Comparison::None(_) => &[],
    }
}

/// Figures that were to be compared and have no row, a sentence for each.
pub fn without_row(compared: &Compared) -> Vec<String> {
    let lost = compared.lost.iter().map(|figure| figure.sentence(&compared.with));
    lost.chain(compared.hidden.iter().map(HiddenFigure::sentence)).collect()
}

/// Everything that could not be judged, a sentence for each: figures without a row, and rows with too few samples.
pub fn not_judged(compared: &Compared) -> Vec<String> {
    let few = compared.rows.iter().filter_map(|row| {
        let reason = row.not_judged(compared)?;
        Some(format!("{} {}: {reason}", row.request, row.metric.name()))
    });
    without_row(compared).into_iter().chain(few).collect()
}

fn probability(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { format!("{p:.3}") }
}

/// A regression is no failure while the history is too short to block.
fn row_mark(report: &Report<'_>, compared: &Compared, row: &Row) -> Mark {
    match row.outcome {
        RowOutcome::Pass => report.mark(true),
        RowOutcome::Fail if compared.blocks(row) => Mark::Fail,
        RowOutcome::Fail | RowOutcome::TooNoisy => Mark::Unclear,
        RowOutcome::TooFewSamples => Mark::NotJudged,
    }
}
