//! What a run counts: names of requests, checks and groups by index, and the tagged parts of metrics that thresholds
//! name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::contract;
use crate::metric::{Builtin, Metric, Selector};
use crate::plan::RequestSeries;
use crate::plan::error::{Place, Problems, did_you_mean, list};
use crate::plan::step::{SubmetricId, SubmetricMatch};

/// Names by index, each once.
#[derive(Debug, Default)]
pub struct Names {
    pub names: Vec<Arc<str>>,
    index: HashMap<Arc<str>, u16>,
}

impl Names {
    /// The index of a name. Past 65,536 names all share the last index; [`Series::overflow`] is then true.
    pub fn id(&mut self, name: &str) -> u16 {
        if let Some(id) = self.index.get(name) {
            return *id;
        }
        let id = u16::try_from(self.names.len()).unwrap_or(u16::MAX);
        let name: Arc<str> = name.into();
        self.names.push(name.clone());
        self.index.insert(name, id);
        id
    }
}

/// The names that a run counts under.
#[derive(Debug, Default)]
pub struct Series {
    requests: Names,
    /// By the index of the request's name.
    definitions: Vec<RequestDefinition>,
    pub checks: Names,
    pub groups: Names,
    pub submetrics: Submetrics,
}

/// What all steps of one name have in common.
#[derive(Debug)]
struct RequestDefinition {
    optional: bool,
    in_scenario: bool,
    gated: bool,
    definitions: BTreeSet<String>,
}

impl Series {
    /// The index of a request's name, to which a step adds its definition. A name is optional where all of its steps
    /// are.
    pub fn request(&mut self, name: &str, definition: String, optional: bool, in_scenario: bool) -> u16 {
        let id = self.requests.id(name);
        if self.definitions.len() < self.requests.names.len() {
            let definitions = BTreeSet::new();
            self.definitions.push(RequestDefinition { optional: true, in_scenario: false, gated: false, definitions });
        }
        let request = &mut self.definitions[usize::from(id)];
        request.optional &= optional;
        request.in_scenario |= in_scenario;
        request.definitions.insert(definition);
        id
    }

    /// Whether a step has this name.
    pub fn knows_request(&self, name: &str) -> bool {
        self.requests.names.iter().any(|known| known.as_ref() == name)
    }

    /// Compares this request with history; false where no scenario has it.
    pub fn gate(&mut self, name: &str) -> bool {
        let index = self.requests.names.iter().position(|known| known.as_ref() == name);
        match index.map(|index| &mut self.definitions[index]) {
            Some(request) if request.in_scenario => {
                request.gated = true;
                true
            }
            _ => false,
        }
    }

    /// Compares every request of the scenarios with history.
    pub fn gate_all(&mut self) {
        self.definitions.iter_mut().for_each(|request| request.gated = request.in_scenario);
    }

    /// Names of the scenarios' requests.
    pub fn scenario_requests(&self) -> Vec<Arc<str>> {
        let named = self.requests.names.iter().zip(&self.definitions);
        named.filter(|(_, request)| request.in_scenario).map(|(name, _)| name.clone()).collect()
    }

    /// Whether there are more names than indices.
    pub fn overflow(&self) -> bool {
        let most = usize::from(u16::MAX);
        let lists = [&self.requests.names, &self.checks.names, &self.groups.names];
        lists.iter().any(|names| names.len() > most) || self.submetrics.selectors.len() > most
    }

    /// The rows of the requests.
    pub fn requests(&self) -> Vec<RequestSeries> {
        let named = self.requests.names.iter().zip(&self.definitions);
        named
            .map(|(name, request)| RequestSeries {
                name: name.clone(),
                optional: request.optional,
                in_scenario: request.in_scenario,
                gated: request.gated,
                definition: contract::combined(request.definitions.iter()),
            })
            .collect()
    }
}

/// Which samples carry a set of tags.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// Every `http_*` and `data_*` metric.
    Request,
    Check,
    Group,
    /// Metrics of iterations.
    Iteration,
    Custom(Arc<str>),
}

impl Carrier {
    /// The samples that a metric is made of; none where they carry no tags.
    pub fn of(metric: &Metric) -> Option<Carrier> {
        Some(match metric {
            Metric::Custom(name) => Carrier::Custom(name.clone()),
            Metric::Builtin(builtin) => match builtin {
                Builtin::Checks => Carrier::Check,
                Builtin::GroupDuration => Carrier::Group,
                Builtin::Vus | Builtin::VusMax => return None,
                Builtin::Iterations
                | Builtin::IterationDuration
                | Builtin::DroppedIterations
                | Builtin::IterationsStopped
                | Builtin::IterationErrors
                | Builtin::ScheduleLag => Carrier::Iteration,
                _ => Carrier::Request,
            },
        })
    }
}

/// The tags of one step's samples.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    /// Those that are known now.
    pub known: Vec<(Arc<str>, Arc<str>)>,
    /// Those whose value only the run knows.
    pub pending: Vec<Arc<str>>,
}

impl Tags {
    /// Adds a tag; a later one of the same name takes the earlier one's place.
    pub fn set(&mut self, tag: &str, value: &str) {
        self.known.retain(|(known, _)| known.as_ref() != tag);
        self.known.push((tag.into(), value.into()));
    }

