use std::sync::Arc;
use std::time::Duration;

use crate::measurement::contract::Machine;
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{Ending, Shards};

use super::*;

/// The smallest median is 20 ms, so that 4 ms are the limit of every lag.
fn run() -> Measurement {
    let request = |name| SimulatedRequest { count: 100, ..SimulatedRequest::new(name, 20.0) };
    Simulated::new(vec![request("login"), request("reserve")]).measure()
}

/// What the guards that fired found.
fn fired(run: &Measurement) -> Vec<String> {
    let guards = examine(run, &GuardLimits::default());
    guards.into_iter().filter(|guard| guard.fired).map(|guard| guard.finding).collect()
}

/// A heartbeat of so many seconds with stalls of so many milliseconds, spread over it.
fn pulse(run: &mut Measurement, seconds: u64, stalls: &[u64]) {
    let beats_in_stalls: u64 = stalls.iter().map(|stall| stall / 10).sum();
    for stall in stalls {
        run.generator.stalls.record(Duration::from_millis(*stall));
        for beat in 0..stall / 10 {
            run.generator.loop_lag.record(Duration::from_millis(stall - beat * 10));
        }
    }
    for _ in 0..(seconds * 100).saturating_sub(beats_in_stalls) {
        run.generator.loop_lag.record(Duration::from_micros(80));
        run.generator.stalls.record(Duration::from_micros(80));
    }
}

#[test]
fn a_generator_that_lags_all_the_time_cannot_judge_one_stall_can_be_forgiven() {
    // seconds, stalls in ms, fired
    let table: [(u64, &[u64], bool); 11] = [
        (30, &[], false),
        (30, &[30], false),
        (30, &[30; 9], false),     // 0.9 % of the time
        (30, &[30; 12], false),    // 1.2 %, which chance may make of 0.7 %
        (30, &[30; 30], true),     // 3 %: once a second
        (1, &[30], false),         // 3 %, but once
        (1, &[10; 4], false),      // too few beats to say anything
        (1, &[10; 9], true),       // again and again
        (1, &[100], true),         // a tenth of all answers waited: p95 is the generator's, accident or not
        (5, &[20, 30, 20], false), // 1.4 %, in three pieces
        (10, &[1000], true),
    ];
    for (seconds, stalls, expected) in table {
        let mut run = run();
        pulse(&mut run, seconds, stalls);
        let fired = fired(&run);
        assert_eq!(!fired.is_empty(), expected, "{seconds} s with {stalls:?}: {fired:?}");
    }
}

#[test]
fn a_lag_says_share_stalls_and_limit() {
    let mut lagging = run();
    pulse(&mut lagging, 30, &[30; 30]);
    insta::assert_snapshot!(fired(&lagging).join("\n"), @"the generator's event loop was over 3.94ms late (loop_lag) in 3.00% of the time, in 30 stalls of up to 30ms; limit 1%");
    let mut once = run();
    pulse(&mut once, 1, &[30]);
    let finding = examine(&once, &GuardLimits::default()).remove(1).finding;
    insta::assert_snapshot!(finding, @"the generator's event loop was over 3.94ms late (loop_lag) in 3.00% of the time, in 1 stall of up to 30ms; limit 5% where it is no habit");
}

/// One of ten lags: that is 0.3 % of the time of all, and 3 % of its own.
#[test]
fn a_shard_that_lags_does_not_hide_among_the_others() {
    let shard = |stalls: &[u64]| {
        let mut run = run();
        pulse(&mut run, 30, stalls);
        run.generator
    };
    let shared_by = |generators: Vec<Generator>, kept: bool| {
        let mut whole = run();
        let part = |generator: &Generator| ShardPart {
            started_at: whole.started_at,
            ending: Ending::Completed,
            machine: Machine::default(),
            loop_lag: if kept { generator.loop_lag.clone() } else { Trend::default() },
            stalls: if kept { generator.stalls.clone() } else { Trend::default() },
        };
        let parts = (1..).zip(generators.iter().map(part)).collect();
        whole.shards = Some(Shards { count: 10, start_at: whole.started_at, plan: String::new(), parts });
        for generator in &generators {
            whole.generator.loop_lag.merge(&generator.loop_lag);
            whole.generator.stalls.merge(&generator.stalls);
        }
        whole
    };
    let with = |lagging: &[&[u64]], kept| {
        let mut generators: Vec<Generator> = (0..10 - lagging.len()).map(|_| shard(&[])).collect();
        generators.extend(lagging.iter().map(|stalls| shard(stalls)));
        shared_by(generators, kept)
    };
    assert_eq!(fired(&with(&[], true)), [""; 0]);
    assert_eq!(fired(&with(&[&[30]], true)), [""; 0]);
    let lagging = with(&[&[30; 40], &[30; 30]], true);
    insta::assert_snapshot!(fired(&lagging).join("\n"), @"the event loop of shard 9 of 10 was over 3.94ms late (loop_lag) in 4.00% of the time, in 40 stalls of up to 30ms; limit 1%");
    assert!(!healthy(&lagging, &GuardLimits::default()));
    assert_eq!(fired(&with(&[&[30; 30]], false)), [""; 0], "files of a loadgate that kept no figures of each shard");
}

/// Files of a loadgate that did not count stalls: p99 alone decides.
#[test]
fn without_stalls_the_share_of_the_time_decides() {
    for (lag, expected) in [(3, false), (5, true)] {
        let mut run = run();
        (0..1000).for_each(|beat| {
            run.generator.loop_lag.record(Duration::from_millis(if beat < 20 { lag } else { 0 }));
        });
        assert_eq!(!fired(&run).is_empty(), expected, "{lag} ms");
    }
}

