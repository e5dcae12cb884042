//! Base's thresholds and gate, compiled against the requests, metrics and tags of a pull request's plan.

use std::mem;
use std::sync::Arc;

use super::super::Compiler;
use super::super::series::Carrier;
use super::super::target::entries;
use crate::plan::base::BaseRules;
use crate::plan::error::{Place, Problems};
use crate::plan::file::PlanFile;
use crate::plan::file::read::Text;
use crate::plan::policy::Policy;
use crate::plan::{Plan, Threshold};

/// Base's thresholds on one metric, before it is known whether the run makes its samples.
pub struct Draft {
    selector: String,
    place: Place,
    thresholds: Vec<Threshold>,
    /// Why they can't be read here.
    refused: Option<String>,
}

impl<'a> Compiler<'a> {
    /// Compiles base's thresholds, after the plan's own and before the steps: a run counts what they need.
    pub fn base_thresholds(&mut self) -> Vec<Draft> {
        let Some(held) = self.base else { return Vec::new() };
        self.series.submetrics.end_own();
        entries(&held.file.thresholds)
            .map(|(key, form)| {
                let (thresholds, problems) = self.by(&held.file, |compiler| compiler.thresholds_on(key, form));
                let refused = problems.first().map(|problem| problem.problem.clone());
                Draft { selector: key.value.clone(), place: key.place.clone(), thresholds, refused }
            })
            .collect()
    }

    /// Base's rules, but for those of what is no more, which are noted. To be called when all steps have been compiled.
    pub fn base_rules(&mut self, drafts: Vec<Draft>, own: &Policy) -> Option<BaseRules> {
        let held = self.base?;
        let mut gone = Vec::new();
        let mut thresholds = Vec::new();
        for draft in drafts {
            match draft.refused.clone().or_else(|| self.unmade(&draft)) {
                Some(problem) => {
                    gone.push(format!("base's threshold on `{}` judges nothing: {problem}", draft.selector))
                }
                None => thresholds.extend(draft.thresholds),
            }
        }
        thresholds.iter_mut().for_each(|threshold| threshold.abort_on_fail = false);
        let (policy, _) = self.by(&held.file, |compiler| compiler.policy(std::iter::empty()));
        let policy = Policy { judge: own.judge, warmup: own.warmup, allow_production: own.allow_production, ..policy };
        let named = base_requests(&held.file);
        let gates_all = self.finds_its_series() && named.is_none();
        let gated = match named {
            Some(named) if self.finds_its_series() => named.iter().map(|name| name.value.as_str().into()).collect(),
            named => {
                let known = self.series.scenario_requests().into_iter();
                let wanted =
                    |known: &Arc<str>| named.as_ref().is_none_or(|named| named.iter().any(|n| n.value == **known));
                known.filter(wanted).collect()
            }
        };
        Some(BaseRules { commit: held.source.commit.clone(), thresholds, policy, gated, gates_all, gone })
    }

    /// Compiles something of base's file.
    fn by<T>(&mut self, file: &'a PlanFile, compile: impl FnOnce(&mut Self) -> T) -> (T, Problems) {
        let (own, problems) = (mem::replace(&mut self.file, file), mem::take(&mut self.problems));
        let compiled = compile(self);
        self.file = own;
        (compiled, mem::replace(&mut self.problems, problems))
    }

    /// Why no sample can belong to these thresholds; none where one can.
    fn unmade(&self, draft: &Draft) -> Option<String> {
        if self.finds_its_series() {
            return None;
        }
        let Threshold { selector, submetric, .. } = draft.thresholds.first()?;
        let mut problems = Problems::default();
        match (submetric, Carrier::of(&selector.metric)) {
            (Some(submetric), _) => self.series.submetrics.check_one(submetric.0.into(), &mut problems),
            (None, Some(carrier)) if !self.series.submetrics.is_carried(&carrier) => {
                problems.add(
                    &draft.place,
                    format!("no step of a scenario makes a sample of `{}`", selector.metric),
                    "",
                );
            }
            _ => {}
        }
        problems.first().map(|problem| problem.problem.clone())
    }
}

/// The requests that base's gate names; none where it compares all.
fn base_requests(file: &PlanFile) -> Option<Vec<&Text>> {
    let section = file.gate.get()?.regression.get()?;
    Some(section.requests.get()?.iter().collect())
}

/// Whether a run that satisfies the plan's own rules satisfies base's: these are a part of them.
pub fn is_implied(base: &BaseRules, plan: &Plan) -> bool {
    let alike = |one: &Threshold, other: &Threshold| one.selector == other.selector && one.condition == other.condition;
    let known = |theirs: &Threshold| plan.thresholds.iter().any(|own| alike(own, theirs));
    let gates_as_base = || match &plan.compared {
        None => base.gates_all,
        Some(own) => !base.gates_all && own.len() == base.gated.len() && own.iter().all(|own| base.gates(own)),
    };
    if plan.script.is_some() {
        return base.policy == plan.policy && base.thresholds.iter().all(known) && gates_as_base();
    }
    let own_gated = || plan.requests.iter().filter(|request| request.gated && request.in_scenario);
    base.policy == plan.policy
        && base.thresholds.iter().all(known)
        && own_gated().all(|own| base.gates(&own.name))
        && base.gated.iter().all(|name| own_gated().any(|own| own.name == *name))
}
