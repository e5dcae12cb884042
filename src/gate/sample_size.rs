//! How many samples a quantile takes.

/// How many independent samples must lie beyond a quantile, n(1 − p)/VIF.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beyond {
    /// Before it is judged.
    pub judged: f64,
    /// Before it is shown beside a history.
    pub shown: f64,
}

impl Beyond {
    /// Of a quantile, 0 to 1.
    pub fn quantile(quantile: f64) -> Beyond {
        if quantile < P99 { Beyond { judged: 10.0, shown: 5.0 } } else { Beyond { judged: 100.0, shown: 30.0 } }
    }
}

/// From here on the tail decides, and a few slow answers are the figure.
const P99: f64 = 0.99;

/// Whether so many independent samples have at least `least` of them beyond a quantile (0 to 1).
pub fn has_beyond(independent: f64, quantile: f64, least: f64) -> bool {
    // 200 × (1 − 0.95) is 9.999999999999993.
    independent * (1.0 - quantile) >= least - 1e-6
}

/// So many samples with this many beyond a quantile (0 to 1): the least n for which [`has_beyond`] holds.
pub fn needed(quantile: f64, least: f64) -> u64 {
    ((least - 1e-6) / (1.0 - quantile)).ceil() as u64
}

/// Whether the gate would judge a quantile (0 to 1) of so many samples, if they are independent.
pub fn enough(samples: u64, quantile: f64) -> bool {
    has_beyond(samples as f64, quantile, Beyond::quantile(quantile).judged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_takes_more_samples_the_further_out_it_lies() {
        for (quantile, fewest) in [(0.5, 20), (0.9, 100), (0.95, 200), (0.99, 10_000), (0.999, 100_000)] {
            assert!(enough(fewest, quantile) && !enough(fewest - 1, quantile), "{quantile}");
            assert_eq!(needed(quantile, Beyond::quantile(quantile).judged), fewest);
        }
    }
}
