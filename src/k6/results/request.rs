//! A request, put together from the samples that k6 wrote of it: one line for each `http_*` metric, one after the other, with
//! the same time and the same tags.

use std::time::Duration;

use jiff::Timestamp;

use crate::measurement::{ErrorClass, HttpSample, Phases};
use crate::metric::Builtin;

use super::error::Problem;
use super::failure::class_of;
use super::line::Tags;

/// The metrics of a request, by their place in [`Partial::values`].
const METRICS: [Builtin; 9] = [
    Builtin::HttpReqs,
    Builtin::HttpReqFailed,
    Builtin::HttpReqDuration,
    Builtin::HttpReqBlocked,
    Builtin::HttpReqConnecting,
    Builtin::HttpReqTlsHandshaking,
    Builtin::HttpReqSending,
    Builtin::HttpReqWaiting,
    Builtin::HttpReqReceiving,
];

/// The place of a metric among those of a request; none for every other.
pub fn place_of(metric: Builtin) -> Option<usize> {
    METRICS.iter().position(|of| *of == metric)
}

/// What has been read of a request so far.
#[derive(Debug)]
pub struct Partial {
    /// The line of its first sample.
    pub line: u64,
    /// The request's end.
    pub time: Timestamp,
    pub tags: Tags<'static>,
    values: [Option<f64>; METRICS.len()],
}

impl Partial {
    pub fn new(line: u64, time: Timestamp, tags: Tags<'static>) -> Self {
        Partial { line, time, tags, values: [None; METRICS.len()] }
    }

    /// Whether a sample is of this request: another one of the same metric is of the next.
    pub fn takes(&self, place: usize, time: Timestamp, tags: &Tags<'_>) -> bool {
        self.values[place].is_none() && self.time == time && self.tags == *tags
    }

    pub fn set(&mut self, place: usize, value: f64) {
        self.values[place] = Some(value);
    }

    /// From the beginning of the request, its wait for a connection included, to its end.
    ///
    /// # Errors
    /// Values that are no times.
    pub fn total(&self) -> Result<Duration, Problem> {
        let blocked = self.time_of(Builtin::HttpReqBlocked)?.unwrap_or_default();
        Ok(blocked + self.time_of(Builtin::HttpReqDuration)?.unwrap_or_default())
    }

    /// The request as loadgate counts it. k6 writes a duration for those without an answer too, 0 or as far as they got: it
    /// enters nothing, but for a time-out, where it is the limit.
    ///
    /// # Errors
    /// Values that are no times; a stream from which `http_req_duration` was filtered.
    pub fn sample(&self) -> Result<HttpSample, Problem> {
        let duration = self.time_of(Builtin::HttpReqDuration)?.ok_or_else(|| Problem {
            problem: "this request has no http_req_duration".into(),
            cure: "give the whole stream that k6 wrote, unfiltered",
        })?;
        let total = self.total()?;
        let code = self.tags.get("error_code").map(number).transpose()?;
        let status = self.tags.get("status").map(number).transpose()?;
        let mut error = match code {
            Some(code) => class_of(code),
            None if status == Some(0) => Some(ErrorClass::Reset),
            None => None,
        };
        // Its time was over before k6 had a connection, and k6 says nothing of how long it waited.
        if error == Some(ErrorClass::Timeout) && total.is_zero() {
            error = Some(ErrorClass::Connect);
        }
        let of_code = code.filter(|code| (1400..1600).contains(code)).map(|code| code - 1000);
        let status = status.or(of_code).unwrap_or(0);
        Ok(HttpSample {
            phases: self.phases(duration)?,
            status: error.is_none().then_some(status),
            error,
            expected: error.is_none() && self.is_expected(status),
            sent: 0,
            received: 0,
            limit: total,
            schedule_lag: None,
        })
    }

    fn is_expected(&self, status: u16) -> bool {
        let failed = self.values[1].map(|failed| failed != 0.0);
        match (self.tags.get("expected_response"), failed) {
            (Some(expected), _) => expected == "true",
            (None, Some(failed)) => !failed,
            (None, None) => (200..400).contains(&status),
        }
    }

    /// The phases; where they don't add up to the duration, it was all waiting.
    fn phases(&self, duration: Duration) -> Result<Phases, Problem> {
        let time = |metric: Builtin| Ok(self.time_of(metric)?.unwrap_or_default());
        let phases = Phases {
            blocked: time(Builtin::HttpReqBlocked)?,
            connecting: time(Builtin::HttpReqConnecting)?,
            tls_handshaking: time(Builtin::HttpReqTlsHandshaking)?,
            sending: time(Builtin::HttpReqSending)?,
            waiting: time(Builtin::HttpReqWaiting)?,
            receiving: time(Builtin::HttpReqReceiving)?,
        };
        if phases.duration().abs_diff(duration) < Duration::from_micros(1) {
            return Ok(phases);
        }
        Ok(Phases { sending: Duration::ZERO, waiting: duration, receiving: Duration::ZERO, ..phases })
    }

    fn time_of(&self, metric: Builtin) -> Result<Option<Duration>, Problem> {
        let value = place_of(metric).and_then(|place| self.values[place]);
        value.map(|value| time(metric.name(), value)).transpose()
    }
}

/// No sample takes longer.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// A time that k6 wrote in milliseconds.
pub fn time(metric: &str, milliseconds: f64) -> Result<Duration, Problem> {
    Duration::try_from_secs_f64(milliseconds / 1e3)
        .ok()
        .filter(|time| *time <= LONGEST)
        .ok_or_else(|| Problem::damaged(format!("{milliseconds} ms is no time that {metric} can take")))
}

fn number(text: &str) -> Result<u16, Problem> {
    text.parse().map_err(|_| Problem::damaged(format!("{text:?} is no number of a status or an error")))
}
