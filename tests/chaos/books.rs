//! The server's books: every connection that it refused and every request whose head it read.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use loadgate::measurement::ErrorClass;

use crate::deeds::{Asked, Deed, Greeting, Outcome};

/// A request whose head was read.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The name of the request in the plan, and what tells this one from every other.
    pub name: String,
    pub id: String,
    /// Of the iteration that sent it.
    pub iteration: String,
    pub deed: Deed,
    pub asked: Asked,
    /// The connection had served a request before.
    pub reused: bool,
    pub harmless: bool,
}

#[derive(Debug, Default)]
pub struct Books {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    sightings: Vec<Sighting>,
    greetings: Vec<Greeting>,
    connections: u64,
}

/// What the books say in sum.
#[derive(Debug, Default)]
pub struct Summary {
    pub connections: u64,
    pub sightings: u64,
    /// Connections that were refused before a request was read.
    pub greeted: u64,
    /// Requests that the client must have sent again on a fresh connection.
    pub repeated: u64,
    /// Repeats against the rule, by what was done to the request.
    pub wrongly_repeated: Vec<String>,
    /// Redirects to where the client must not go.
    pub astray: u64,
    /// What the client must have counted, by request and outcome; and where it may be one of several.
    pub certain: BTreeMap<(String, Outcome), u64>,
    pub possible: BTreeMap<(String, Outcome), u64>,
    pub deeds: BTreeMap<Deed, u64>,
    pub greetings: BTreeMap<Greeting, u64>,
    /// Iterations of which a request came, by scenario.
    pub iterations: BTreeMap<String, u64>,
}

/// Requests that a refused connection carried: which ones, only the client knows.
pub const UNSEEN: &str = "(unseen)";

impl Sighting {
    /// Whether the client must send the request again, on a fresh connection.
    fn is_repeated(&self) -> bool {
        self.deed.is_repeated(self.reused, self.harmless)
    }

    /// Whether it may.
    fn may_be_repeated(&self) -> bool {
        self.deed.may_be_repeated(self.reused, self.harmless)
    }
}

impl Books {
    pub fn connection(&self) {
        self.lock().connections += 1;
    }

    pub fn greeted(&self, greeting: Greeting) {
        self.lock().greetings.push(greeting);
    }

    pub fn saw(&self, sighting: Sighting) {
        self.lock().sightings.push(sighting);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn summary(&self, encrypted: bool) -> Summary {
        let entries = self.lock();
        let mut summary = Summary {
            connections: entries.connections,
            sightings: entries.sightings.len() as u64,
            greeted: entries.greetings.len() as u64,
            ..Summary::default()
        };
        let mut by_id: HashMap<&str, Vec<&Sighting>> = HashMap::new();
        let mut iterations: Vec<&str> = Vec::new();
        for sighting in &entries.sightings {
            by_id.entry(&sighting.id).or_default().push(sighting);
            iterations.push(&sighting.iteration);
            *summary.deeds.entry(sighting.deed).or_default() += 1;
        }
        for sightings in by_id.into_values() {
            // A connection that the server has closed may be read after the one that took its place.
            let last = sightings.iter().rposition(|sighting| !sighting.may_be_repeated());
            let last = last.unwrap_or(sightings.len() - 1);
            for (index, sighting) in sightings.iter().enumerate().filter(|(index, _)| *index != last) {
                summary.repeated += 1;
                if !sighting.may_be_repeated() {
                    let what = format!("{sighting:?}, then {:?}", sightings[last.max(index)].deed);
                    summary.wrongly_repeated.push(what);
                }
            }
            let sighting = sightings[last];
            if sighting.is_repeated() {
                // The fresh connection was refused, or the iteration had ended.
                summary.repeated += 1;
                continue;
            }
            let Sighting { deed, asked, .. } = *sighting;
            summary.astray += u64::from(deed.leads_astray(asked));
            summary.count(&sighting.name, &deed.outcomes(asked));
        }
        for greeting in &entries.greetings {
            *summary.greetings.entry(*greeting).or_default() += 1;
            summary.count(UNSEEN, &greeting.outcomes(encrypted));
        }
        let host = (UNSEEN.to_owned(), Outcome::Class(ErrorClass::Host));
        summary.certain.insert(host, summary.astray);
        iterations.sort_unstable();
        iterations.dedup();
        for iteration in iterations {
            let scenario = iteration.split('/').next().unwrap_or_default();
            *summary.iterations.entry(scenario.to_owned()).or_default() += 1;
        }
        summary
    }
}

impl Summary {
    fn count(&mut self, name: &str, outcomes: &[Outcome]) {
        let book = if outcomes.len() == 1 { &mut self.certain } else { &mut self.possible };
        for outcome in outcomes {
            *book.entry((name.to_owned(), *outcome)).or_default() += 1;
        }
    }
}
