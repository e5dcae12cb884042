//! How long the demo's endpoints take: log-normal, as services with a database behind them are.

use std::time::Duration;

use rand_distr::{Distribution, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// An endpoint with a latency of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    QueueToken,
    QueueStatus,
    Concerts,
    Dates,
    Seats,
    AvailableSeats,
    Occupy,
    Reserve,
    Boards,
    Browse,
    Header,
    Intro,
    Reviews,
    UpdateMentee,
    UpdateMentor,
}

impl Endpoint {
    /// Every endpoint, in the order of their numbers.
    pub const ALL: [Endpoint; 15] = [
        Endpoint::QueueToken,
        Endpoint::QueueStatus,
        Endpoint::Concerts,
        Endpoint::Dates,
        Endpoint::Seats,
        Endpoint::AvailableSeats,
        Endpoint::Occupy,
        Endpoint::Reserve,
        Endpoint::Boards,
        Endpoint::Browse,
        Endpoint::Header,
        Endpoint::Intro,
        Endpoint::Reviews,
        Endpoint::UpdateMentee,
        Endpoint::UpdateMentor,
    ];

    /// Its name on the command line: `available-seats`.
    pub fn name(self) -> &'static str {
        match self {
            Endpoint::QueueToken => "queue-token",
            Endpoint::QueueStatus => "queue-status",
            Endpoint::Concerts => "concerts",
            Endpoint::Dates => "dates",
            Endpoint::Seats => "seats",
            Endpoint::AvailableSeats => "available-seats",
            Endpoint::Occupy => "occupy",
            Endpoint::Reserve => "reserve",
            Endpoint::Boards => "boards",
            Endpoint::Browse => "browse",
            Endpoint::Header => "header",
            Endpoint::Intro => "intro",
            Endpoint::Reviews => "reviews",
            Endpoint::UpdateMentee => "update-mentee",
            Endpoint::UpdateMentor => "update-mentor",
        }
    }

    /// The endpoint of this name.
    pub fn named(name: &str) -> Option<Endpoint> {
        Endpoint::ALL.into_iter().find(|endpoint| endpoint.name() == name)
    }

    /// The endpoint's latency when nothing is slowed down: median, and the standard deviation of its logarithm.
    pub fn latency(self) -> Latency {
        let (median_ms, sigma) = match self {
            Endpoint::QueueToken => (4.0, 0.25),
            Endpoint::QueueStatus => (2.0, 0.25),
            Endpoint::Concerts => (6.0, 0.30),
            Endpoint::Dates => (5.0, 0.30),
            Endpoint::Seats => (5.0, 0.30),
            Endpoint::AvailableSeats => (4.0, 0.25),
            Endpoint::Occupy => (100.0, 0.20),
            Endpoint::Reserve => (120.0, 0.20),
            Endpoint::Boards => (3.0, 0.30),
            Endpoint::Browse => (15.0, 0.40),
            Endpoint::Header => (5.0, 0.35),
            Endpoint::Intro => (6.0, 0.35),
            Endpoint::Reviews => (8.0, 0.35),
            Endpoint::UpdateMentee => (20.0, 0.35),
            Endpoint::UpdateMentor => (22.0, 0.35),
        };
        Latency { median_ms, sigma }
    }
}

/// A log-normal distribution of times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    /// The median in milliseconds, above 0.
    pub median_ms: f64,
    /// Standard deviation of the natural logarithm, 0 or more.
    pub sigma: f64,
}

impl Latency {
    /// The time that the given number of a seed's requests takes: the same for the same three, whatever the order in which
    /// requests come. Successive numbers are independent.
    pub fn sample(self, seed: u64, stream: u64, number: u64) -> Duration {
        let mut rng = generator(seed, stream, number);
        let milliseconds = match LogNormal::new(self.median_ms.ln(), self.sigma) {
            Ok(distribution) => distribution.sample(&mut rng),
            // Only a sigma below 0 or not a number gets here; the table above has none.
            Err(_) => self.median_ms,
        };
        Duration::from_secs_f64(milliseconds / 1000.0)
    }

    /// The quantile at `p` standard normal deviations: `exp(ln median + sigma · z)`, in milliseconds.
    pub fn at_deviation(self, z: f64) -> f64 {
        self.median_ms * (self.sigma * z).exp()
    }
}

/// A number in [0, 1), the same for the same seed, stream and number.
pub fn uniform(seed: u64, stream: u64, number: u64) -> f64 {
    use rand_xoshiro::rand_core::Rng;
    // The upper 53 bits are all that a double holds below 1.
    (generator(seed, stream, number).next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// A generator of its own for each request. Odd multipliers keep streams and numbers apart; `seed_from_u64` mixes the rest.
fn generator(seed: u64, stream: u64, number: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(
        seed ^ stream.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted_ms(latency: Latency, seed: u64, count: u64) -> Vec<f64> {
        let mut times: Vec<f64> = (0..count).map(|n| latency.sample(seed, 7, n).as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        times
    }

    #[test]
    fn quantiles_are_those_of_the_log_normal() {
        for endpoint in Endpoint::ALL {
            let latency = endpoint.latency();
            let times = sorted_ms(latency, 1, 20_000);
            // Standard normal deviations of the median, the 95th and the 99th percentile.
            for (p, z) in [(0.5, 0.0), (0.95, 1.6449), (0.99, 2.3263)] {
                let measured = times[(p * times.len() as f64) as usize];
                let asked = latency.at_deviation(z);
                assert!(
                    (measured / asked - 1.0).abs() < 0.03,
                    "{endpoint:?} p{p}: asked {asked:.3} ms, sampled {measured:.3} ms"
                );
            }
        }
    }

    #[test]
    fn successive_samples_are_independent() {
        let latency = Endpoint::Reserve.latency();
        let logs: Vec<f64> = (0..20_000).map(|n| latency.sample(3, 7, n).as_secs_f64().ln()).collect();
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let covariance = |lag: usize| -> f64 {
            logs.iter().zip(&logs[lag..]).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / logs.len() as f64
        };
        for lag in [1, 2, 7] {
            let correlation = covariance(lag) / covariance(0);
            assert!(correlation.abs() < 0.03, "lag {lag}: {correlation}");
        }
    }

    #[test]
    fn the_same_request_takes_the_same_time_and_another_seed_another() {
        let latency = Endpoint::Reserve.latency();
        assert_eq!(latency.sample(5, 1, 9), latency.sample(5, 1, 9));
        assert_ne!(latency.sample(5, 1, 9), latency.sample(6, 1, 9));
        assert_ne!(latency.sample(5, 1, 9), latency.sample(5, 2, 9));
        assert_ne!(latency.sample(5, 1, 9), latency.sample(5, 1, 10));
    }

    #[test]
    fn uniform_numbers_fill_the_unit_interval_evenly() {
        let mut tenths = [0u32; 10];
        for n in 0..10_000 {
            tenths[(uniform(1, 2, n) * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|&count| (850..1150).contains(&count)), "{tenths:?}");
    }
}
