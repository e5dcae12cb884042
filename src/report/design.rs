//! What a comparison was made by, in lines: what the other side is, how the arms shared the run, what is taken for granted.

use crate::gate::confirmation::Confirmation;
use crate::gate::{Base, Compared, Hardware, Paired};
use crate::number::{counted, duration};
use crate::pairing::{ArmMode, Pairing};

/// How a run was compared: for a reference how its arms shared the run and what that assumes, for both bases what calibration
/// has shown.
pub fn lines(compared: &Compared) -> Vec<String> {
    let mut lines = match &compared.with {
        Base::History(_) => Vec::new(),
        Base::Reference(paired) => vec![schedule(paired), assumptions(paired).join("; ")],
    };
    lines.extend(compared.confirmation.iter().map(Confirmation::sentence));
    lines.extend(compared.track_record.iter().map(|record| format!("calibration: {record}")));
    lines
}

/// `parallel: both deployments had the load at the same time; 20 pairs of blocks of 1s; one look`
fn schedule(paired: &Paired) -> String {
    let when = match paired.pairing.mode {
        ArmMode::Parallel => "both deployments had the load at the same time",
        ArmMode::Alternating => "the deployments had the load in turn, block by block",
    };
    let pairs = if paired.blocks == 1 { "pair" } else { "pairs" };
    let block = duration(paired.block.as_secs_f64() * 1e3);
    format!(
        "{}: {when}; {} {pairs} of blocks of {block}; {}",
        paired.pairing.mode,
        paired.blocks,
        looks(&paired.pairing)
    )
}

fn looks(pairing: &Pairing) -> String {
    let looks = pairing.looks;
    match (looks.planned, looks.taken) {
        (0 | 1, _) => "one look".into(),
        (planned, 0 | 1) => format!("not extended: the first of {planned} looks decided, at {}", share(planned)),
        (planned, taken) => format!("extended: look {taken} of {planned}, at {}", share(planned)),
    }
}

/// What a look has of α.
fn share(planned: u32) -> String {
    if planned == 2 { "half of α".into() } else { format!("1/{planned} of α") }
}

/// What no measurement stands behind, and what does.
fn assumptions(paired: &Paired) -> Vec<String> {
    let hardware = match paired.hardware {
        Hardware::Assumed => "assumes equal hardware".into(),
        Hardware::Calibrated { records } => {
            format!("differences of hardware calibrated from {}", counted(records as u64, "record"))
        }
        // They share everything, and nothing is compared but the generator's doing.
        Hardware::Same => return vec!["generator only: both arms loaded one deployment".into()],
    };
    [Some(hardware), sharing(&paired.pairing)].into_iter().flatten().collect()
}

fn sharing(pairing: &Pairing) -> Option<String> {
    let shares = pairing.shares.join(", ");
    match pairing.mode {
        ArmMode::Parallel if shares.is_empty() => {
            Some("assumes that the deployments share no database, cache or host".into())
        }
        ArmMode::Parallel => Some(format!(
            "the deployments share: {shares}; at the same time each slows the other, which can hide a regression"
        )),
        ArmMode::Alternating if shares.is_empty() => None,
        ArmMode::Alternating => Some(format!("the deployments share: {shares}")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::pairing::Looks;

    use super::*;

    fn paired(mode: ArmMode, looks: (u32, u32), shares: &[&str], hardware: Hardware) -> Paired {
        let looks = Looks { planned: looks.0, taken: looks.1 };
        let shares = shares.iter().map(|&name| name.into()).collect();
        Paired {
            target: "https://base.example".into(),
            commit: None,
            pairing: Pairing { mode, looks, shares },
            blocks: 20,
            block: Duration::from_millis(1500),
            hardware,
        }
    }

    fn told(paired: Paired) -> String {
        let with = Base::Reference(paired);
        let compared = Compared {
            with,
            alpha: 0.05,
            rows: vec![],
            hidden: vec![],
            confirmation: None,
            lost: vec![],
            new_requests: vec![],
            differences: vec![],
            track_record: Some("A/A: 0 of 60 failed".into()),
        };
        lines(&compared).join("\n")
    }

    #[test]
    fn what_a_paired_run_takes_for_granted_is_said() {
        use ArmMode::{Alternating, Parallel};
        insta::assert_snapshot!(told(paired(Parallel, (1, 1), &[], Hardware::Assumed)), @"
        parallel: both deployments had the load at the same time; 20 pairs of blocks of 1.5s; one look
        assumes equal hardware; assumes that the deployments share no database, cache or host
        calibration: A/A: 0 of 60 failed
        ");
        insta::assert_snapshot!(told(paired(Parallel, (2, 1), &["database"], Hardware::Calibrated { records: 6 })), @"
        parallel: both deployments had the load at the same time; 20 pairs of blocks of 1.5s; not extended: the first of 2 looks decided, at half of α
        differences of hardware calibrated from 6 records; the deployments share: database; at the same time each slows the other, which can hide a regression
        calibration: A/A: 0 of 60 failed
        ");
        insta::assert_snapshot!(told(paired(Alternating, (2, 2), &["host", "cache"], Hardware::Assumed)), @"
        alternating: the deployments had the load in turn, block by block; 20 pairs of blocks of 1.5s; extended: look 2 of 2, at half of α
        assumes equal hardware; the deployments share: host, cache
        calibration: A/A: 0 of 60 failed
        ");
        insta::assert_snapshot!(told(paired(Alternating, (1, 1), &[], Hardware::Assumed)), @"
        alternating: the deployments had the load in turn, block by block; 20 pairs of blocks of 1.5s; one look
        assumes equal hardware
        calibration: A/A: 0 of 60 failed
        ");
        insta::assert_snapshot!(told(paired(Parallel, (1, 1), &[], Hardware::Same)), @"
        parallel: both deployments had the load at the same time; 20 pairs of blocks of 1.5s; one look
        generator only: both arms loaded one deployment
        calibration: A/A: 0 of 60 failed
        ");
    }
}
