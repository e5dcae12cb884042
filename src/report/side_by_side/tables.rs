//! The tables that the text and the Markdown of two runs share.

use crate::gate::{Guard, GuardKind};
use crate::measurement::layout::ScenarioLabel;
use crate::metric::Unit;
use crate::number::{self, NONE, counted};
use crate::report::environment;
use crate::report::table::{Column, Mark, Table, left, right};
use crate::report::tables::REQUEST;

use super::{
    Change, Figure, FigurePair, MetricPair, Pair, Quantity, RequestPair, SharePair, Side, SideBySide, Standing, Subject,
};

/// The two runs, line by line.
pub fn runs(described: &SideBySide<'_>) -> Table {
    let [old, new] = described.subject.names();
    let mut table = Table::unmarked([left("run"), left(old), left(new)]);
    for ((name, old), (_, new)) in lines(described.old).into_iter().zip(lines(described.new)) {
        let present = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
        if present(&old) || present(&new) {
            let cell = |value: Option<String>| value.unwrap_or_else(|| NONE.to_owned());
            table.push(Mark::None, [name.to_owned(), cell(old), cell(new)]);
        }
    }
    table
}

fn lines(side: Side<'_>) -> Vec<(&'static str, Option<String>)> {
    let run = side.run;
    let mut lines = vec![
        ("measurement", Some(side.path.to_owned())),
        ("arm", side.arm.map(str::to_owned)),
        ("plan", Some(run.plan.clone())),
        ("profile", run.profile.clone()),
        ("tier", run.contract.tier.clone()),
        ("target", Some(run.target.clone())),
        ("commit", run.commit.clone()),
        ("scenarios", Some(run.layout.scenarios.iter().map(scenario).collect::<Vec<_>>().join("; "))),
        ("shards", run.shards.as_ref().map(|shards| shards.count.to_string())),
    ];
    lines.extend(environment::lines(run));
    lines
}

/// `browse`, or of an arrival rate `browse (600 arrivals planned)`
fn scenario(label: &ScenarioLabel) -> String {
    match label.planned {
        Some(planned) => format!("{} ({} planned)", label.name, counted(planned, "arrival")),
        None => label.name.to_string(),
    }
}

/// The guards that fired, with their cures, a line for each. What is missing of a run is said elsewhere.
pub fn guard_lines(described: &SideBySide<'_>) -> Vec<String> {
    let sides = described.subject.names().into_iter().zip([described.old, described.new]);
    let told = |guard: &&Guard| guard.fired && !matches!(guard.kind, GuardKind::Incomplete | GuardKind::Shards);
    let lines = sides.flat_map(|(name, side)| {
        let fired = side.guards.iter().filter(told);
        fired.map(move |guard| format!("{name}: {}; {}", guard.sentence(), guard.cure))
    });
    lines.collect()
}

/// What makes the two runs incomparable, a line for each.
pub fn hard_lines(described: &SideBySide<'_>) -> Vec<String> {
    let differences = &described.differences;
    let redefined = some_names("request", "with another definition", &differences.redefined);
    differences.hard.iter().cloned().chain(redefined).collect()
}

/// What else changed, a line for each.
pub fn soft_lines(described: &SideBySide<'_>) -> Vec<String> {
    let differences = &described.differences;
    let added = some_names("request", "added", &differences.added);
    let removed = some_names("request", "removed", &differences.removed);
    added.into_iter().chain(removed).chain(differences.soft.iter().cloned()).collect()
}

/// `2 requests added: a, b`; of many the first ones. None of none.
fn some_names(noun: &str, what: &str, names: &[String]) -> Option<String> {
    const MOST: usize = 10;
    let shown = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if names.len() > MOST { format!(" and {} more", names.len() - MOST) } else { String::new() };
    (!names.is_empty()).then(|| format!("{} {what}: {shown}{more}", counted(names.len() as u64, noun)))
}

/// A row for each figure of each metric; `title` says what they are metrics of.
pub fn metrics(subject: Subject, title: &'static str, metrics: &[MetricPair]) -> Table {
    let mut table = pairs(subject, [left(title), left("figure")]);
    for metric in metrics {
        for FigurePair { figure, pair } in &metric.figures {
            let cells = [metric.name.clone(), figure.clone(), old(pair), new(pair), change(pair)];
            table.push(Mark::None, cells);
        }
    }
    table
}

/// A table of a figure of each run and the change, behind these columns.
fn pairs(subject: Subject, columns: impl Into<Vec<Column>>) -> Table {
    let [old, new] = subject.names();
    let mut columns = columns.into();
    columns.extend([right(old), right(new), right("change")]);
    Table::unmarked(columns)
}

/// Three rows a request, so that its figures stand one above the other; one for a request of one run alone.
pub fn requests(described: &SideBySide<'_>) -> Table {
    let mut table = Table::unmarked([&[left("request"), left("run")][..], &REQUEST].concat());
    for request in &described.requests {
        let counts = |of: Cell, failed: String| vec![of(&request.count), of(&request.rate), failed];
        let name = format!("{}{}", request.name, standing(request.standing));
        let names = described.subject.names();
        push_rows(&mut table, names, request, &name, &request.duration, counts);
        if let Some(expected) = &request.expected_duration {
            push_rows(&mut table, names, request, "↳ expected only", expected, |_, _| vec![String::new(); 3]);
        }
    }
    table
}

