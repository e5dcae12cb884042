//! Tags of samples. They are looked at only where a threshold names them.

use std::borrow::Cow;
use std::rc::Rc;

use rquickjs::{Coerced, Object, Value};

use super::run::Run;
use crate::metric::{Builtin, Metric};
use crate::plan::Plan;

/// A set of tags, small: found by looking.
#[derive(Clone, Debug, Default)]
pub struct Tags(Vec<(Rc<str>, Rc<str>)>);

impl Tags {
    /// Those of all samples of a run.
    pub fn of_run(run: &Run) -> Self {
        Tags(run.settings.tags.iter().map(|(name, value)| (Rc::from(&**name), Rc::from(&**value))).collect())
    }

    /// Those that a script gives with a sample: in an object, if it does.
    ///
    /// # Errors
    /// It gives something else, or a tag that is no text.
    pub fn given(given: Option<Value<'_>>) -> rquickjs::Result<Option<Self>> {
        let Some(object) = given.map(|given| given.get::<Option<Object<'_>>>()).transpose()?.flatten() else {
            return Ok(None);
        };
        let mut tags = Tags::default();
        tags.extend(&object)?;
        Ok(Some(tags))
    }

    pub fn get(&self, name: &str) -> Option<&Rc<str>> {
        self.0.iter().find(|(other, _)| &**other == name).map(|(_, value)| value)
    }

    /// Sets a tag, in place of one of the same name.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(other, _)| &**other == name) {
            Some((_, old)) => *old = value.into(),
            None => self.0.push((name.into(), value.into())),
        }
    }

    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(other, _)| &**other != name);
        self.0.len() < before
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Adds what a script gives as tags: an object of texts, numbers and truth values.
    pub fn extend(&mut self, tags: &Object<'_>) -> rquickjs::Result<()> {
        for entry in tags.props::<String, Value<'_>>() {
            let (name, value) = entry?;
            if value.is_null() || value.is_undefined() {
                continue;
            }
            let Coerced(value) = value.get::<Coerced<String>>()?;
            self.set(&name, &value);
        }
        Ok(())
    }
}

/// The tagged parts of metrics that thresholds name, by what records them.
#[derive(Debug, Default)]
pub struct Submetrics {
    pub http: Vec<Submetric>,
    pub checks: Vec<Submetric>,
    pub groups: Vec<Submetric>,
    /// By metric of the script.
    pub custom: Vec<Vec<Submetric>>,
}

/// One of them.
#[derive(Debug)]
pub struct Submetric {
    /// Index in the layout.
    index: usize,
    tags: Vec<(String, String)>,
}

impl Submetrics {
    /// Those of a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut all = Submetrics { custom: plan.metrics.iter().map(|_| Vec::new()).collect(), ..Submetrics::default() };
        for (index, selector) in plan.submetrics.iter().enumerate() {
            let list = match &selector.metric {
                Metric::Custom(name) => {
                    let metric = plan.metrics.iter().position(|metric| metric.name == *name);
                    metric.and_then(|metric| all.custom.get_mut(metric))
                }
                Metric::Builtin(Builtin::Checks) => Some(&mut all.checks),
                Metric::Builtin(Builtin::GroupDuration) => Some(&mut all.groups),
                Metric::Builtin(builtin) if is_http(*builtin) => Some(&mut all.http),
                // Those of iterations are the scenario's, which the engine records.
                Metric::Builtin(_) => None,
            };
            if let Some(list) = list {
                list.push(Submetric { index, tags: selector.tags.clone() });
            }
        }
        all
    }
}

fn is_http(metric: Builtin) -> bool {
    matches!(
        metric,
        Builtin::HttpReqs
            | Builtin::HttpReqFailed
            | Builtin::HttpReqDuration
            | Builtin::HttpReqScheduledDuration
            | Builtin::HttpReqBlocked
            | Builtin::HttpReqConnecting
            | Builtin::HttpReqTlsHandshaking
            | Builtin::HttpReqSending
            | Builtin::HttpReqWaiting
            | Builtin::HttpReqReceiving
            | Builtin::DataSent
            | Builtin::DataReceived
    )
}

/// The submetrics that a sample belongs to. `tag` tells the sample's own value of a tag.
pub fn matching<'a>(
    submetrics: &'a [Submetric],
    tag: impl Fn(&str) -> Option<Cow<'a, str>> + 'a,
) -> impl Iterator<Item = usize> + 'a {
    let belongs = move |submetric: &&Submetric| {
        submetric.tags.iter().all(|(name, value)| tag(name).is_some_and(|own| own == value.as_str()))
    };
    submetrics.iter().filter(belongs).map(|submetric| submetric.index)
}
