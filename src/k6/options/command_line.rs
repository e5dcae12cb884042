//! Options of the command line, by k6's names.

use std::time::Duration;

use super::read::{segment, system_tags, time_unit, trend_stats};
use super::scenario::short_stage;
use super::{Given, OptionError, Options, Problems, network};
use crate::plan::capped_duration;

/// The flags that are options, as they were given. Lists hold what each flag said, in which commas divide items as well.
#[derive(Clone, Debug, Default)]
pub struct CliOptions {
    /// `--vus`, `-u`
    pub vus: Option<u64>,
    /// `--duration`, `-d`
    pub duration: Option<String>,
    /// `--iterations`, `-i`
    pub iterations: Option<u64>,
    /// `--stage`, `-s`: `1m30s:20`
    pub stages: Vec<String>,
    pub rps: Option<u64>,
    pub max_redirects: Option<u64>,
    /// `--tag`: `name=value`, one a flag
    pub tags: Vec<String>,
    pub user_agent: Option<String>,
    pub insecure_skip_tls_verify: Option<bool>,
    pub no_connection_reuse: Option<bool>,
    pub no_vu_connection_reuse: Option<bool>,
    pub min_iteration_duration: Option<String>,
    /// `--throw`, `-w`
    pub throw: Option<bool>,
    pub batch: Option<u64>,
    pub batch_per_host: Option<u64>,
    pub discard_response_bodies: Option<bool>,
    /// `--blacklist-ip`: `10.0.0.0/8`
    pub blacklist_ips: Vec<String>,
    pub block_hostnames: Vec<String>,
    pub summary_trend_stats: Vec<String>,
    pub summary_time_unit: Option<String>,
    pub no_setup: Option<bool>,
    pub no_teardown: Option<bool>,
    /// `--execution-segment`, which is refused.
    pub execution_segment: Option<String>,
    pub system_tags: Vec<String>,
}

impl Options {
    /// Reads the command line's flags.
    ///
    /// # Errors
    /// Values that can't be read, all of them.
    pub fn of_command_line(cli: &CliOptions) -> Result<Options, Vec<OptionError>> {
        let mut problems = Problems::default();
        if cli.execution_segment.is_some() {
            segment("--execution-segment", &mut problems);
        }
        let stats = items(&cli.summary_trend_stats);
        trend_stats(stats.as_deref().unwrap_or_default(), "--summary-trend-stats", &mut problems);
        let options = Options {
            vus: given("--vus", cli.vus),
            duration: given("--duration", duration("--duration", cli.duration.as_deref(), &mut problems)),
            iterations: given("--iterations", cli.iterations),
            stages: given("--stage", stages(cli, &mut problems)),
            rps: cli.rps,
            max_redirects: cli.max_redirects,
            tags: tags(cli, &mut problems),
            user_agent: cli.user_agent.clone(),
            insecure_skip_tls_verify: cli.insecure_skip_tls_verify,
            no_connection_reuse: cli.no_connection_reuse,
            no_vu_connection_reuse: cli.no_vu_connection_reuse,
            min_iteration_duration: duration(
                "--min-iteration-duration",
                cli.min_iteration_duration.as_deref(),
                &mut problems,
            ),
            throw: cli.throw,
            batch: cli.batch,
            batch_per_host: cli.batch_per_host,
            discard_response_bodies: cli.discard_response_bodies,
            blacklist_ips: items(&cli.blacklist_ips).map(|blocks| {
                blocks.iter().filter_map(|b| network::ip_range(b, "--blacklist-ip", &mut problems)).collect()
            }),
            block_hostnames: items(&cli.block_hostnames).map(|names| {
                names
                    .iter()
                    .filter_map(|name| network::name_pattern(name, "--block-hostnames", &mut problems))
                    .collect()
            }),
            summary_trend_stats: stats,
            summary_time_unit: time_unit(cli.summary_time_unit.clone(), "--summary-time-unit", &mut problems),
            no_setup: cli.no_setup,
            no_teardown: cli.no_teardown,
            system_tags: items(&cli.system_tags).map(|tags| system_tags(tags, "--system-tags", &mut problems)),
            ..Options::default()
        };
        problems.or(options)
    }
}

fn given<T>(flag: &str, value: Option<T>) -> Option<Given<T>> {
    Some(Given { value: value?, place: flag.to_owned() })
}

/// What several flags of one name list; none where there are no flags.
fn items(flags: &[String]) -> Option<Vec<String>> {
    let items = flags.iter().flat_map(|flag| flag.split(',')).map(|item| item.trim().to_owned());
    (!flags.is_empty()).then(|| items.filter(|item| !item.is_empty()).collect())
}

/// A duration with its unit: a number alone is nothing on the command line, in k6 either.
fn duration(flag: &str, text: Option<&str>, problems: &mut Problems) -> Option<Duration> {
    let text = text?;
    let duration = capped_duration(text);
    if duration.is_none() {
        let help = match text.parse::<f64>() {
            Ok(number) if number >= 0.0 => format!("a duration has a unit: {text}s or {text}ms"),
            _ => "write a duration such as 500ms or 1m30s".to_owned(),
        };
        problems.add(flag, format!("`{text}` is not a duration"), help);
    }
    duration
}

fn stages(cli: &CliOptions, problems: &mut Problems) -> Option<Vec<super::StageOptions>> {
    let mut stages = Vec::new();
    for text in items(&cli.stages)? {
        let before = problems.errors.len();
        let stage = short_stage(&text, "--stage", problems);
        if stage.duration.is_none() && problems.errors.len() == before {
            problems.add("--stage", format!("`{text}` has no duration"), "write a stage such as 1m30s:20");
        }
        stages.push(stage);
    }
    Some(stages)
}

fn tags(cli: &CliOptions, problems: &mut Problems) -> Option<Vec<(String, String)>> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for text in &cli.tags {
        match text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty()) {
            Some((name, value)) => {
                tags.retain(|(known, _)| known != name);
                tags.push((name.to_owned(), value.to_owned()));
            }
            None => problems.add("--tag", format!("`{text}` is no tag"), "write name=value"),
        }
    }
    (!cli.tags.is_empty()).then_some(tags)
}
