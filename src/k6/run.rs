//! What all virtual users of a deployment share of a script's run.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rand::Rng;
use serde_json::Value as Json;
use url::Url;

use super::host::Stage;
use super::known;
use super::program::Program;
use super::row::row_name;
use super::samples::Samples;
use super::script::Script;
use super::script::same_place;
use super::setup_data::SetupData;
use super::tags::Submetrics;
use super::url_map::UrlMap;
use crate::load::http::Client;
use crate::load::steps::EvidenceLog;
use crate::load::{Arm, Deployed};
use crate::measurement::Found;
use crate::plan::Plan;
use crate::plan::functions::Random;
use crate::plan::script::Script as Settings;

/// Reasons of failed iterations that are counted as they are; later ones count together, since memory must not grow with the
/// load.
const REASONS: usize = 100;

/// One deployment's part of a run.
pub struct Run {
    pub program: Arc<Program>,
    pub settings: Arc<Settings>,
    pub plan: Arc<Plan>,
    pub arm: Arc<Arm>,
    pub client: Arc<Client>,
    pub evidence: Arc<EvidenceLog>,
    pub submetrics: Submetrics,
    pub urls: UrlMap,
    /// What `setup` returned; none where that is nothing.
    pub setup_data: OnceLock<Option<SetupData>>,
    pub counters: Counters,
    /// Where each sample is written, if it is.
    pub samples: Option<Arc<Samples>>,
    /// Why no virtual user can be made any more: an init context does not end.
    pub hopeless: OnceLock<Arc<str>>,
    /// The options that the script runs with, as k6's `exec.test.options` has them.
    pub options: Json,
    found: Arc<Found>,
    /// Host and port of the deployment, as its URLs have them.
    home: String,
    /// Where the load may go besides the deployment.
    allowed: Vec<Url>,
    /// Hosts that the user has named in what the script is given.
    named_hosts: Vec<String>,
    /// When the next request may be sent, in nanoseconds since `began` (`rps`).
    next_request: AtomicU64,
    began: Instant,
    reasons: Mutex<BTreeMap<String, Arc<str>>>,
    aborted: Mutex<Option<String>>,
    is_aborted: AtomicBool,
}

/// What `k6/execution` tells of the instance.
#[derive(Debug, Default)]
pub struct Counters {
    pub completed: AtomicU64,
    pub interrupted: AtomicU64,
    pub active: AtomicU64,
    pub initialized: AtomicU64,
}

impl Run {
    pub fn new(script: &Script, of: Deployed, samples: Option<Arc<Samples>>) -> Self {
        let origin = of.arm.origin.origin().ascii_serialization();
        Run {
            urls: script.urls(&origin),
            submetrics: Submetrics::of(&of.plan),
            program: script.program.clone(),
            options: script.options.clone(),
            settings: script.settings.clone(),
            plan: of.plan,
            arm: of.arm,
            client: of.client,
            evidence: of.evidence,
            setup_data: OnceLock::new(),
            counters: Counters::default(),
            samples,
            hopeless: OnceLock::new(),
            found: of.found,
            home: host_of(&origin).unwrap_or_default().to_owned(),
            allowed: script.allowed(),
            named_hosts: script.named_hosts().to_vec(),
            next_request: AtomicU64::new(0),
            began: Instant::now(),
            reasons: Mutex::default(),
            aborted: Mutex::default(),
            is_aborted: AtomicBool::new(false),
        }
    }

    /// What a virtual user's random numbers begin with, by its number.
    pub fn random_seed(&self, vu: u64) -> u64 {
        Random::new(self.arm.seed, self.arm.stream(vu)).with(|random| random.next_u64())
    }

