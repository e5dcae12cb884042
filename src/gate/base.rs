//! A pull request's run by its own rules and by its base's: two judgements into one.

use std::fmt;

use crate::plan::policy::OnInconclusive;

use super::{Comparison, Failure, Guard, Judgement, Reason, Row, RowOutcome, ThresholdResult, Verdict};

/// The label by which people with triage rights let a pull request's own limits stand.
pub const LABEL: &str = "loadgate-policy";

const CURE: &str =
    "keep base's limit, or let somebody with triage rights set the label loadgate-policy and run this again";

/// What base's rules say of a run.
#[derive(Clone, Debug)]
pub struct ByBase {
    /// Base's commit, in full.
    pub commit: String,
    /// The run by base's rules alone.
    pub judgement: Judgement,
    /// The verdict by the pull request's rules alone.
    pub own: Verdict,
    pub standing: Standing,
    /// What base's rules don't accept and the pull request's do.
    pub loosened: Vec<Loosened>,
}

/// Which of two judgements is the run's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The pull request's: base's rules hold, or its own don't either.
    Own,
    /// Base's: its rules alone fail the run.
    Base,
    /// The pull request's, although base's rules fail the run: the label lets them stand.
    Waived,
}

impl Standing {
    /// The standing as programs read it.
    pub fn key(self) -> &'static str {
        match self {
            Standing::Own => "own",
            Standing::Base => "base",
            Standing::Waived => "waived",
        }
    }
}

/// Something that base's rules don't accept, while the pull request's do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loosened {
    /// What it is about, the same in every run: `http_req_duration: p(95)<300`, `reserve p95`.
    pub subject: String,
    /// What was measured against base's limit, in words.
    pub finding: String,
    /// What the pull request asks of the same instead: `< 500ms`; none where it is not a limit of its own that differs.
    pub own: Own,
}

/// What a pull request asks where its base doesn't accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Own {
    /// Another limit, in words.
    Limit(String),
    /// Nothing at all.
    Nothing,
    /// The same: what differs is the rest of the rules.
    Same,
}

impl Loosened {
    /// `http_req_duration p(95) is 312.4ms, limit < 300ms at base, < 500ms here`
    pub fn sentence(&self) -> String {
        match &self.own {
            Own::Limit(limit) => format!("{} at base, {limit} here", self.finding),
            Own::Nothing => format!("{} at base, none here", self.finding),
            Own::Same => self.finding.clone(),
        }
    }
}

/// Whether a verdict fails the job under a rule for inconclusive runs.
fn blocks(verdict: Verdict, inconclusive: OnInconclusive) -> bool {
    match verdict {
        Verdict::NotMeasured | Verdict::Fail => true,
        Verdict::TooNoisy => inconclusive == OnInconclusive::Fail,
        Verdict::Pass => false,
    }
}

/// A judgement, and what the plan that it is by makes of a run too noisy to tell.
pub struct Ruled {
    pub judgement: Judgement,
    pub inconclusive: OnInconclusive,
}

impl Ruled {
    fn blocks(&self) -> bool {
        blocks(self.judgement.verdict, self.inconclusive)
    }
}

/// Whether base's rules alone stand against the run: then a label may let the pull request's own stand.
pub fn only_base_fails(own: &Ruled, base: &Ruled) -> bool {
    !own.blocks() && base.blocks()
}

/// The pull request's judgement with base's in it. The pull request's verdict stands, unless base's rules alone fail the run
/// and nobody has waived them.
pub fn hold(own: Ruled, base: Ruled, commit: &str, waived: bool) -> Judgement {
    let standing = match only_base_fails(&own, &base) {
        false => Standing::Own,
        true if waived => Standing::Waived,
        true => Standing::Base,
    };
    let loosened = loosened(&own.judgement, &base.judgement);
    let (mut own, base) = (own.judgement, base.judgement);
    let by_base = ByBase { commit: commit.to_owned(), own: own.verdict, standing, loosened, judgement: base };
    if standing == Standing::Base {
        own.verdict = by_base.judgement.verdict;
    }
    own.base = Some(Box::new(by_base));
    own
}

impl Judgement {
    /// What a run too noisy to tell means: base's word where base's rules decide.
    pub fn inconclusive(&self, own: OnInconclusive) -> OnInconclusive {
        // A run that is too noisy by base's rules decides only where base fails such runs.
        if self.decided_by_base().is_some() { OnInconclusive::Fail } else { own }
    }

    /// Base's judgement where it is the run's.
    pub fn decided_by_base(&self) -> Option<&ByBase> {
        self.base.as_deref().filter(|base| base.standing == Standing::Base)
    }

    /// What base's rules have against the run that the pull request's own haven't, in one sentence; none where there is nothing.
    pub fn waived(&self) -> Option<String> {
        let base = self.base.as_deref().filter(|base| base.standing == Standing::Waived)?;
        let said = base.findings().into_iter().map(|reason| reason.finding).collect::<Vec<_>>().join("; ");
        Some(format!(
            "by base's rules this is {}: {said}; the label {LABEL} lets this pull request's own stand",
            base.judgement.verdict.name()
        ))
    }
}

