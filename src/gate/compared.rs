//! What a comparison's rows add up to.

use crate::number::counted;

use super::{Base, Compared, Row, RowOutcome, Verdict};

impl Verdict {
    /// What judged figures come to: fail if one fails, too noisy if one is too noisy or none could be judged, else pass.
    pub fn of_rows(outcomes: impl IntoIterator<Item = RowOutcome>) -> Verdict {
        let mut verdict = None;
        for outcome in outcomes {
            let one = match outcome {
                RowOutcome::Fail => Verdict::Fail,
                RowOutcome::TooNoisy => Verdict::TooNoisy,
                RowOutcome::Pass => Verdict::Pass,
                RowOutcome::TooFewSamples => continue,
            };
            verdict = Some(verdict.map_or(one, |verdict: Verdict| verdict.min(one)));
        }
        verdict.unwrap_or(Verdict::TooNoisy)
    }
}

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

    /// What the rows add up to. A run that has lost a figure of its base proves nothing. Nor does a comparison in which no
    /// figure can be judged, unless it is with a history that knows none of the requests.
    ///
    /// A figure with too few samples says nothing either way: requests that are too rare would else keep every other from a
    /// pass. The run may pass by the figures that were judged, and its first line says how many were not.
    pub fn verdict(&self) -> Verdict {
        match Verdict::of_rows(self.rows.iter().map(|row| row.outcome)) {
            Verdict::Fail => Verdict::Fail,
            _ if !self.lost.is_empty() => Verdict::TooNoisy,
            _ if self.rows.is_empty() && matches!(self.with, Base::History(_)) => Verdict::Pass,
            verdict => verdict,
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
