//! What a comparison's rows add up to.

use crate::number::counted;

use super::{Base, Compared, Row, RowOutcome, Verdict};

impl Compared {
    /// Whether it can block: enough runs, or a reference.
    pub fn blocking(&self) -> bool {
        match &self.with {
            Base::History(history) => history.blocking,
            Base::Reference(_) => true,
        }
    }

    /// Whether the row fails the run: a proven regression, of a comparison that can block.
    pub fn blocks(&self, row: &Row) -> bool {
        self.blocking() && row.outcome == RowOutcome::Fail
    }

    /// What the rows add up to. A comparison in which no figure can be judged proves nothing, unless every request is new;
    /// nor does a run that has lost a figure of its base.
    pub fn verdict(&self) -> Verdict {
        let any = |outcome| self.rows.iter().any(|row| row.outcome == outcome);
        if any(RowOutcome::Fail) {
            Verdict::Fail
        } else if any(RowOutcome::TooNoisy)
            || !self.lost.is_empty()
            || (!any(RowOutcome::Pass) && !self.rows.is_empty())
        {
            Verdict::TooNoisy
        } else {
            Verdict::Pass
        }
    }

    /// Whether the comparison has a say in the verdict: it can block, and shares a figure with this run.
    pub fn decides(&self) -> bool {
        self.blocking() && !(self.rows.is_empty() && self.lost.is_empty())
    }

    /// How many figures have too few samples, or too few runs that have them, to be judged: shown or not, they are no part of a
    /// pass.
    pub fn unjudged(&self) -> usize {
        let shown = self.rows.iter().filter(|row| row.outcome == RowOutcome::TooFewSamples).count();
        shown + self.hidden.len()
    }

    /// What the run was compared with, in words: `10 runs`, `the reference`.
    pub fn base_name(&self) -> String {
        match &self.with {
            Base::History(history) => counted(history.runs as u64, "run"),
            Base::Reference(_) => "the reference".into(),
        }
    }
}
