//! `loadgate comment`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub struct CommentArgs {
    /// The measurement that the fork's run uploaded, or the artifact's zip; without it the artifact is fetched from GitHub.
    pub artifact: Option<PathBuf>,
    /// The name of the artifact to fetch.
    #[arg(long = "artifact", value_name = "NAME", default_value = "loadgate", conflicts_with = "artifact")]
    pub name: String,
    /// The default branch's plan, by which the figures are judged.
    #[arg(long, value_name = "PLAN", default_value = "loadgate.yml")]
    pub plan: PathBuf,
    /// Where the baselines are kept, a folder for each plan.
    #[arg(long, value_name = "DIR", default_value = "baselines")]
    pub baseline: PathBuf,
    /// The branch whose baselines win over those of the checkout; empty for none.
    #[arg(long, value_name = "NAME", default_value = "loadgate-baselines")]
    pub baseline_branch: String,
}
