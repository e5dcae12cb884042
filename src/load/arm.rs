//! One deployment under load, with everything its virtual users share.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use http::{HeaderName, HeaderValue};
use minijinja::{Value, context};
use url::Url;

use super::pacer::Shard;
use crate::plan::{Plan, Template};

/// The candidate or the reference. Its virtual users share it and belong to no other.
#[derive(Debug)]
pub struct Arm {
    /// Scheme, host and port; paths of the plan are joined to it.
    pub origin: Url,
    /// Sent to this arm's origin alone.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Hosts besides the origin's that the load may touch.
    pub allowed_hosts: Vec<String>,
    /// What the setup captured and collected, by name; set once, before the scenarios.
    pub shared: OnceLock<HashMap<Arc<str>, Value>>,
    /// How many rows of each data set that is picked `unique` have been taken, by the set's index.
    pub cursors: Vec<AtomicU64>,
    /// The run's seed; every virtual user derives its own stream from it and its number.
    pub seed: u64,
    /// Whose rows, virtual users and setup indices these are.
    pub shard: Shard,
}

/// Why a deployment's own header can't be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the target's header `{name}` can't be sent: {reason}")]
pub struct ArmError {
    pub name: HeaderName,
    pub reason: String,
}

impl Arm {
    /// An arm before its setup, of a run that no other process shares. `headers` are those of the plan's target or reference; their templates see `env` and
    /// `secret`.
    ///
    /// # Errors
    /// A header whose template has no value, or whose value HTTP can't carry. The value itself is not told: it may be a
    /// secret.
    pub fn new<'a>(
        plan: &Plan,
        origin: Url,
        headers: impl IntoIterator<Item = &'a (HeaderName, Template)>,
        seed: u64,
    ) -> Result<Self, ArmError> {
        let scope = variables(plan);
        let header = |(name, template): &(HeaderName, Template)| {
            let refused = |reason: String| ArmError { name: name.clone(), reason };
            let mut text = String::new();
            template.render(&scope, &mut text).map_err(|error| refused(error.to_string()))?;
            let value = HeaderValue::try_from(text)
                .map_err(|_| refused("its value has a line break or control character".to_owned()))?;
            Ok((name.clone(), value))
        };
        Ok(Arm {
            origin,
            headers: headers.into_iter().map(header).collect::<Result<_, _>>()?,
            allowed_hosts: plan.target.allowed_hosts.clone(),
            shared: OnceLock::new(),
            cursors: plan.data.iter().map(|_| AtomicU64::new(0)).collect(),
            seed,
            shard: Shard::WHOLE,
        })
    }

    /// The stream of random numbers of a virtual user, by its number: 0 is the setup, `u64::MAX` the teardown. Those two run in
    /// every shard, and no two shards may draw the same there, or all of them would register the same users.
    pub fn stream(&self, vu: u64) -> u64 {
        let shard = self.shard.index;
        match vu {
            0 if shard > 0 => u64::MAX - 2 * shard,
            u64::MAX if shard > 0 => u64::MAX - 2 * shard - 1,
            _ => vu,
        }
    }

    /// The stream of a scenario's trial. It is nobody else's in any shard: the trial's keys and tokens must not come again
    /// under load, for a server may know them.
    pub(super) fn trial_stream(&self, scenario: usize) -> u64 {
        (1 << 62) + (self.shard.index << 32) + scenario as u64
    }
}

/// What the templates of a target see: `env` and `secret`.
pub(super) fn variables(plan: &Plan) -> Value {
    let pairs = |pairs: &mut dyn Iterator<Item = (&String, &String)>| {
        Value::from_pairs(pairs.map(|(name, value)| (name.clone(), Value::from(value.as_str()))))
    };
    let env = pairs(&mut plan.env.iter().map(|(name, value)| (name, value)));
    let secret = pairs(&mut plan.secrets.iter().map(|secret| (&secret.name, &secret.value)));
    context! { env, secret }
}
