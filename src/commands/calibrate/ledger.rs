//! What a calibration has measured so far: on the disk after every gate, so that nothing is lost.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::anyhow;

use crate::baseline::{Alone, GateRecord, Record, RecordFile, Store};
use crate::commands::error::CommandError;
use crate::number;

use super::gates::Taken;
use super::schedule::Kind;
use super::text;

/// A calibration under way.
pub struct Ledger {
    record: Record,
    file: RecordFile,
    requests: u64,
    /// How many measurements took how long.
    taken: u32,
    time: Duration,
}

impl Ledger {
    /// Begins its file, so that a folder that can't be written to is known before any load.
    ///
    /// # Errors
    /// The folder of baselines can't be written to.
    pub fn open(store: &Store, record: Record) -> Result<Ledger, CommandError> {
        let file = RecordFile::create(store.folder(), &record).map_err(|error| anyhow!(error))?;
        Ok(Ledger { record, file, requests: 0, taken: 0, time: Duration::ZERO })
    }

    pub fn add_gate(&mut self, gate: Taken<GateRecord>) {
        self.record.gates.push(gate.record);
        self.requests += gate.requests;
        self.save();
    }

    pub fn add_alone(&mut self, run: Taken<Alone>) {
        self.record.alone.push(run.record);
        self.requests += run.requests;
        self.save();
    }

    /// A disk that is full now may have room after the next gate.
    fn save(&self) {
        if let Err(error) = self.file.save(&self.record) {
            eprintln!("warning: {error}");
        }
    }

    /// Whether nothing was measured yet.
    pub fn is_empty(&self) -> bool {
        self.record.gates.is_empty() && self.record.alone.is_empty()
    }

    /// What a measurement is called.
    pub fn name(&self, kind: Kind) -> String {
        match kind {
            Kind::Alone => "target alone".to_owned(),
            Kind::Gate(None) => text::equals(&self.record).to_owned(),
            Kind::Gate(Some(slow)) => text::slow_down(slow),
        }
    }

    /// A measurement took so long.
    pub fn took(&mut self, time: Duration) {
        self.taken += 1;
        self.time += time;
    }

    /// About how long so many more will take, and how much they send; in words, to follow a line.
    pub fn left(&self, tasks: usize) -> String {
        if self.taken == 0 || tasks == 0 {
            return String::new();
        }
        let each = 1.0 / f64::from(self.taken);
        let time = number::duration((self.time.as_secs_f64() * each * tasks as f64).round() * 1000.0);
        let requests = (self.requests as f64 * each * tasks as f64).round();
        format!("  ({time} and about {requests} requests left)")
    }

    /// What was measured, and where it is; no path where nothing was.
    pub fn close(self) -> (Record, Option<PathBuf>) {
        if self.is_empty() {
            self.file.remove();
            return (self.record, None);
        }
        self.save();
        let path = self.file.path().to_owned();
        (self.record, Some(path))
    }
}