    fn value(&self, tag: &str) -> Option<&str> {
        self.known.iter().find(|(known, _)| known.as_ref() == tag).map(|(_, value)| value.as_ref())
    }
}

/// The selectors with tags that thresholds name.
#[derive(Debug, Default)]
pub struct Submetrics {
    pub selectors: Vec<Selector>,
    /// How many of them the plan itself names: those after them are base's alone.
    own: Option<usize>,
    places: Vec<Place>,
    matched: BTreeSet<usize>,
    /// The values that samples carry, by carrier and tag; no value where only the run knows it.
    carried: BTreeMap<Carrier, BTreeMap<Arc<str>, BTreeSet<Arc<str>>>>,
}

impl Submetrics {
    /// The index of a selector, which a threshold at this place names.
    pub fn id(&mut self, selector: &Selector, place: &Place) -> SubmetricId {
        let index = self.selectors.iter().position(|known| known == selector).unwrap_or_else(|| {
            self.selectors.push(selector.clone());
            self.places.push(place.clone());
            self.selectors.len() - 1
        });
        SubmetricId(u16::try_from(index).unwrap_or(u16::MAX))
    }

    /// From here on, selectors are base's.
    pub fn end_own(&mut self) {
        self.own = Some(self.selectors.len());
    }

    /// Whether any sample of this kind is made.
    pub fn is_carried(&self, carrier: &Carrier) -> bool {
        self.carried.contains_key(carrier)
    }

    /// The submetrics that samples with these tags may belong to.
    pub fn matching(&mut self, carrier: &Carrier, tags: &Tags) -> Vec<SubmetricMatch> {
        let carried = self.carried.entry(carrier.clone()).or_default();
        for (tag, value) in &tags.known {
            carried.entry(tag.clone()).or_default().insert(value.clone());
        }
        for tag in &tags.pending {
            carried.entry(tag.clone()).or_default();
        }
        let mut matches = Vec::new();
        for (index, selector) in self.selectors.iter().enumerate() {
            if Carrier::of(&selector.metric).as_ref() != Some(carrier) {
                continue;
            }
            if let Some(pending) = pending(selector, tags) {
                self.matched.insert(index);
                matches.push(SubmetricMatch { submetric: SubmetricId(index as u16), pending });
            }
        }
        matches
    }

    /// Notes the plan's selectors that no sample can belong to.
    pub fn check(&self, problems: &mut Problems) {
        for index in 0..self.own.unwrap_or(self.selectors.len()) {
            self.check_one(index, problems);
        }
    }

    /// Notes that no sample can belong to this selector, if none can.
    pub fn check_one(&self, index: usize, problems: &mut Problems) {
        if let (Some(selector), false) = (self.selectors.get(index), self.matched.contains(&index)) {
            self.refuse(selector, &self.places[index], problems);
        }
    }

    fn refuse(&self, selector: &Selector, place: &Place, problems: &mut Problems) {
        let metric = &selector.metric;
        let Some(carrier) = Carrier::of(metric) else {
            problems.add(place, format!("samples of {metric} carry no tags"), format!("write `{metric}` alone"));
            return;
        };
        let Some(carried) = self.carried.get(&carrier) else {
            let problem = format!("no scenario makes a sample of {metric}");
            problems.add(place, problem, "setup and teardown are judged by nothing");
            return;
        };
        for (tag, value) in &selector.tags {
            let Some(values) = carried.get(tag.as_str()) else {
                let help = match tag.as_str() {
                    "url" => "a URL is no tag: name the request and write {name:…}".to_owned(),
                    _ => did_you_mean(tag, carried.keys().map(AsRef::as_ref).collect::<Vec<_>>()),
                };
                problems.add(place, format!("no sample of {metric} carries the tag `{tag}`"), help);
                return;
            };
            let fits = |known: &Arc<str>| same_value(tag, known, value);
            if !values.is_empty() && !values.iter().any(fits) {
                let problem = format!("no sample of {metric} carries `{tag}:{value}`");
                problems.add(place, problem, did_you_mean(value, values.iter().map(AsRef::as_ref).collect::<Vec<_>>()));
                return;
            }
        }
        let tags: Vec<String> = selector.tags.iter().map(|(tag, value)| format!("{tag}:{value}")).collect();
        let problem =
            format!("no sample of {metric} carries all of these tags: {}", list(tags.iter().map(String::as_str)));
        problems.add(place, problem, "leave a tag out");
    }
}

/// The tags still to be compared when a sample comes; none where a known tag differs already.
fn pending(selector: &Selector, tags: &Tags) -> Option<Vec<(Arc<str>, Arc<str>)>> {
    let mut pending = Vec::new();
    for (tag, value) in &selector.tags {
        match tags.value(tag) {
            Some(known) if same_value(tag, known, value) => {}
            Some(_) => return None,
            None if tags.pending.iter().any(|pending| pending.as_ref() == tag) => {
                pending.push((tag.as_str().into(), value.as_str().into()));
            }
            None => return None,
        }
    }
    Some(pending)
}

/// Whether a sample's tag is what a threshold asks for. A group may be written without its leading `::`.
fn same_value(tag: &str, known: &str, wanted: &str) -> bool {
    known == wanted || (tag == "group" && known.strip_prefix("::") == Some(wanted))
}
