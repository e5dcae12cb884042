//! `--out json`: a line for each declaration of a metric and for each sample. It is read once and never held.

use std::collections::BTreeSet;
use std::io::{BufRead, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::measurement::layout::RequestLabel;
use crate::measurement::{Generator, Layout, Measurement, MeasurementFile, RequestTally, Tallies};
use crate::metric::{Builtin, Metric, Selector, Unit};

use super::counting::Counting;
use super::error::{Problem, ResultsError};
use super::line::{Data, Line, LineKind};
use super::request::{Partial, place_of};
use super::{Conditions, Results, measurement};

/// A longer line is none of k6's.
pub const LONGEST_LINE: u64 = 1 << 20;

/// More empty lines are none of k6's either.
const MOST_EMPTY: u64 = 1000;

/// The part of the response times that k6 counts whether a threshold names it or not.
const ALWAYS_THERE: &str = "http_req_duration{expected_response:true}";

/// The row that holds the bytes of a run with several requests: k6 doesn't say whose they are.
const BYTES: &str = "(bytes of all requests)";

/// Reads a stream to its end. `selectors` are the tagged parts of metrics that are to be counted.
///
/// # Errors
/// A line that k6 has not written, with its number.
pub fn read(mut reader: impl BufRead, path: &Path, selectors: &[Selector]) -> Result<Results, ResultsError> {
    let mut stream = Stream::new(selectors);
    let mut line = Vec::new();
    let mut empty = 0;
    for number in 1.. {
        line.clear();
        let read = (&mut reader).take(LONGEST_LINE + 1).read_until(b'\n', &mut line);
        let read = read.map_err(|error| ResultsError::io(path, &error).on(number))?;
        if read == 0 {
            break;
        }
        if read as u64 > LONGEST_LINE {
            return Err(Problem::damaged(format!("a line of over {} MB", LONGEST_LINE >> 20)).at(path, number));
        }
        if line.trim_ascii().is_empty() {
            empty += 1;
            if empty > MOST_EMPTY {
                return Err(Problem::damaged("a thousand empty lines").at(path, number));
            }
            continue;
        }
        stream.line(number, &line).map_err(|(line, problem)| problem.at(path, line))?;
    }
    stream.flush().map_err(|(line, problem)| problem.at(path, line))?;
    stream.finish().map_err(|problem| problem.within(path))
}

/// A problem, and the line that it is in.
type InLine<T> = Result<T, (u64, Problem)>;

struct Stream {
    counting: Counting,
    /// The request whose samples are being read.
    pending: Option<Partial>,
    conditions: Conditions,
    /// Own names of loadgate's that the script gave to metrics.
    taken: BTreeSet<String>,
    /// Who has written it, where that is not k6.
    generator: Option<String>,
}

impl Stream {
    fn new(selectors: &[Selector]) -> Self {
        let conditions = Conditions::default();
        let counting = Counting::new(selectors);
        Stream { counting, pending: None, conditions, taken: BTreeSet::new(), generator: None }
    }

    fn line(&mut self, number: u64, json: &[u8]) -> InLine<()> {
        let line: Line<'_> = serde_json::from_slice(json)
            .map_err(|error| (number, Problem::damaged(format!("no line of k6's JSON output: {error}"))))?;
        match line.kind {
            LineKind::Metric => self.metric(&line.metric.0, line.data).map_err(|problem| (number, problem)),
            LineKind::Point => self.point(number, &line.metric.0, line.data),
        }
    }

    fn metric(&mut self, name: &str, data: Data<'_>) -> Result<(), Problem> {
        if let Some(generator) = data.generator {
            self.generator = Some(format!("stream of {}", super::names::clean(&generator.0)));
        }
        let Some(kind) = data.kind else { return Err(Problem::damaged(format!("{name:?} has no type"))) };
        let metric = Metric::named(name);
        match &metric {
            Metric::Builtin(builtin) if is_ours(*builtin) => {
                self.taken.insert(name.to_owned());
                return Ok(());
            }
            Metric::Builtin(builtin) if builtin.kind() != kind => {
                return Err(Problem::damaged(format!("{name} has another type than k6 gives it")));
            }
            Metric::Builtin(_) => {}
            Metric::Custom(_) => {
                let unit = data.contains.map_or(Unit::Plain, |contains| contains.unit());
                self.counting.declare(name, kind, unit)?;
            }
        }
        for condition in data.thresholds.unwrap_or_default() {
            self.conditions.add(name, &condition, kind)?;
        }
        let (always, named): (Vec<String>, _) =
            data.submetrics.into_iter().flatten().map(|part| part.name).partition(|part| part == ALWAYS_THERE);
        self.conditions.unknown.extend(named);
        self.conditions.untellable.extend(always);
        Ok(())
    }

    fn point(&mut self, number: u64, name: &str, data: Data<'_>) -> InLine<()> {
        let damaged = |what: &str| (number, Problem::damaged(format!("a sample of {name:?} without {what}")));
        let value = data.value.ok_or_else(|| damaged("a value"))?;
        let time = data.time.ok_or_else(|| damaged("a time"))?;
        let at: Timestamp =
            time.0.parse().map_err(|error| (number, Problem::damaged(format!("{:?} is no time: {error}", time.0))))?;
        let tags = data.tags.unwrap_or_default();
        let metric = Metric::named(name);
        let place = match &metric {
            Metric::Builtin(builtin) => place_of(*builtin),
            Metric::Custom(_) => None,
        };
        let Some(place) = place else {
            self.flush()?;
            return self.counting.sample(&metric, value, at, &tags).map_err(|problem| (number, problem));
        };
        if !self.pending.as_ref().is_some_and(|pending| pending.takes(place, at, &tags)) {
            self.flush()?;
        }
        self.pending.get_or_insert_with(|| Partial::new(number, at, tags.into_owned())).set(place, value);
        Ok(())
    }

    /// Counts the request that has been read.
    fn flush(&mut self) -> InLine<()> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        self.counting.request(&pending).map_err(|problem| (pending.line, problem))
    }

    fn finish(mut self) -> Result<Results, Problem> {
        let span = self.counting.span.ok_or_else(|| Problem {
            problem: "this stream of k6's has no sample of a scenario".into(),
            cure: "run k6 again; setup and teardown are judged by nothing",
        })?;
        let elapsed = Duration::try_from(span.end.duration_since(span.start)).unwrap_or_default();
        let empty = Tallies::new(&self.counting.layout);
        let mut tallies = self.counting.recorder.swap(empty);
        let grid = self.counting.finish_blocks(elapsed, &mut tallies.judged);
        self.finish_scenarios(&mut tallies);
        self.finish_bytes(&mut tallies);
        let notes = self.notes();
        let Counting { layout, evidence, origin, .. } = self.counting;
        let target = origin.unwrap_or_else(|| "unknown".into());
        let candidate = Measurement {
            target,
            started_at: span.start,
            elapsed,
            judged_for: elapsed,
            layout: Arc::new(Layout { grid, ..layout }),
            judged: tallies.judged,
            unjudged: tallies.unjudged,
            generator: Generator::default(),
            evidence,
            ..measurement::of_nothing()
        };
        let mut file = MeasurementFile::new(candidate);
        measurement::set_contract(&mut file.candidate, self.generator.as_deref());
        Ok(Results { file, conditions: self.conditions, notes })
    }

    /// What k6 says of a scenario in its own way: iterations without a duration, and those that only their samples show.
    fn finish_scenarios(&mut self, tallies: &mut Tallies) {
        let labels = self.counting.layout.scenarios.iter_mut().zip(&self.counting.iterations);
        for (row, (label, iterations)) in tallies.judged.scenarios.iter_mut().zip(labels) {
            row.iterations = row.iterations.max(*iterations);
            // It has samples, so that at least one began; k6 writes nothing of those that were cut off.
            if row.iterations == 0 {
                row.interrupted = 1;
            }
            // Iterations that were due and could not start: k6 doesn't say by which executor.
            label.arrival_rate = row.dropped > 0;
        }
    }

    /// k6 counts bytes for an iteration, not for a request: of several, they get a row of their own.
    fn finish_bytes(&mut self, tallies: &mut Tallies) {
        if self.counting.bytes == [[0.0; 2]; 2] {
            return;
        }
        let layout = &mut self.counting.layout;
        if layout.requests.len() != 1 {
            layout.requests.push(RequestLabel { name: BYTES.into(), optional: true, in_scenario: false, gated: false });
            tallies.judged.requests.push(RequestTally::default());
            tallies.unjudged.requests.push(RequestTally::default());
        }
        for (tally, [sent, received]) in
            [&mut tallies.judged, &mut tallies.unjudged].into_iter().zip(self.counting.bytes)
        {
            if let Some(row) = tally.requests.last_mut() {
                (row.sent, row.received) = (sent as u64, received as u64);
            }
        }
    }

    fn notes(&self) -> Vec<String> {
        let note = if self.generator.is_some() { measurement::NO_GUARDS } else { measurement::NO_GENERATOR };
        let mut notes = vec![note.to_owned()];
        if self.counting.rows_overflow() {
            let most = super::names::MOST;
            notes.push(format!(
                "over {most} names of requests: the rest is in the row `{}`; give requests a name (tags: {{ name: … }})",
                super::names::OTHER
            ));
        }
        if let Some((metric, samples)) = &self.counting.refused {
            notes.push(format!(
                "left out {samples} samples of {metric} and the like: a trend takes numbers from 0 to 10^12 here"
            ));
        }
        notes.extend(self.taken.iter().map(|name| {
            format!(
                "left out the script's metric {name}: loadgate has its own of this name; rename it to have it judged"
            )
        }));
        notes
    }
}

/// Whether a metric is loadgate's own and none of k6's.
fn is_ours(metric: Builtin) -> bool {
    use Builtin::{HttpReqScheduledDuration, IterationErrors, IterationsStopped, ScheduleLag};
    matches!(metric, HttpReqScheduledDuration | IterationErrors | IterationsStopped | ScheduleLag)
}
