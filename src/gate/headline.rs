//! The sentence that every report begins with.

use crate::number::counted;

use super::{Base, Compared, Comparison, Judgement, Reason, Row, RowOutcome, Verdict};

impl Judgement {
    /// The verdict and its first reason, in one sentence: what was not measured, what failed, what was too noisy, or how much
    /// passed and against what history.
    pub fn headline(&self) -> String {
        let by_base = self.decided_by_base().is_some();
        let nothing = self.verdict == Verdict::TooNoisy && self.nothing_judged() && !by_base;
        let verdict = if nothing { "nothing was judged" } else { self.verdict.name() };
        format!("{verdict}: {}", self.reason())
    }

    /// The headline without the verdict.
    pub fn reason(&self) -> String {
        let reason = match self.verdict {
            _ if self.decided_by_base().is_some() => first(&self.reasons()),
            Verdict::NotMeasured | Verdict::Fail => first(&self.reasons()),
            Verdict::TooNoisy if self.nothing_judged() => self.grounds(),
            Verdict::TooNoisy => self.noise(),
            Verdict::Pass => self.grounds(),
        };
        match &self.comparison {
            Comparison::Made(Compared { confirmation: Some(confirmation), .. }) => {
                format!("{reason}; {}", confirmation.sentence())
            }
            _ => reason,
        }
    }

    /// Everything that made the run fail, or not measured, the first reason first. The candidate's own failures
    /// come before thresholds, and those before the comparison, its surest row first.
    pub fn reasons(&self) -> Vec<Reason<'_>> {
        let curable = |finding, cure| Reason { finding, cure: Some(cure) };
        let plain = |finding| Reason { finding, cure: None };
        if let Some(base) = self.decided_by_base() {
            return base.reasons();
        }
        match self.verdict {
            Verdict::NotMeasured => {
                let fired = self.guards.iter().filter(|guard| guard.fired);
                fired.map(|guard| curable(guard.sentence(), &*guard.cure)).collect()
            }
            Verdict::Fail => {
                let failures = self.failures.iter().map(|failure| curable(failure.sentence(), &*failure.cure));
                let broken = self.thresholds.iter().filter(|threshold| !threshold.passed);
                let regressions = self.regressions();
                let rows = regressions.iter().map(|row| plain(row.sentence()));
                let by_base = self.base.iter().flat_map(|base| base.more_reasons());
                failures.chain(broken.map(|threshold| plain(threshold.sentence()))).chain(rows).chain(by_base).collect()
            }
            Verdict::TooNoisy | Verdict::Pass => Vec::new(),
        }
    }

    /// Rows that block, the surest first; none of a history that is too short to block.
    pub(super) fn regressions(&self) -> Vec<&Row> {
        let Comparison::Made(compared) = &self.comparison else { return Vec::new() };
        let mut rows: Vec<&Row> = compared.rows.iter().filter(|row| compared.blocks(row)).collect();
        rows.sort_by(|a, b| a.p_adjusted.unwrap_or(1.0).total_cmp(&b.p_adjusted.unwrap_or(1.0)));
        rows
    }

    /// The noisiest row with what it could have seen; where no row is noisy, what could not be judged.
    fn noise(&self) -> String {
        let Comparison::Made(compared) = &self.comparison else { return "nothing could be compared".into() };
        let noisy: Vec<&Row> = compared.rows.iter().filter(|row| row.outcome == RowOutcome::TooNoisy).collect();
        let room = |row: &&Row| row.interval.1 / row.limit;
        let Some(worst) = noisy.iter().copied().max_by(|a, b| room(a).total_cmp(&room(b))) else {
            return not_judged(compared);
        };
        let more = others(noisy.len() - 1 + compared.lost.len());
        let smallest = worst.smallest_text().map_or_else(String::new, |smallest| format!("; {smallest}"));
        format!("{}{smallest}{more}", worst.sentence())
    }

    /// The thresholds that hold, and the history.
    fn grounds(&self) -> String {
        let thresholds = match self.thresholds.len() {
            0 => "no thresholds".into(),
            1 => "1 threshold holds".into(),
            count => format!("{} hold", counted(count as u64, "threshold")),
        };
        let compared = match &self.comparison {
            Comparison::None(reason) => reason.to_string(),
            Comparison::Made(Compared { with: Base::History(history), .. }) if !history.blocking => {
                format!("baseline not deciding yet: {} of {} runs", history.runs, history.needed)
            }
            Comparison::Made(compared) => steady(compared),
        };
        format!("{thresholds}; {compared}")
    }
}

/// Why a comparison without a noisy row says nothing: figures that the run has lost, or that it has too few samples for.
fn not_judged(compared: &Compared) -> String {
    if let Some(figure) = compared.lost.first() {
        return format!("{}{}", figure.sentence(&compared.with), others(compared.lost.len() - 1));
    }
    let first = compared.rows.iter().find_map(|row| Some((row, row.not_judged(compared)?)));
    let Some((row, reason)) = first else { return "too few samples to compare any figure".into() };
    let figures = counted(compared.rows.len() as u64, "figure");
    format!("none of {figures} could be judged; {} {}: {reason}", row.request, row.metric.name())
}

fn steady(compared: &Compared) -> String {
    let count = |outcome| compared.rows.iter().filter(|row| row.outcome == outcome).count();
    let (judged, few) = (count(RowOutcome::Pass), compared.unjudged());
    let new = match compared.new_requests.len() {
        0 => String::new(),
        count => format!(", {} new", counted(count as u64, "request")),
    };
    if judged == 0 {
        return format!("nothing to compare with {}{new}", compared.base_name());
    }
    let few = if few > 0 { format!(", {few} not judged (too few samples)") } else { String::new() };
    format!("no regression in {} against {}{few}{new}", counted(judged as u64, "figure"), compared.base_name())
}

fn first(reasons: &[Reason<'_>]) -> String {
    match reasons.split_first() {
        Some((first, rest)) => format!("{}{}", first.finding, others(rest.len())),
        None => "no reason was recorded".into(),
    }
}

fn others(count: usize) -> String {
    if count == 0 { String::new() } else { format!("; and {count} more") }
}
