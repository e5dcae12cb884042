//! How a command ends: the exit codes of the contract.

use std::process::ExitCode;

use crate::gate::Verdict;
use crate::plan::policy::OnInconclusive;

/// The exit codes; `loadgate --help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Passed, or done.
    Pass = 0,
    /// A threshold is broken or a regression is proven.
    Fail = 1,
    /// Wrong usage or a wrong plan; nothing was sent.
    Usage = 2,
    /// A guard fired.
    NotMeasured = 3,
    /// Target not ready, no permission, I/O.
    CouldNotRun = 4,
    /// By a signal; what was measured is saved, there is no verdict.
    Interrupted = 130,
}

impl Exit {
    /// The code of a verdict under the plan's rule for inconclusive runs.
    pub fn of(verdict: Verdict, inconclusive: OnInconclusive) -> Self {
        match (verdict, inconclusive) {
            (Verdict::Pass, _) | (Verdict::TooNoisy, OnInconclusive::Warn) => Exit::Pass,
            (Verdict::Fail, _) | (Verdict::TooNoisy, OnInconclusive::Fail) => Exit::Fail,
            (Verdict::NotMeasured, _) => Exit::NotMeasured,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_map_to_the_codes_of_the_contract() {
        let cases = [
            (Verdict::Pass, OnInconclusive::Warn, 0),
            (Verdict::Pass, OnInconclusive::Fail, 0),
            (Verdict::Fail, OnInconclusive::Warn, 1),
            (Verdict::TooNoisy, OnInconclusive::Warn, 0),
            (Verdict::TooNoisy, OnInconclusive::Fail, 1),
            (Verdict::NotMeasured, OnInconclusive::Warn, 3),
            (Verdict::NotMeasured, OnInconclusive::Fail, 3),
        ];
        for (verdict, inconclusive, code) in cases {
            assert_eq!(Exit::of(verdict, inconclusive) as u8, code, "{verdict:?} {inconclusive:?}");
        }
    }
}
