//! `--out json=FILE`: each sample of a script's run as a line of JSON, in k6's format. What [`results`](super::results) reads.

mod declaration;
mod tags;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::Serialize;

use crate::measurement::{Measurement, Progress};
use crate::plan::Plan;

pub use tags::{SampleTags, of_check, of_metric, of_request, traffic};

/// Bytes that wait to be written.
const BUFFER: usize = 256 << 10;

/// The file. Those who load wait for it: a slow one shows as a generator that is busy, and no sample is left out.
pub struct Samples {
    path: PathBuf,
    out: Mutex<Out>,
    began: (Instant, Timestamp),
    /// The line that declares a metric, by its name.
    declarations: BTreeMap<String, String>,
    /// Tags that each sample gets (`systemTags`); none for k6's own choice.
    system_tags: Option<BTreeSet<String>>,
}

struct Out {
    writer: Option<Writer>,
    declared: BTreeSet<String>,
    failed: Option<io::Error>,
}

enum Writer {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
}

impl Samples {
    /// A file for the samples of a plan's script; packed where its name ends with `.gz`.
    ///
    /// # Errors
    /// It can't be written.
    pub fn create(path: &Path, plan: &Plan, system_tags: Option<&[String]>) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER, File::create(path)?);
        let writer = match path.extension().is_some_and(|extension| extension == "gz") {
            true => Writer::Gzip(GzEncoder::new(file, Compression::fast())),
            false => Writer::Plain(file),
        };
        Ok(Samples {
            path: path.to_owned(),
            out: Mutex::new(Out { writer: Some(writer), declared: BTreeSet::new(), failed: None }),
            began: (Instant::now(), Timestamp::now()),
            declarations: declaration::all(plan),
            system_tags: system_tags.map(|tags| tags.iter().cloned().collect()),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether samples get this tag of k6's own.
    fn has(&self, tag: &str) -> bool {
        self.system_tags.as_ref().is_none_or(|tags| tags.contains(tag))
    }

    /// Writes values of metrics, all taken at one moment and with the same tags.
    pub fn write(&self, at: Instant, tags: &SampleTags<'_>, values: &[(&str, f64)]) {
        let mut lines = Vec::with_capacity(values.len() * 384);
        let time = self.time(at);
        for (metric, value) in values {
            let point = Point { metric, kind: "Point", data: Data { time: &time, value: Number(*value), tags } };
            // Writing to memory does not fail.
            let _ = serde_json::to_writer(&mut lines, &point);
            lines.push(b'\n');
        }
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        for (metric, _) in values {
            if let Some(declaration) = self.declarations.get(*metric)
                && out.declared.insert((*metric).to_owned())
            {
                out.write(declaration.as_bytes());
            }
        }
        out.write(&lines);
    }

    fn time(&self, at: Instant) -> String {
        let (began, time) = self.began;
        let since = |later: Instant, earlier: Instant| later.saturating_duration_since(earlier);
        let moved = time.checked_add(since(at, began)).and_then(|time| time.checked_sub(since(began, at)));
        moved.unwrap_or(time).to_string()
    }

    /// Writes how many virtual users there are.
    pub fn progress(&self, progress: &Progress) {
        let values = [("vus", progress.vus as f64), ("vus_max", progress.vus_max as f64)];
        self.write(Instant::now(), &SampleTags::default(), &values);
    }

    /// Writes what only the end tells, and all that waits.
    ///
    /// # Errors
    /// Something could not be written, now or before.
    pub fn finish(&self, measurement: &Measurement) -> io::Result<()> {
        let scenarios = measurement.layout.scenarios.iter().zip(&measurement.judged.scenarios);
        for (label, row) in scenarios.filter(|(_, row)| row.dropped > 0) {
            let tags = SampleTags::of_scenario(self, &label.name);
            self.write(Instant::now(), &tags, &[("dropped_iterations", row.dropped as f64)]);
        }
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let finished = match out.writer.take() {
            Some(Writer::Plain(mut file)) => file.flush(),
            Some(Writer::Gzip(packed)) => packed.finish().and_then(|mut file| file.flush()),
            None => Ok(()),
        };
        out.failed.take().map_or(finished, Err)
    }
}

impl Out {
    fn write(&mut self, bytes: &[u8]) {
        let written = match &mut self.writer {
            Some(Writer::Plain(file)) => file.write_all(bytes),
            Some(Writer::Gzip(packed)) => packed.write_all(bytes),
            None => Ok(()),
        };
        if let Err(error) = written {
            // What follows would be a stream with a hole.
            self.writer = None;
            self.failed = Some(error);
        }
    }
}

#[derive(Serialize)]
struct Point<'a> {
    metric: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    time: &'a str,
    value: Number,
    tags: &'a SampleTags<'a>,
}

/// A number as k6 writes it: a whole one without a point.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.fract() == 0.0 && self.0.abs() < 1e15 {
            true => serializer.serialize_i64(self.0 as i64),
            false => serializer.serialize_f64(self.0),
        }
    }
}

/// In k6's unit.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
