//! The samples of a stream, counted as they come: names, histograms and blocks, never a sample itself.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::measurement::layout::{CustomLabel, RequestLabel, ScenarioLabel, SubmetricLabel};
use crate::measurement::{Evidence, Grid, IterationEnd, Layout, Recorder, Slot, Tally};
use crate::metric::{Builtin, Kind, Metric, Selector, Unit};

use super::blocks::Blocks;
use super::error::Problem;
use super::evidence;
use super::line::Tags;
use super::names::{MOST, Names};
use super::request::{Partial, time};
use super::selectors::{Known, Selectors};
use crate::k6::row::row_name;

/// No run is longer.
const LONGEST_RUN: Duration = Duration::from_hours(7 * 24);

/// Everything that has been counted.
#[derive(Debug)]
pub struct Counting {
    pub layout: Layout,
    pub recorder: Recorder,
    pub selectors: Selectors,
    rows: Names,
    scenarios: Names,
    checks: Names,
    groups: Names,
    /// Of a scenario, the `iterations` that k6 counted: a stream may lack their durations.
    pub iterations: Vec<u64>,
    /// Bytes sent and received, which k6 counts for no request: in the judged phase and outside of it.
    pub bytes: [[f64; 2]; 2],
    /// Values of trends that loadgate can't hold, by the first metric that had one.
    pub refused: Option<(String, u64)>,
    pub evidence: Vec<Evidence>,
    /// Where the load went: the origin of the first URL.
    pub origin: Option<String>,
    pub span: Option<Span>,
    blocks: Blocks,
}

