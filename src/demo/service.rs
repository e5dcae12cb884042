//! The state behind the routes, and how long each request is made to take.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::catalog::CONCERT_EVENTS;
use super::latency::{Endpoint, uniform};
use super::mentoring::Profiles;
use super::queue::Queue;
use super::sales::Sales;
use crate::timer::Timer;

/// How the demo API behaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Port on the loopback address; 0 for any free one.
    pub port: u16,
    /// What is added to the time of `slowed`, as a share: 0.25 makes it a quarter slower.
    pub slow: f64,
    /// The endpoint that `slow` is about.
    pub slowed: Endpoint,
    /// The share of `reserve` that is answered 500, 0 to 1.
    pub fail_rate: f64,
    /// Decides latencies and failures: the n-th request of an endpoint always fares the same.
    pub seed: u64,
    /// How fast the queue moves.
    pub admissions_per_second: f64,
    /// Seats in a row. A concert event opens a row at a time, whenever fewer than half a row of seats is free.
    pub seats_per_row: u32,
    /// How long an occupied seat is held.
    pub hold: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            port: 0,
            slow: 0.0,
            slowed: Endpoint::Reserve,
            fail_rate: 0.0,
            seed: 1,
            admissions_per_second: 2_000.0,
            seats_per_row: 20,
            hold: Duration::from_secs(30),
        }
    }
}

/// Apart from the numbers of the endpoints, which are the streams of their latencies.
const FAILURE_STREAM: u64 = 1_000;

/// Everything that requests share.
#[derive(Debug)]
pub struct Service {
    settings: Settings,
    started: Instant,
    timer: Timer,
    served: [AtomicU64; Endpoint::ALL.len()],
    pub queue: Queue,
    pub sales: Sales,
    pub profiles: Profiles,
}

/// A request that is being worked on: when it came, and its number among those of its endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    at: Instant,
    endpoint: Endpoint,
    number: u64,
}

impl Service {
    /// A service that begins now.
    pub fn new(settings: Settings, timer: Timer) -> Service {
        Service {
            started: Instant::now(),
            timer,
            served: Default::default(),
            queue: Queue::new(settings.admissions_per_second, settings.seed),
            sales: Sales::new(CONCERT_EVENTS, settings.seats_per_row, settings.hold),
            profiles: Profiles::default(),
            settings,
        }
    }

    /// Since the start of the service.
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Counts a request that is well-formed and permitted; it then takes the time of its endpoint.
    pub fn arrive(&self, endpoint: Endpoint) -> Arrival {
        let number = self.served[endpoint as usize].fetch_add(1, Ordering::Relaxed);
        Arrival { at: Instant::now(), endpoint, number }
    }

    /// Waits until the request has taken its time.
    pub async fn take_time(&self, arrival: Arrival) {
        let time = response_time(&self.settings, arrival.endpoint, arrival.number);
        self.timer.sleep_until(arrival.at + time).await;
    }

    /// Whether this request is one of those that fail.
    pub fn fails(&self, arrival: Arrival) -> bool {
        arrival.endpoint == Endpoint::Reserve
            && uniform(self.settings.seed, FAILURE_STREAM, arrival.number) < self.settings.fail_rate
    }

    /// Requests of an endpoint so far.
    pub fn served(&self, endpoint: Endpoint) -> u64 {
        self.served[endpoint as usize].load(Ordering::Relaxed)
    }
}

/// How long the given number of an endpoint's requests takes, numbers counted from 0.
pub fn response_time(settings: &Settings, endpoint: Endpoint, number: u64) -> Duration {
    let time = endpoint.latency().sample(settings.seed, endpoint as u64, number);
    if endpoint == settings.slowed { time.mul_f64((1.0 + settings.slow).max(0.0)) } else { time }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_stretches_the_named_endpoint_and_nothing_else() {
        assert_eq!(Settings::default().slowed, Endpoint::Reserve);
        let base = Settings::default();
        for slowed in Endpoint::ALL {
            let slow = Settings { slow: 0.25, slowed, ..Settings::default() };
            for endpoint in Endpoint::ALL {
                let factor = if endpoint == slowed { 1.25 } else { 1.0 };
                for number in 0..20 {
                    let expected = response_time(&base, endpoint, number).mul_f64(factor);
                    let actual = response_time(&slow, endpoint, number);
                    assert!(actual.abs_diff(expected) < Duration::from_nanos(2), "{slowed:?} {endpoint:?} {number}");
                }
            }
        }
    }

    #[test]
    fn every_endpoint_has_a_name_of_its_own() {
        for endpoint in Endpoint::ALL {
            assert_eq!(Endpoint::named(endpoint.name()), Some(endpoint));
        }
        assert_eq!(Endpoint::named("Reserve"), None);
    }

    #[tokio::test]
    async fn the_asked_share_of_reserve_fails_and_nothing_else() {
        let timer = Timer::start().expect("a timer");
        let service = Service::new(Settings { fail_rate: 0.05, ..Settings::default() }, timer);
        let failed = |endpoint| (0..10_000).filter(|_| service.fails(service.arrive(endpoint))).count();
        let of_reserve = failed(Endpoint::Reserve);
        assert!((430..570).contains(&of_reserve), "{of_reserve} of 10,000");
        assert_eq!(failed(Endpoint::Occupy), 0);
        assert_eq!(service.served(Endpoint::Reserve), 10_000);
    }
}