type Cell = fn(&Pair) -> String;

fn push_rows(
    table: &mut Table,
    [old_name, new_name]: [&str; 2],
    request: &RequestPair,
    name: &str,
    duration: &[FigurePair],
    counts: impl Fn(Cell, String) -> Vec<String>,
) {
    let failed = &request.failed;
    let rows: [(&str, Cell, String); 3] = [
        (old_name, old, share(failed, failed.count.old, failed.share.old)),
        (new_name, new, share(failed, failed.count.new, failed.share.new)),
        ("change", change, change(&failed.share)),
    ];
    let shown = match request.standing {
        Standing::Both | Standing::Redefined => &rows[..],
        Standing::Added => &rows[1..2],
        Standing::Removed => &rows[..1],
    };
    for (index, (run, cell, failed)) in shown.iter().enumerate() {
        let mut cells = vec![if index == 0 { name.to_owned() } else { String::new() }, (*run).to_owned()];
        cells.extend(counts(*cell, failed.clone()));
        cells.extend(duration.iter().map(|figure| cell(&figure.pair)));
        table.push(Mark::None, cells);
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Both => "",
        Standing::Redefined => " (redefined)",
        Standing::Added => " (added)",
        Standing::Removed => " (removed)",
    }
}

/// A row for each figure of each phase that took any time, of all requests where there are several, then of each.
pub fn phases(described: &SideBySide<'_>) -> Table {
    let mut table = pairs(described.subject, [left("request"), left("phase"), left("figure")]);
    let mut push = |request: &str, phases: &[MetricPair]| {
        for phase in phases {
            for FigurePair { figure, pair } in &phase.figures {
                let names = [request.to_owned(), phase.name.clone(), figure.clone()];
                let cells = names.into_iter().chain([old(pair), new(pair), change(pair)]);
                table.push(Mark::None, cells.collect::<Vec<_>>());
            }
        }
    };
    if described.requests.len() > 1 {
        push("all requests", &described.phases);
    }
    described.requests.iter().for_each(|request| push(&request.name, &request.phases));
    table
}

/// What failed, by place and reason.
pub fn failures(described: &SideBySide<'_>) -> Table {
    let mut table = pairs(described.subject, [left("where"), left("what")]);
    for failure in &described.failures {
        let ([old, new], change) = (shares(&failure.figures), change(&failure.figures.share));
        table.push(Mark::None, [failure.place.clone(), failure.what.clone(), old, new, change]);
    }
    table
}

/// How often each check failed.
pub fn checks(described: &SideBySide<'_>) -> Table {
    let mut table = pairs(described.subject, [left("check failed")]);
    for check in &described.checks {
        let ([old, new], change) = (shares(&check.failed), change(&check.failed.share));
        table.push(Mark::None, [check.name.clone(), old, new, change]);
    }
    table
}

/// How many of a kind each run has, and their share.
pub fn shares(pair: &SharePair) -> [String; 2] {
    [share(pair, pair.count.old, pair.share.old), share(pair, pair.count.new, pair.share.new)]
}

/// `3 (1.50%)`
fn share(pair: &SharePair, count: Option<Figure>, share: Option<Figure>) -> String {
    match (count, share) {
        (Some(count), Some(share)) if count.value > 0.0 => {
            format!("{} ({})", figure(&pair.count, Some(count)), figure(&pair.share, Some(share)))
        }
        (Some(count), Some(_)) => figure(&pair.count, Some(count)),
        _ => NONE.to_owned(),
    }
}

/// The figure of each run, without the mark of few samples.
pub fn figures(pair: &Pair) -> [String; 2] {
    [pair.old, pair.new].map(|side| figure(pair, side.map(|side| Figure::exact(side.value))))
}

fn old(pair: &Pair) -> String {
    figure(pair, pair.old)
}

fn new(pair: &Pair) -> String {
    figure(pair, pair.new)
}

fn figure(pair: &Pair, figure: Option<Figure>) -> String {
    let Some(Figure { value, few_samples }) = figure else { return NONE.to_owned() };
    let text = match pair.quantity {
        Quantity::Amount(unit) => number::with_unit(value, unit),
        Quantity::PerSecond(Unit::Plain) => number::per_second(value),
        Quantity::PerSecond(unit) => format!("{}/s", number::with_unit(value, unit)),
        Quantity::Share => number::percent(value),
    };
    if few_samples { format!("{text}*") } else { text }
}

fn change(pair: &Pair) -> String {
    let text = match pair.change {
        Some(Change::Relative(change)) => number::change(change),
        Some(Change::Difference(difference)) => number::points(difference),
        None => return NONE.to_owned(),
    };
    if pair.few_samples() { format!("{text}*") } else { text }
}