impl ByBase {
    /// Why base's rules decide: what they don't accept, behind what the pull request's own say.
    pub fn reasons(&self) -> Vec<Reason<'_>> {
        let mut reasons = self.findings();
        if let Some(first) = reasons.first_mut() {
            first.finding = format!("{}: {}", self.lead(), first.finding);
            first.cure = Some(CURE);
        }
        reasons
    }

    /// What both rules fail, base's alone: nothing of it is a reason of the pull request's own.
    pub fn more_reasons(&self) -> impl Iterator<Item = Reason<'_>> {
        let fails = self.judgement.verdict == Verdict::Fail && self.standing == Standing::Own;
        let loosened = self.loosened.iter().filter(move |_| fails);
        loosened.map(|loosened| Reason { finding: format!("by base's rules: {}", loosened.sentence()), cure: None })
    }

    fn findings(&self) -> Vec<Reason<'_>> {
        if self.loosened.is_empty() {
            return vec![Reason { finding: self.judgement.reason(), cure: None }];
        }
        self.loosened.iter().map(|loosened| Reason { finding: loosened.sentence(), cure: None }).collect()
    }

    /// What the two judgements say of the run, in words.
    fn lead(&self) -> &'static str {
        let limits = self.loosened.iter().any(|loosened| loosened.own != Own::Same);
        match (self.own, self.judgement.verdict) {
            (Verdict::Pass, Verdict::TooNoisy) => {
                "passes by this pull request's rules; by base's it is too noisy, which is a failure there"
            }
            (_, Verdict::TooNoisy) => "base's plan takes a run that is too noisy for a failure",
            (Verdict::Pass, _) if limits => "passes this pull request's loosened limit, not base's",
            (Verdict::Pass, _) => "passes by this pull request's rules, not by base's",
            _ => "not decided by this pull request's rules, but by base's",
        }
    }
}

/// What base's rules don't accept and the pull request's do, in the order of a judgement's reasons. Base's findings count where
/// they make its verdict: of a run that base takes for not measured, the guards.
fn loosened(own: &Judgement, base: &Judgement) -> Vec<Loosened> {
    match base.verdict {
        Verdict::NotMeasured => base.guards.iter().filter_map(|guard| of_guard(own, guard)).collect(),
        Verdict::Fail => {
            let failures = base.failures.iter().filter_map(|failure| of_failure(own, failure));
            let thresholds = base.thresholds.iter().filter_map(|result| of_threshold(own, result));
            failures.chain(thresholds).chain(of_rows(own, base)).collect()
        }
        Verdict::TooNoisy | Verdict::Pass => Vec::new(),
    }
}

fn of_guard(own: &Judgement, guard: &Guard) -> Option<Loosened> {
    let same = own.guards.iter().find(|other| other.kind == guard.kind && other.subject == guard.subject);
    let fired = same.is_some_and(|other| other.fired);
    (guard.fired && !fired).then(|| Loosened {
        subject: about(guard.subject.as_deref(), guard.kind),
        finding: guard.sentence(),
        own: Own::Same,
    })
}

fn about(subject: Option<&str>, kind: impl fmt::Debug) -> String {
    format!("{}: {kind:?}", subject.unwrap_or("the run"))
}

fn of_failure(own: &Judgement, failure: &Failure) -> Option<Loosened> {
    let known = own.failures.iter().any(|other| other.kind == failure.kind && other.subject == failure.subject);
    (!known).then(|| Loosened {
        subject: about(failure.subject.as_deref(), failure.kind),
        finding: failure.sentence(),
        own: Own::Same,
    })
}

/// A threshold that base's plan has, and that is broken. One of the pull request's own on the same figure, broken as well, says
/// enough.
fn of_threshold(own: &Judgement, result: &ThresholdResult) -> Option<Loosened> {
    if result.passed {
        return None;
    }
    let mut same = own.thresholds.iter().filter(|other| {
        other.selector == result.selector
            && other.statistic() == result.statistic()
            && other.direction() == result.direction()
    });
    let first = same.next();
    if first.into_iter().chain(same).any(|other| !other.passed) {
        return None;
    }
    let own = first.map_or(Own::Nothing, |other| Own::Limit(other.limit_text()));
    let subject = format!("{}: {}", result.selector, result.condition);
    Some(Loosened { subject, finding: result.sentence(), own })
}

/// Regressions that block by base's rules alone.
fn of_rows(own: &Judgement, base: &Judgement) -> Vec<Loosened> {
    let regressions = base.regressions().into_iter();
    regressions
        .filter_map(|row| {
            let same = own_row(own, row);
            if same.is_some_and(|(_, blocks)| blocks) {
                return None;
            }
            let limit = match same {
                None => Own::Nothing,
                Some((other, _)) if other.limit != row.limit => Own::Limit(other.limit_text()),
                Some(_) => Own::Same,
            };
            let subject = format!("{} {}", row.request, row.metric.name());
            Some(Loosened { subject, finding: row.sentence(), own: limit })
        })
        .collect()
}

/// The pull request's row of the same figure, and whether it fails the run.
fn own_row<'a>(own: &'a Judgement, row: &Row) -> Option<(&'a Row, bool)> {
    let Comparison::Made(compared) = &own.comparison else { return None };
    let same = compared.rows.iter().find(|other| other.request == row.request && other.metric == row.metric)?;
    // One that is not judged at all has no limit here.
    (same.outcome != RowOutcome::TooFewSamples).then(|| (same, compared.blocks(same)))
}

#[cfg(test)]
mod tests;