/// The time from the first judged sample to the last.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Start of the sample that came first, from which blocks are counted.
    origin: Timestamp,
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Counting {
    pub fn new(selectors: &[Selector]) -> Self {
        let layout = empty_layout();
        let mut counting = Counting {
            recorder: Recorder::new(Arc::new(layout.clone())),
            layout,
            selectors: Selectors(selectors.iter().map(|selector| (selector.clone(), None)).collect()),
            rows: Names::default(),
            scenarios: Names::default(),
            checks: Names::default(),
            groups: Names::default(),
            iterations: Vec::new(),
            bytes: Default::default(),
            refused: None,
            evidence: Vec::new(),
            origin: None,
            span: None,
            blocks: Blocks::new(),
        };
        for builtin in Builtin::ALL {
            counting.count_parts(&Metric::Builtin(*builtin), builtin.kind());
        }
        counting
    }

    /// Whether some requests had to share a row.
    pub fn rows_overflow(&self) -> bool {
        self.rows.overflow
    }

    /// Takes a metric that the script declares.
    ///
    /// # Errors
    /// It is there already as something else; there are too many.
    pub fn declare(&mut self, name: &str, kind: Kind, unit: Unit) -> Result<(), Problem> {
        if let Some(label) = self.layout.custom.iter().find(|label| &*label.name == name) {
            let same = label.kind == kind;
            return if same { Ok(()) } else { Err(Problem::damaged(format!("{name} is declared twice"))) };
        }
        if self.layout.custom.len() >= MOST {
            return Err(Problem::damaged(format!("more than {MOST} metrics are declared")));
        }
        self.layout.custom.push(CustomLabel { name: name.into(), kind, unit });
        self.count_parts(&Metric::named(name), kind);
        self.extend();
        Ok(())
    }

    /// Gives the parts of a metric that thresholds name their places.
    fn count_parts(&mut self, metric: &Metric, kind: Kind) {
        for (selector, index) in self.selectors.0.iter_mut().filter(|(selector, _)| selector.metric == *metric) {
            *index = Some(self.layout.submetrics.len());
            let (selector, metric) = (selector.to_string(), metric.clone());
            self.layout.submetrics.push(SubmetricLabel { selector, metric, kind });
        }
        self.extend();
    }

    fn extend(&mut self) {
        self.recorder.extend(Arc::new(self.layout.clone()));
        self.iterations.resize(self.layout.scenarios.len(), 0);
    }

    /// Counts a whole request.
    pub fn request(&mut self, partial: &Partial) -> Result<(), Problem> {
        let sample = partial.sample()?;
        let tags = &partial.tags;
        let name = tags.get("name").or_else(|| tags.get("url")).unwrap_or_default();
        let row = row_name(tags.get("method").unwrap_or("GET"), name);
        let slot = self.slot(tags, partial.time, partial.total()?)?;
        let index = self.row(&row, slot);
        self.scenario_of(tags, slot);
        if self.origin.is_none() && slot != Slot::Unjudged {
            self.origin = tags.get("url").or(tags.get("name")).and_then(origin);
        }
        if let Some(class) = sample.error {
            let since = self.span.map(|span| partial.time.duration_since(span.start));
            if slot != Slot::Unjudged {
                evidence::keep(&mut self.evidence, &self.layout.requests[index].name, class, partial, since);
            }
        }
        let known = Known { tags, row: Some(&row), error: sample.error };
        let parts = self.selectors.matching(known, is_of_requests);
        self.recorder.http(slot, index, &sample, parts);
        Ok(())
    }

    /// Counts a sample of any metric that is not of a request.
    pub fn sample(&mut self, metric: &Metric, value: f64, at: Timestamp, tags: &Tags<'_>) -> Result<(), Problem> {
        let builtin = match metric {
            Metric::Custom(name) => return self.custom(name, value, at, tags),
            Metric::Builtin(builtin) => *builtin,
        };
        match builtin {
            Builtin::Vus | Builtin::VusMax => {
                let tally = self.recorder.tally_mut(Slot::Block(0));
                let gauge = if builtin == Builtin::Vus { &mut tally.vus } else { &mut tally.vus_max };
                gauge.record(value);
                return Ok(());
            }
            Builtin::DataSent | Builtin::DataReceived => {
                let slot = self.slot(tags, at, Duration::ZERO)?;
                let direction = usize::from(builtin == Builtin::DataReceived);
                self.bytes[usize::from(slot == Slot::Unjudged)][direction] += value.max(0.0);
                return self.add_to_parts(metric, value.max(0.0), slot, tags);
            }
            _ => {}
        }
        let known = Known { tags, row: None, error: None };
        let is_same = |of: &Metric| of == metric;
        match builtin {
            Builtin::Checks => {
                let slot = self.slot(tags, at, Duration::ZERO)?;
                let check = self.check(tags.get("check").unwrap_or_default());
                self.recorder.check(slot, check, value != 0.0, self.selectors.matching(known, is_same));
            }
            Builtin::GroupDuration => {
                let took = time(metric.name(), value)?;
                let slot = self.slot(tags, at, took)?;
                let group = self.group(tags.get("group").unwrap_or_default());
                self.recorder.group(slot, group, took, self.selectors.matching(known, is_same));
            }
            Builtin::IterationDuration => {
                let took = time(metric.name(), value)?;
                let slot = self.slot(tags, at, took)?;
                if let Some(scenario) = self.scenario_of(tags, slot) {
                    let parts = self.selectors.matching(known, is_of_iterations);
                    self.recorder.iteration(slot, scenario, took, &IterationEnd::Complete, parts);
                }
            }
            Builtin::Iterations => {
                let slot = self.slot(tags, at, Duration::ZERO)?;
                if let Some(scenario) = self.scenario_of(tags, slot) {
                    self.iterations[scenario] += value.max(0.0) as u64;
                }
            }
            Builtin::DroppedIterations => {
                let slot = self.slot(tags, at, Duration::ZERO)?;
                if let Some(scenario) = self.scenario_of(tags, slot) {
                    let parts = self.selectors.matching(known, is_same);
                    self.recorder.dropped(slot, scenario, value.max(0.0) as u64, parts);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn custom(&mut self, name: &Arc<str>, value: f64, at: Timestamp, tags: &Tags<'_>) -> Result<(), Problem> {
        let slot = self.slot(tags, at, Duration::ZERO)?;
        let index = self.layout.custom.iter().position(|label| label.name == *name);
        let index = index.ok_or_else(|| Problem {
            problem: format!("a sample of {name:?}, which no line before it declares"),
            cure: "give the whole stream that k6 wrote, unfiltered",
        })?;
        let known = Known { tags, row: None, error: None };
        let parts = self.selectors.matching(known, |metric| matches!(metric, Metric::Custom(of) if of == name));
        if self.recorder.custom(slot, index, value, parts).is_err() {
            self.refused.get_or_insert_with(|| (name.to_string(), 0)).1 += 1;
        }
        Ok(())
    }

    fn add_to_parts(&mut self, metric: &Metric, value: f64, slot: Slot, tags: &Tags<'_>) -> Result<(), Problem> {
        let known = Known { tags, row: None, error: None };
        let tally = self.recorder.tally_mut(slot);
        for part in self.selectors.matching(known, |of| of == metric) {
            let added = tally.submetrics[part].record(value);
            added.map_err(|error| Problem::damaged(error.to_string()))?;
        }
        Ok(())
    }

    /// Where a sample belongs that ended at `end` and took so long. Nothing of setup and teardown is judged.
    fn slot(&mut self, tags: &Tags<'_>, end: Timestamp, took: Duration) -> Result<Slot, Problem> {
        if is_bracket(tags) {
            return Ok(Slot::Unjudged);
        }
        let far = || Problem::damaged(format!("{end} is days apart from the samples before it"));
        let start = end.checked_sub(took).map_err(|_| far())?;
        let span = self.span.get_or_insert(Span { origin: start, start, end });
        (span.start, span.end) = (span.start.min(start), span.end.max(end));
        let length = Duration::try_from(span.end.duration_since(span.start)).map_err(|_| far())?;
        if length > LONGEST_RUN {
            return Err(far());
        }
        // One that began before the first that came belongs to the first block.
        let since = Duration::try_from(start.duration_since(span.origin)).unwrap_or(Duration::ZERO);
        if self.blocks.are_too_short(since) {
            self.blocks.lengthen(self.recorder.tally_mut(Slot::Block(0)));
        }
        Ok(Slot::Block(self.blocks.index(since)))
    }

    /// The grid of the run, which is over.
    pub fn finish_blocks(&mut self, length: Duration, judged: &mut Tally) -> Grid {
        self.blocks.finish(length, judged)
    }

    fn row(&mut self, name: &str, slot: Slot) -> usize {
        let (index, new) = self.rows.id(name, self.layout.requests.len());
        let judged = slot != Slot::Unjudged;
        if let Some(name) = new {
            let label = RequestLabel { name, optional: true, in_scenario: judged, gated: judged };
            self.layout.requests.push(label);
            self.extend();
        }
        let label = &mut self.layout.requests[index];
        if judged && !label.in_scenario {
            (label.in_scenario, label.gated) = (true, true);
            self.extend();
        }
        index
    }

    /// The scenario of a judged sample; setup and teardown have none.
    fn scenario_of(&mut self, tags: &Tags<'_>, slot: Slot) -> Option<usize> {
        if slot == Slot::Unjudged {
            return None;
        }
        let name = tags.get("scenario").unwrap_or("default");
        let (index, new) = self.scenarios.id(name, self.layout.scenarios.len());
        if let Some(name) = new {
            self.layout.scenarios.push(ScenarioLabel { name, arrival_rate: false, planned: None });
            self.extend();
        }
        Some(index)
    }

    fn check(&mut self, name: &str) -> usize {
        let (index, new) = self.checks.id(name, self.layout.checks.len());
        if let Some(name) = new {
            self.layout.checks.push(name);
            self.extend();
        }
        index
    }

    fn group(&mut self, path: &str) -> usize {
        let path = path.strip_prefix("::").unwrap_or(path);
        let (index, new) = self.groups.id(path, self.layout.groups.len());
        if let Some(name) = new {
            self.layout.groups.push(name);
            self.extend();
        }
        index
    }
}

/// A layout that names nothing yet.
pub fn empty_layout() -> Layout {
    Layout {
        requests: Vec::new(),
        scenarios: Vec::new(),
        checks: Vec::new(),
        groups: Vec::new(),
        custom: Vec::new(),
        submetrics: Vec::new(),
        control: None,
        grid: Grid::new(Duration::ZERO, Duration::ZERO),
    }
}

/// Whether a sample is of setup or teardown: these are groups of no scenario.
fn is_bracket(tags: &Tags<'_>) -> bool {
    let group = tags.get("group").unwrap_or_default();
    let within =
        |bracket: &str| group.strip_prefix(bracket).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    tags.get("scenario").is_none() && (within("::setup") || within("::teardown"))
}

/// Metrics that a request's samples make; bytes are no request's in k6.
fn is_of_requests(metric: &Metric) -> bool {
    matches!(metric, Metric::Builtin(builtin) if super::request::place_of(*builtin).is_some())
}

fn is_of_iterations(metric: &Metric) -> bool {
    matches!(metric, Metric::Builtin(Builtin::Iterations | Builtin::IterationDuration))
}

/// Scheme, host and port of a URL.
fn origin(url: &str) -> Option<String> {
    let origin = url::Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}
