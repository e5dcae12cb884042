//! Data sets and the plan's own metrics.

use minijinja::Value;

use super::Compiler;
use super::names::nameable;
use crate::metric::{Kind, Metric, Unit};
use crate::plan::CustomMetric;
use crate::plan::data::{DataSet, Pick, csv_rows, json_rows, json_value};
use crate::plan::error::Place;
use crate::plan::file::read::{Json, List, Text};
use crate::plan::file::{DataForm, MetricForm};

impl Compiler<'_> {
    pub fn custom_metrics(&mut self) -> Vec<CustomMetric> {
        let file = self.file;
        let mut metrics = Vec::new();
        for (name, form) in file.metrics.get().into_iter().flat_map(|map| &map.entries) {
            let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.value.is_empty() || name.value.len() > 128 || !name.value.chars().all(valid) {
                let problem = format!("`{}` can't be a metric's name", name.value);
                self.problems.add(&name.place, problem, "a metric's name is letters, digits and `_`");
            }
            if matches!(Metric::named(&name.value), Metric::Builtin(_)) {
                let problem = format!("every run records `{}` already", name.value);
                self.problems.add(&name.place, problem, "take another name");
            }
            let (kind, unit) = match form {
                Some(MetricForm::Kind(kind)) => (kind.value, None),
                Some(MetricForm::Section(section)) => {
                    let help = "write `type: trend`, say";
                    let kind = section.type_.required("type", help, &section.place, &mut self.problems);
                    (kind.map_or(Kind::Trend, |kind| kind.value), section.unit.get())
                }
                None => (Kind::Trend, None),
            };
            metrics.push(CustomMetric {
                name: name.value.as_str().into(),
                kind,
                unit: unit.map_or(Unit::Plain, |unit| unit.value),
            });
        }
        metrics
    }

    pub fn data(&mut self) -> Vec<DataSet> {
        let file = self.file;
        let mut sets = Vec::new();
        for (name, form) in file.data.get().into_iter().flat_map(|map| &map.entries) {
            nameable(name, &mut self.problems);
            self.shared.insert(name.value.clone());
            let (rows, pick) = match form {
                Some(DataForm::Rows(rows)) => (self.inline_rows(rows), Pick::Sequential),
                Some(DataForm::Section(section)) => {
                    let pick = section.pick.get().map_or(Pick::Sequential, |pick| pick.value);
                    let given = [section.csv.key(), section.json.key(), section.inline.key()];
                    let given: Vec<&Place> = given.into_iter().flatten().collect();
                    if let [_, second, ..] = given.as_slice() {
                        self.problems.add(second, "a data set has one source of rows", "leave all but one out");
                    }
                    let absent = section.csv.is_absent() && section.json.is_absent() && section.inline.is_absent();
                    if absent {
                        self.problems.add(
                            &section.place,
                            "this data set has no rows",
                            "write `csv`, `json` or `inline`",
                        );
                    }
                    let rows = if let Some(path) = section.csv.get() {
                        self.file_rows(path, csv_rows)
                    } else if let Some(path) = section.json.get() {
                        self.file_rows(path, json_rows)
                    } else {
                        section.inline.get().and_then(|rows| self.inline_rows(rows))
                    };
                    (rows, pick)
                }
                None => continue,
            };
            if let Some(rows) = rows {
                sets.push(DataSet { name: name.value.as_str().into(), pick, rows: rows.into() });
            }
        }
        sets
    }

    fn file_rows(&mut self, path: &Text, parse: fn(&[u8]) -> Result<Vec<Value>, String>) -> Option<Vec<Value>> {
        let bytes = self.files.read(path, &mut self.problems)?;
        match parse(&bytes) {
            Ok(rows) if rows.is_empty() => {
                let help = "a data set needs one row at least; of CSV, the first line only names the columns";
                self.problems.add(&path.place, format!("`{}` has no rows", path.value), help);
                None
            }
            Ok(rows) => Some(rows),
            Err(error) => {
                self.problems.add(&path.place, format!("`{}` can't be read: {error}", path.value), "correct the file");
                None
            }
        }
    }

    fn inline_rows(&mut self, rows: &List<Json>) -> Option<Vec<Value>> {
        if rows.items.is_empty() {
            self.problems.add(&rows.place, "this data set has no rows", "write one row at least");
            return None;
        }
        let mut values = Vec::new();
        for row in rows.iter() {
            match json_value(&self.json(&row.0)) {
                Ok(value) => values.push(value),
                Err(error) => self.problems.add(&row.0.place, error, "write another value"),
            }
        }
        Some(values)
    }
}