#[test]
fn iterations_that_begin_late_are_the_generators_failure() {
    // late of 1,000 arrivals, stalls in ms that explain them, fired
    let table: [(u32, &[u64], bool); 6] = [
        (0, &[], false),
        (10, &[], false),
        (11, &[], true), // no stall explains them: each is its own
        (30, &[30], false),
        (60, &[60], true),
        (30, &[30; 20], true),
    ];
    for (late, stalls, expected) in table {
        let mut run = run();
        let mut layout = (*run.layout).clone();
        layout.scenarios[0].arrival_rate = true;
        run.layout = Arc::new(layout);
        pulse(&mut run, 60, stalls);
        for arrival in 0..1_000 {
            let lag = Duration::from_millis(if arrival < late { 30 } else { 0 });
            run.judged.scenarios[0].schedule_lag.record(lag);
        }
        let fired = fired(&run);
        assert_eq!(!fired.is_empty(), expected, "{late} late, {stalls:?}: {fired:?}");
        assert!(fired.iter().all(|finding| finding.contains("of the iterations began over")), "{fired:?}");
    }
}

#[test]
fn a_busy_worker_cannot_judge() {
    for (cpu, expected) in [(Some(0.8), false), (Some(0.81), true), (None, false)] {
        let mut run = run();
        run.generator.busiest_worker_cpu = cpu;
        assert_eq!(!fired(&run).is_empty(), expected, "{cpu:?}");
    }
}

#[test]
fn a_worker_may_be_busy_in_one_second_of_twenty_or_in_the_first() {
    for (seconds, busy, expected) in [
        (20, 0, false),
        (20, 1, false),
        (20, 2, true),
        (20, 20, true),
        (10, 1, false),
        (10, 2, true),
        (100, 5, false),
        (100, 6, true),
        (2, 1, true),
        (1, 1, true),
    ] {
        let mut run = run();
        for second in 0..seconds {
            let share = if second < busy { 0.97 } else { 0.3 };
            run.generator.cpu_by_second.record_value(share).unwrap();
        }
        let fired = fired(&run);
        assert_eq!(!fired.is_empty(), expected, "{busy} of {seconds}: {fired:?}");
        if (seconds, busy) == (20, 2) {
            let finding = "the busiest worker used 25.00% of its core and over 80% in 10.00% of the seconds; limit 5%";
            assert_eq!(fired, [finding]);
        }
    }
}

#[test]
fn a_connection_that_this_machine_refused_is_not_the_targets_failure() {
    let limits = Exhausted { open_files: Some(1024), local_ports: Some(28_232), ..Exhausted::default() };
    let shown = |exhausted: Exhausted| {
        let mut run = run();
        run.generator.exhausted = exhausted;
        let guard = examine(&run, &GuardLimits::default()).pop().unwrap();
        assert_eq!(healthy(&run, &GuardLimits::default()), !guard.fired && run.generator.loop_lag.is_empty());
        format!("{} {}\n  {}", guard.fired, guard.finding, guard.cure)
    };
    insta::assert_snapshot!(shown(limits), @"
    false this machine had a socket for every connection
      the generator was too busy to measure: fewer VUs, more shards or a larger runner
    ");
    insta::assert_snapshot!(shown(Exhausted { descriptors: 212, ports: 1, ..limits }), @"
    true this machine refused 213 connections: 212 for want of a file descriptor (limit 1024 open files), 1 for want of a local port (limit 28232 to one address); limit 0
      raise the hard limit of open files (`ulimit -Hn`, LimitNOFILE, a container's --ulimit nofile), or use fewer VUs or more shards
    ");
    insta::assert_snapshot!(shown(Exhausted { ports: 12, open_files: None, local_ports: None, ..limits }), @"
    true this machine refused 12 connections: 12 for want of a local port; limit 0
      keep connections alive (noConnectionReuse, noVUConnectionReuse), open fewer, widen net.ipv4.ip_local_port_range, or use more shards: each machine has its own ports
    ");
    insta::assert_snapshot!(shown(Exhausted { memory: 1, ..limits }), @"
    true this machine refused 1 connection: 1 for want of memory; limit 0
      fewer VUs, more shards or a larger runner; see net.ipv4.tcp_mem where only sockets are refused
    ");
}

#[test]
fn a_worker_that_was_left_behind_is_named() {
    let mut run = run();
    run.generator.blocked_workers = 1;
    insta::assert_snapshot!(fired(&run).join("\n"), @"1 of 2 workers did not end in time: an iteration kept its thread busy; the last second of what they measured is missing");
}

/// Both arms wait for the same stalls, so that what differs between them is not the generator's.
#[test]
fn a_pair_of_arms_bears_more_lag() {
    // The smallest median in ms, the limit of a lag in ms.
    for (median, alone, pair) in [(1.0, 2.0, 10.0), (20.0, 4.0, 20.0), (200.0, 40.0, 200.0)] {
        let run = Simulated::new(vec![SimulatedRequest { sigma: 0.001, ..SimulatedRequest::new("reserve", median) }]);
        let run = run.measure();
        let limits = GuardLimits::default();
        let near =
            |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 0.15, "{found}, not {expected}");
        near(lag_limit(&run, &limits), alone);
        near(lag_limit(&run, &limits_of_pair(&run, &limits)), pair);
    }
}
