//! What a request expects of its answer, and what it takes from it.

use super::Compiler;
use super::names::{Scope, nameable};
use super::series::{Carrier, Tags};
use crate::plan::error::nearest;
use crate::plan::expression::Expression;
use crate::plan::file::read::{Map, Text};
use crate::plan::file::request::{CaptureForm, ExpectForm, RecordForm};
use crate::plan::file::step::StepEntry;
use crate::plan::step::{Capture, Check, CheckId, MetricId, Record, StatusSet};

impl Compiler<'_> {
    pub fn expect(&mut self, step: &StepEntry) -> StatusSet {
        let Some(form) = step.expect.get().or(self.defaults().and_then(|defaults| defaults.expect.get())) else {
            return StatusSet::default();
        };
        let statuses: Vec<_> = match form {
            ExpectForm::One(statuses) => vec![statuses],
            ExpectForm::Many(list) => {
                if list.items.is_empty() {
                    self.problems.add(&list.place, "no status is expected", "leave `expect` out for 200 to 399");
                }
                list.iter().collect()
            }
        };
        StatusSet(statuses.iter().map(|statuses| statuses.first..=statuses.last).collect())
    }

    pub fn checks(&mut self, step: &StepEntry, scope: &Scope, tags: &Tags) -> Vec<Check> {
        let mut checks = Vec::new();
        for (name, condition) in step.check.get().into_iter().flat_map(Map::iter) {
            let condition = self.expression(condition, scope);
            let mut tags = tags.clone();
            tags.set("check", &name.value);
            let submetrics = self.matching(&Carrier::Check, &tags, scope);
            let id = CheckId(self.series.checks.id(&name.value));
            if let Some(condition) = condition {
                checks.push(Check { id, name: name.value.as_str().into(), condition, submetrics });
            }
        }
        checks
    }

    pub fn captures(&mut self, map: Option<&Map<CaptureForm>>, scope: &Scope) -> Vec<Capture> {
        let mut captures = Vec::new();
        for (name, form) in map.into_iter().flat_map(Map::iter) {
            nameable(name, &mut self.problems);
            let (from, optional) = match form {
                CaptureForm::Expression(text) => (Some(text), false),
                CaptureForm::Section(section) => {
                    let help = "write the expression of the value, such as `from: body.data.id`";
                    let from = section.from.required("from", help, &section.place, &mut self.problems);
                    (from, section.optional.get().is_some_and(|optional| optional.value))
                }
            };
            let Some(from) = from.and_then(|from| self.expression(from, scope)) else { continue };
            captures.push(Capture { name: name.value.as_str().into(), from, optional });
        }
        captures
    }

    /// Samples of the plan's metrics, whose tags are those given.
    pub fn records(&mut self, map: Option<&Map<RecordForm>>, scope: &Scope, tags: &Tags) -> Vec<Record> {
        let mut records = Vec::new();
        for (metric, form) in map.into_iter().flat_map(Map::iter) {
            let id = self.metric(metric);
            let (when, value) = match form {
                RecordForm::Expression(text) => (None, Some(text)),
                RecordForm::Section(section) => {
                    let help = "write the expression of the sample's value";
                    let value = section.value.required("value", help, &section.place, &mut self.problems);
                    (section.when.get(), value)
                }
            };
            let when = when.map(|when| self.expression(when, scope));
            let value = value.and_then(|value| self.expression(value, scope));
            let (Some(id), Some(value)) = (id, value) else { continue };
            let when: Option<Expression> = match when {
                Some(None) => continue,
                Some(when) => when,
                None => None,
            };
            let submetrics = self.matching(&Carrier::Custom(metric.value.as_str().into()), tags, scope);
            records.push(Record { metric: id, when, value, submetrics });
        }
        records
    }

    fn metric(&mut self, name: &Text) -> Option<MetricId> {
        let file = self.file;
        let declared = file.metrics.get();
        let index = declared.and_then(|metrics| metrics.names().position(|known| known == name.value));
        if index.is_none() {
            let problem = format!("there is no metric `{}`", name.value);
            let names: Vec<&str> = declared.into_iter().flat_map(Map::names).collect();
            let help = match nearest(&name.value, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it: `metrics: {{ {}: rate }}`", name.value),
            };
            self.problems.add(&name.place, problem, help);
        }
        index.map(|index| MetricId(index as u16))
    }
}
