//! The first failures of a stream, for whoever asks what went wrong.

use std::time::Duration;

use jiff::SignedDuration;

use super::request::Partial;
use crate::measurement::{ErrorClass, Evidence};

/// The first failures of so many rows and classes are kept.
const MOST: usize = 100;

/// Keeps the first failure of each row and class, so long `since` the run's start. Neither credentials nor the query of its URL
/// are shown.
pub fn keep(kept: &mut Vec<Evidence>, row: &str, class: ErrorClass, partial: &Partial, since: Option<SignedDuration>) {
    let is_known = |kept: &Evidence| *kept.request == *row && kept.class == class.name();
    if kept.len() >= MOST || kept.iter().any(is_known) {
        return;
    }
    let tag = |tag: &str| partial.tags.get(tag).unwrap_or_default();
    let at = since.and_then(|since| Duration::try_from(since).ok());
    kept.push(Evidence {
        request: row.to_owned(),
        class: class.name().into(),
        method: short(tag("method")),
        url: short(&bare_url(tag("url"))),
        request_headers: Vec::new(),
        request_body: None,
        status: None,
        response_headers: Vec::new(),
        response_body: None,
        message: short(tag("error")),
        at_ms: at.map_or(0, |at| at.as_millis() as u64),
    });
}

/// A URL without credentials, query and fragment.
fn bare_url(url: &str) -> String {
    let Ok(mut bare) = url::Url::parse(url) else {
        return url.split(['?', '#']).next().unwrap_or_default().to_owned();
    };
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.set_query(None);
    bare.set_fragment(None);
    bare.into()
}

/// Text of the file that a report may show: at most 1,000 characters.
fn short(text: &str) -> String {
    text.chars().take(1000).collect()
}