    /// Whether the load may touch the URL.
    pub fn may_touch(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        if self.is_blacklisted(url) || self.settings.network.block_hostnames.iter().any(|pattern| pattern.matches(host))
        {
            return false;
        }
        same_place(url, &self.arm.origin)
            || self.allowed.iter().any(|allowed| same_place(url, allowed))
            || self.named_hosts.iter().any(|named| named == host)
            || url.port_or_known_default().is_some_and(|port| self.plan.target.hosts.find(host, port).is_some())
            || crate::load::steps::is_allowed(url, &self.arm)
    }

    /// Whether the URL's address is one that the script rules out (`blacklistIPs`): of a name, the address that the options
    /// give it.
    pub fn is_blacklisted(&self, url: &Url) -> bool {
        if self.settings.network.blacklist_ips.is_empty() {
            return false;
        }
        let host = url.host_str().unwrap_or_default();
        let given = || self.plan.target.hosts.find(host, url.port_or_known_default()?).map(|place| place.ip());
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok().or_else(given);
        address.is_some_and(|address| self.settings.network.blacklist_ips.iter().any(|range| range.contains(address)))
    }

    /// Waits for the request's turn, where the script limits their rate (`rps`).
    pub async fn pace(&self) {
        let Some(rps) = self.settings.requests.rps.filter(|rps| *rps > 0) else { return };
        let period = 1_000_000_000 / u64::from(rps);
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let turn = |next: u64| Some(next.max(now) + period);
        let due = match self.next_request.fetch_update(Ordering::Relaxed, Ordering::Relaxed, turn) {
            Ok(next) | Err(next) => next.max(now),
        };
        if due > now {
            tokio::time::sleep(Duration::from_nanos(due - now)).await;
        }
    }

    fn part(&self) -> known::Part<'_> {
        known::Part { found: &self.found, arm: &self.arm }
    }

    /// Where a script's URL leads.
    ///
    /// # Errors
    /// It is no URL.
    pub fn url(&self, text: &str) -> Result<Url, url::ParseError> {
        known::url(self.part(), text, || Url::parse(&self.urls.map(text)))
    }

    /// The row of a request; `name` is its URL unless the script gives it another one.
    pub fn request_row(&self, method: &str, name: &str, stage: Stage) -> usize {
        let row = || {
            let mut row = row_name(method, name);
            // Another host's requests are not the deployment's, whatever their path.
            if let Some(host) = host_of(name).filter(|host| *host != &self.home[..]) {
                row.insert_str((method.len() + 1).min(row.len()), host);
            }
            row
        };
        known::request(self.part(), method, name, stage == Stage::Iteration, row)
    }

    /// The name of a row, for the evidence.
    pub fn request_name(&self, row: usize) -> Arc<str> {
        known::request_name(self.part(), row)
    }

    /// The row of a check.
    pub fn check_row(&self, name: &str) -> usize {
        known::check(self.part(), name)
    }

    /// The row of a group, by its path without the first `::`.
    pub fn group_row(&self, name: &str) -> usize {
        known::group(self.part(), name)
    }

    /// The reason of a failed iteration as it is counted; true where it is the first of its kind.
    pub fn reason(&self, text: &str) -> (Arc<str>, bool) {
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = reasons.get(text) {
            return (reason.clone(), false);
        }
        if reasons.len() >= REASONS {
            return ("(other exceptions)".into(), false);
        }
        let reason: Arc<str> = text.into();
        reasons.insert(text.to_owned(), reason.clone());
        (reason, true)
    }

    /// The script wants the whole run to end.
    pub fn abort(&self, reason: &str) {
        let said = || format!("the script (exec.test.abort): {reason}");
        self.aborted.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(said);
        self.is_aborted.store(true, Ordering::Relaxed);
    }

    /// Why the script wants the run to end, if so.
    pub fn aborted(&self) -> Option<String> {
        if !self.is_aborted.load(Ordering::Relaxed) {
            return None;
        }
        self.aborted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long the load lasts.
    pub fn since_start(&self) -> Duration {
        self.began.elapsed()
    }
}

/// Host and port of a URL; none for a name that is no URL.
fn host_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
}
