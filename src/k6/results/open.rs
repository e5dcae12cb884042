//! Telling k6's files from others by what is in them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use jiff::Timestamp;

use crate::metric::Selector;

use super::Results;
use super::error::{Problem, ResultsError};
use super::line::Line;
use super::stream::{self, LONGEST_LINE};
use super::summary::{Document, Summary};

/// A larger summary is none, unpacked.
const LARGEST_SUMMARY: u64 = 64 << 20;

/// The first bytes of every gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file of k6's, recognised.
pub struct Opened {
    path: PathBuf,
    content: Content,
}

enum Content {
    Stream(Box<dyn BufRead>),
    Summary(Box<Summary>),
}

/// Opens a file that k6 may have written; none where it is another: then it has not been read.
///
/// # Errors
/// The file can't be read; it is packed, and k6 didn't write what is in it.
pub fn open(path: &Path) -> Result<Option<Opened>, ResultsError> {
    let fail = |error: io::Error| ResultsError::io(path, &error);
    // A pipe could not be read again by who knows what it holds.
    let Some(about) = std::fs::metadata(path).ok().filter(|about| about.is_file()) else { return Ok(None) };
    let modified =
        about.modified().ok().and_then(|time| Timestamp::try_from(time).ok()).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(fail)?);
    let packed = file.fill_buf().map_err(fail)?.starts_with(&GZIP);
    let mut reader: Box<dyn Read> = if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut start = Vec::new();
    reader.by_ref().take(LONGEST_LINE).read_to_end(&mut start).map_err(fail)?;
    if is_stream(&start) {
        let reader = BufReader::with_capacity(1 << 16, Cursor::new(start).chain(reader));
        return Ok(Some(Opened { path: path.into(), content: Content::Stream(Box::new(reader)) }));
    }
    let summary = match is_ours(&start) {
        true => None,
        false => summary(start, reader, modified).map_err(fail)?,
    };
    if let Some(summary) = summary {
        let content = Content::Summary(Box::new(summary.map_err(|problem| problem.within(path))?));
        return Ok(Some(Opened { path: path.into(), content }));
    }
    match packed {
        true => Err(Problem::damaged("this packed file holds neither samples nor a summary of k6's").within(path)),
        false => Ok(None),
    }
}

impl Opened {
    /// Reads it to its end. `selectors` are the tagged parts of metrics that thresholds of a plan name.
    ///
    /// # Errors
    /// What k6 has not written, with its place.
    pub fn read(self, selectors: &[Selector]) -> Result<Results, ResultsError> {
        match self.content {
            Content::Stream(reader) => stream::read(reader, &self.path, selectors),
            Content::Summary(summary) => summary.results().map_err(|problem| problem.within(&self.path)),
        }
    }
}

/// Whether the first line is one of a stream. One that is cut off where the file ends is told by its beginning.
fn is_stream(start: &[u8]) -> bool {
    let start = start.trim_ascii_start();
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<Line<'_>>(line).is_ok() || line.starts_with(br#"{"type":"Metric""#)
}

/// Whether it is a measurement of loadgate's own.
fn is_ours(start: &[u8]) -> bool {
    let Some(inside) = start.trim_ascii_start().strip_prefix(b"{") else { return false };
    inside.trim_ascii_start().starts_with(b"\"schema_version\"")
}

/// Reads a summary; none where it is something else.
fn summary(
    mut json: Vec<u8>,
    reader: Box<dyn Read>,
    modified: Timestamp,
) -> io::Result<Option<Result<Summary, Problem>>> {
    reader.take(LARGEST_SUMMARY - LONGEST_LINE).read_to_end(&mut json)?;
    let Ok(document) = serde_json::from_slice::<Document>(&json) else { return Ok(None) };
    Ok(Summary::of(document, modified))
}
