//! The tags of a sample.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;

use super::Samples;
use crate::k6::host::{Host, Stage};
use crate::k6::tags::Tags;

/// Tags by their names.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct SampleTags<'a>(BTreeMap<Cow<'a, str>, Cow<'a, str>>);

/// What k6 tells of a request by itself.
const OF_REQUESTS: [&str; 9] =
    ["expected_response", "method", "name", "proto", "status", "tls_version", "url", "error_code", "error"];

impl<'a> SampleTags<'a> {
    /// Those of a scenario's.
    pub fn of_scenario(samples: &Samples, name: &'a str) -> Self {
        let mut tags = SampleTags::default();
        tags.system(samples, "scenario", Some(name.into()));
        tags
    }

    /// Those that any sample has at this moment of the script.
    fn of_moment(samples: &Samples, host: &Host) -> Self {
        let mut tags = SampleTags::default();
        tags.own(&host.tags.borrow());
        tags.system(samples, "group", Some(host.group.borrow().clone().into()));
        if host.stage.get() == Stage::Iteration {
            tags.system(samples, "scenario", host.tag("scenario").map(Cow::Owned));
        }
        tags
    }

    fn system(&mut self, samples: &Samples, name: &'static str, value: Option<Cow<'a, str>>) {
        if let Some(value) = value.filter(|_| samples.has(name)) {
            self.0.insert(name.into(), value);
        }
    }

    fn own(&mut self, tags: &Tags) {
        self.0.extend(tags.iter().map(|(name, value)| (name.to_owned().into(), value.to_owned().into())));
    }
}

/// Those of a request; `tag` tells what k6 does by itself.
pub fn of_request<'a>(
    samples: &Samples,
    host: &Host,
    own: Option<&Tags>,
    tag: impl Fn(&str) -> Option<Cow<'a, str>>,
) -> SampleTags<'a> {
    let mut tags = of_metric(samples, host, own);
    for name in OF_REQUESTS {
        tags.system(samples, name, tag(name));
    }
    tags
}

/// Those of a check.
pub fn of_check<'a>(samples: &Samples, host: &Host, own: Option<&Tags>, name: &'a str) -> SampleTags<'a> {
    let mut tags = of_metric(samples, host, own);
    tags.system(samples, "check", Some(name.into()));
    tags
}

/// Those of a metric of the script's, or of a group.
pub fn of_metric<'a>(samples: &Samples, host: &Host, own: Option<&Tags>) -> SampleTags<'a> {
    let mut tags = SampleTags::of_moment(samples, host);
    if let Some(own) = own {
        tags.own(own);
    }
    tags
}

/// Writes what was sent and received since the last time, if anything, and the values of an iteration that has ended.
pub fn traffic(host: &Host, values: &[(&str, f64)]) {
    let (sent, received) = host.traffic.take();
    let Some(samples) = host.samples() else { return };
    let tags = SampleTags::of_moment(samples, host);
    let mut all = vec![("data_sent", sent as f64), ("data_received", received as f64)];
    all.retain(|(_, bytes)| *bytes > 0.0);
    all.extend_from_slice(values);
    samples.write(Instant::now(), &tags, &all);
}
