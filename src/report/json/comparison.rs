//! What the run was compared with and what came of it, in the JSON report.

use serde::Serialize;

use crate::gate::confirmation::Confirmation;
use crate::gate::{
    Base, Compared, Comparison, Hardware, HiddenFigure, History, LostFigure, NoComparison, Paired, Row, RowOutcome,
};
use crate::pairing::{ArmMode, Looks};

#[derive(Serialize)]
#[serde(tag = "with", rename_all = "snake_case")]
pub enum ComparisonFigures<'a> {
    None {
        /// `no_baseline`, `too_few` or `incomparable`.
        reason: &'static str,
        runs: usize,
        needed: Option<usize>,
        difference: Option<&'a str>,
    },
    History {
        runs: usize,
        needed: usize,
        blocking: bool,
        #[serde(flatten)]
        compared: ComparedFigures<'a>,
    },
    /// The other arm of the same run.
    Reference {
        target: &'a str,
        commit: Option<&'a str>,
        mode: ArmMode,
        looks: Looks,
        /// What the deployments are known to share; of parallel arms, nothing here means that they are taken not to.
        shares: &'a [String],
        /// Pairs of blocks, and the length of a block.
        blocks: usize,
        block_ms: f64,
        hardware: HardwareKnown,
        #[serde(flatten)]
        compared: ComparedFigures<'a>,
    },
}

/// What both bases have.
#[derive(Serialize)]
pub struct ComparedFigures<'a> {
    alpha: f64,
    rows: Vec<ComparisonRow<'a>>,
    /// Figures of the base that this run has too few samples for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<Lost<'a>>,
    /// Figures that have too few samples even to be shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hidden: Vec<Hidden<'a>>,
    /// What another run of the same commit said of it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<String>,
    new_requests: &'a [String],
    differences: &'a [String],
    /// What calibration has shown of this gate.
    track_record: Option<&'a str>,
}

/// What is known of lasting differences between the deployments.
#[derive(Serialize)]
#[serde(tag = "known", rename_all = "snake_case")]
pub enum HardwareKnown {
    /// Nothing: they are taken for equal.
    Assumed,
    Calibrated {
        records: usize,
    },
    /// Both arms loaded one deployment.
    GeneratorOnly,
}

impl<'a> ComparisonFigures<'a> {
    pub fn of(comparison: &'a Comparison) -> ComparisonFigures<'a> {
        match comparison {
            Comparison::None(NoComparison::NoBaseline { needed }) => {
                ComparisonFigures::None { reason: "no_baseline", runs: 0, needed: Some(*needed), difference: None }
            }
            Comparison::None(NoComparison::TooFew { runs, needed }) => {
                ComparisonFigures::None { reason: "too_few", runs: *runs, needed: Some(*needed), difference: None }
            }
            Comparison::None(NoComparison::Incomparable { runs, difference }) => ComparisonFigures::None {
                reason: "incomparable",
                runs: *runs,
                needed: None,
                difference: Some(difference),
            },
            Comparison::Made(compared) => made(compared),
        }
    }
}

fn made(made: &Compared) -> ComparisonFigures<'_> {
    let Compared { with, alpha, rows, lost, hidden, new_requests, differences, track_record, confirmation } = made;
    let compared = ComparedFigures {
        alpha: *alpha,
        rows: rows.iter().map(|row| ComparisonRow::of(row, made)).collect(),
        lost: lost.iter().map(|figure| Lost::of(figure, with)).collect(),
        new_requests,
        differences,
        track_record: track_record.as_deref(),
        hidden: hidden.iter().map(Hidden::of).collect(),
        confirmation: confirmation.as_ref().map(Confirmation::sentence),
    };
    match with {
        Base::History(History { runs, needed, blocking }) => {
            ComparisonFigures::History { runs: *runs, needed: *needed, blocking: *blocking, compared }
        }
        Base::Reference(Paired { target, commit, pairing, blocks, block, hardware }) => ComparisonFigures::Reference {
            target,
            commit: commit.as_deref(),
            mode: pairing.mode,
            looks: pairing.looks,
            shares: &pairing.shares,
            blocks: *blocks,
            block_ms: block.as_secs_f64() * 1e3,
            hardware: match hardware {
                Hardware::Assumed => HardwareKnown::Assumed,
                Hardware::Calibrated { records } => HardwareKnown::Calibrated { records: *records },
                Hardware::Same => HardwareKnown::GeneratorOnly,
            },
            compared,
        },
    }
}

#[derive(Serialize)]
pub struct Hidden<'a> {
    request: &'a str,
    metric: &'static str,
    reason: &'a str,
}

impl<'a> Hidden<'a> {
    fn of(figure: &'a HiddenFigure) -> Hidden<'a> {
        let HiddenFigure { request, metric, reason } = figure;
        Hidden { request, metric: metric.name(), reason }
    }
}

#[derive(Serialize)]
pub struct Lost<'a> {
    request: &'a str,
    metric: &'static str,
    samples: u64,
    /// Of a history: the fewest of a run of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<u64>,
    /// Of the reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<u64>,
}

impl<'a> Lost<'a> {
    fn of(figure: &'a LostFigure, with: &Base) -> Lost<'a> {
        let LostFigure { request, metric, samples, base } = figure;
        let (window, reference) = match with {
            Base::History(_) => (Some(*base), None),
            Base::Reference(_) => (None, Some(*base)),
        };
        Lost { request, metric: metric.name(), samples: *samples, window, reference }
    }
}

#[derive(Serialize)]
pub struct ComparisonRow<'a> {
    request: &'a str,
    metric: &'static str,
    outcome: RowOutcome,
    /// Why it was not judged, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_judged: Option<String>,
    base: f64,
    candidate: f64,
    change: f64,
    interval: [f64; 2],
    limit: f64,
    samples: u64,
    t: Option<f64>,
    p_adjusted: Option<f64>,
    detectable: Option<f64>,
    /// The figure in each run of the window.
    history: &'a [f64],
    /// The change in each pair of blocks.
    #[serde(skip_serializing_if = "<[f64]>::is_empty")]
    blocks: &'a [f64],
}

impl<'a> ComparisonRow<'a> {
    fn of(row: &'a Row, compared: &Compared) -> ComparisonRow<'a> {
        ComparisonRow {
            request: &row.request,
            metric: row.metric.name(),
            outcome: row.outcome,
            not_judged: row.not_judged(compared),
            base: row.base,
            candidate: row.candidate,
            change: row.change,
            interval: [row.interval.0, row.interval.1],
            limit: row.limit,
            samples: row.samples,
            t: row.t,
            p_adjusted: row.p_adjusted,
            detectable: row.detectable,
            history: &row.history,
            blocks: &row.blocks,
        }
    }
}
