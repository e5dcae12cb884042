//! Guards on the load generator itself: a machine that could not keep up has measured itself, not the target.

use std::time::Duration;

use crate::gate::statistics::Share;
use crate::gate::{Guard, GuardKind};
use crate::measurement::{Exhausted, Generator, Measurement, ShardPart, Trend};
use crate::metric::Unit;
use crate::number::{beside_limit, counted, duration, percent, percent_limit};
use crate::plan::policy::GuardLimits;

/// A worker may be busier than its limit in this share of the seconds.
pub const MOST_BUSY_SECONDS: f64 = 0.05;
/// Lag of less than this share of the smallest median of a gated request is never too much.
pub const LAG_SHARE: f64 = 0.20;
/// In a paired run, lag of less than this is never too much: both arms share it.
const MOST_SHARED_LAG: Duration = Duration::from_millis(10);
/// The generator may be late in this share of the time: beyond it, a p99 is its own.
pub const MOST_LATE: f64 = 0.01;
/// Where it was late in more than this share of the time, a p95 is its own too, and it doesn't matter any more whether that
/// was a habit or an accident.
pub const MOST_LATE_BY_ACCIDENT: f64 = 0.05;

/// Fewer late samples than this say nothing.
const FEWEST_LATE: f64 = 5.0;
/// The chance to call an accident a habit.
const CHANCE: f64 = 0.05;

const CURE: &str = "the generator was too busy to measure: fewer VUs, more shards or a larger runner";

/// Every guard on the generator that the platform gave figures for.
pub fn examine(run: &Measurement, limits: &GuardLimits) -> Vec<Guard> {
    let mut guards = Vec::new();
    guards.extend(cpu(&run.generator, limits));
    guards.extend(loop_lag(run, limits));
    guards.extend(schedule_lags(run, limits));
    guards.push(exhausted(&run.generator.exhausted));
    guards.extend(blocked(&run.generator));
    guards
}

/// Whether the generator's own figures say that it had time to spare; unknown is no. This is what a candidate is blamed on,
/// so it is stricter than the guards: no stall is forgiven.
pub fn healthy(run: &Measurement, limits: &GuardLimits) -> bool {
    let limit = lag_limit(run, limits);
    let scenarios = run.layout.own_scenarios(&run.judged.scenarios);
    let lags = scenarios.map(|row| &row.schedule_lag).chain([&run.generator.loop_lag]);
    let lags = lags.chain(shards(run).map(|(_, shard)| &shard.loop_lag));
    run.generator.busiest_worker_cpu.is_some_and(|cpu| cpu < limits.cpu)
        && run.generator.cpu_by_second.share_above(limits.cpu).is_none_or(|share| share <= MOST_BUSY_SECONDS)
        && lags.filter_map(|lag| lag.quantile(1.0 - MOST_LATE)).all(|lag| lag <= limit)
        && run.generator.exhausted.connections() == 0
        && run.generator.blocked_workers == 0
}

fn guard(fired: bool, finding: String, cure: &str) -> Guard {
    Guard { kind: GuardKind::Generator, subject: None, fired, finding, cure: cure.into() }
}

/// A single busy second is most often the first, in which all connections are opened: whether it did harm is told by the
/// lag. A run of two seconds or less has nothing else to show.
fn cpu(generator: &Generator, limits: &GuardLimits) -> Option<Guard> {
    let cpu = generator.busiest_worker_cpu?;
    let used = format!("the busiest worker used {} of its core", percent(cpu));
    let seconds = generator.cpu_by_second.count();
    let Some(busy) = generator.cpu_by_second.share_above(limits.cpu) else {
        // A run of less than a second.
        let finding = format!("{used}; limit {}", percent_limit(limits.cpu));
        return Some(guard(cpu > limits.cpu, finding, CURE));
    };
    let alone = seconds > 2 && (busy * seconds as f64).round() < 2.0;
    let (limit, most) = (percent_limit(limits.cpu), percent_limit(MOST_BUSY_SECONDS));
    let finding = format!("{used} and over {limit} in {} of the seconds; limit {most}", percent(busy));
    Some(guard(busy > MOST_BUSY_SECONDS && !alone, finding, CURE))
}

/// How much of something came late, of so many samples.
#[derive(Clone, Copy, Debug)]
struct Lateness {
    share: f64,
    samples: u64,
    /// The wake-ups of the workers' event loops that were late, among all: what made the samples late came in so many
    /// pieces. None where that is not known, or where no wake-up was late.
    stalls: Option<Share>,
}

impl Lateness {
    /// None without samples.
    fn of(lag: &Trend, stalls: &Trend, limit: f64) -> Option<Self> {
        let share = lag.share_above(limit)?;
        let events = stalls.share_above(limit).map_or(0, |share| (share * stalls.count() as f64).round() as u64);
        let stalls = (events > 0).then(|| Share { events, trials: stalls.count() });
        Some(Lateness { share, samples: lag.count(), stalls })
    }

    /// Whether the share would be too large in the next run as well. Late samples come in stalls, so it is the number of
    /// stalls that tells how well the share is known: one stall of 30 ms makes 3 % of a second late and says nothing of the
    /// next, thirty of them in half a minute do. The bound is Clopper and Pearson's on the rate of late wake-ups.
    fn is_habit(self) -> bool {
        let certain = self.stalls.map_or(1.0, |stalls| stalls.lower_bound(CHANCE) / stalls.value());
        self.share * certain > MOST_LATE
    }

    fn is_too_much(self) -> bool {
        self.share * self.samples as f64 >= FEWEST_LATE
            && (self.share > MOST_LATE_BY_ACCIDENT || self.share > MOST_LATE && self.is_habit())
    }

    /// The limit that the share is held to.
    fn limit(self) -> String {
        if self.is_too_much() || self.share <= MOST_LATE {
            return format!("limit {}", percent_limit(MOST_LATE));
        }
        format!("limit {} where it is no habit", percent_limit(MOST_LATE_BY_ACCIDENT))
    }
}

/// The shards of a run that several processes shared.
fn shards(run: &Measurement) -> impl Iterator<Item = (u64, &ShardPart)> {
    run.shards.iter().flat_map(|shards| &shards.parts).map(|(number, part)| (*number, part))
}

/// Of a run that several processes shared, each must have been in time: among many, one that lags is a small share of the
/// time. The worst is named.
fn loop_lag(run: &Measurement, limits: &GuardLimits) -> Option<Guard> {
    let limit = lag_limit(run, limits);
    let worst = shards(run)
        .filter_map(|(number, shard)| {
            Some((number, &shard.loop_lag, Lateness::of(&shard.loop_lag, &shard.stalls, limit)?))
        })
        .filter(|(_, _, late)| late.is_too_much())
        .max_by(|(.., a), (.., b)| a.share.total_cmp(&b.share));
    if let (Some((number, loop_lag, late)), Some(shards)) = (worst, &run.shards) {
        let name = format!("the event loop of shard {number} of {}", shards.count);
        return Some(event_loop(&name, loop_lag, late, limit));
    }
    let Generator { loop_lag, stalls, .. } = &run.generator;
    let late = Lateness::of(loop_lag, stalls, limit)?;
    Some(event_loop("the generator's event loop", loop_lag, late, limit))
}

fn event_loop(name: &str, loop_lag: &Trend, late: Lateness, limit: f64) -> Guard {
    let (most, share) = (duration(limit), percent(late.share));
    let mut finding = format!("{name} was over {most} late (loop_lag) in {share} of the time");
    if let (Some(stalls), Some(longest)) = (late.stalls, loop_lag.max()) {
        finding += &format!(", in {} of up to {}", counted(stalls.events, "stall"), duration(longest));
    }
    finding += &format!("; {}", late.limit());
    guard(late.is_too_much(), finding, CURE)
}

/// How late the iterations of an arrival rate began. The same stalls make them late, if it was the event loop.
fn schedule_lags<'a>(run: &'a Measurement, limits: &GuardLimits) -> impl Iterator<Item = Guard> + use<'a> {
    let limit = lag_limit(run, limits);
    let rows = run.layout.own_scenarios(&run.judged.scenarios);
    let scenarios = run.layout.own_scenarios(&run.layout.scenarios).zip(rows).filter(|(label, _)| label.arrival_rate);
    scenarios.filter_map(move |(label, row)| {
        let late = Lateness::of(&row.schedule_lag, &run.generator.stalls, limit)?;
        let p99 = row.schedule_lag.quantile(1.0 - MOST_LATE)?;
        let finding = format!(
            "{} of the iterations began over {} late (schedule_lag, p99 {}); {}",
            percent(late.share),
            duration(limit),
            beside_limit(p99, limit, Unit::Milliseconds),
            late.limit()
        );
        let subject = Some(label.name.to_string());
        Some(Guard { subject, ..guard(late.is_too_much(), finding, CURE) })
    })
}

/// A single connection is enough: it failed, and the failure would be the target's.
fn exhausted(exhausted: &Exhausted) -> Guard {
    let Exhausted { descriptors, ports, memory, open_files, local_ports } = *exhausted;
    let refused = exhausted.connections();
    if refused == 0 {
        return guard(false, "this machine had a socket for every connection".into(), CURE);
    }
    let of = |limit: Option<u64>, noun: &str| limit.map_or(String::new(), |limit| format!(" (limit {limit} {noun})"));
    let causes = [
        (descriptors, format!("{descriptors} for want of a file descriptor{}", of(open_files, "open files"))),
        (ports, format!("{ports} for want of a local port{}", of(local_ports, "to one address"))),
        (memory, format!("{memory} for want of memory")),
    ];
    let (_, cure) = [(descriptors, DESCRIPTOR_CURE), (ports, PORT_CURE), (memory, MEMORY_CURE)]
        .into_iter()
        .max_by_key(|(count, _)| *count)
        .unwrap_or((0, CURE));
    let causes: Vec<String> = causes.into_iter().filter(|(count, _)| *count > 0).map(|(_, cause)| cause).collect();
    let finding = format!("this machine refused {}: {}; limit 0", counted(refused, "connection"), causes.join(", "));
    guard(true, finding, cure)
}

const DESCRIPTOR_CURE: &str = "raise the hard limit of open files (`ulimit -Hn`, LimitNOFILE, a container's --ulimit nofile), or use fewer VUs or more \
     shards";
const PORT_CURE: &str = "keep connections alive (noConnectionReuse, noVUConnectionReuse), open fewer, widen \
                         net.ipv4.ip_local_port_range, or use more shards: each machine has its own ports";
const MEMORY_CURE: &str =
    "fewer VUs, more shards or a larger runner; see net.ipv4.tcp_mem where only sockets are refused";

fn blocked(generator: &Generator) -> Option<Guard> {
    let blocked = generator.blocked_workers;
    (blocked > 0).then(|| {
        let finding = format!(
            "{blocked} of {} did not end in time: an iteration kept its thread busy; the last second of what they measured \
             is missing",
            counted(generator.workers.into(), "worker")
        );
        guard(true, finding, "see what the plan's expressions and templates have to work through at once")
    })
}

/// The limits of a run whose two arms share the generator: what it is late by hits both alike, so that it may be late by 10 ms,
/// or by the smallest median of a gated request, before it hides what differs.
pub fn limits_of_pair(run: &Measurement, limits: &GuardLimits) -> GuardLimits {
    let least = limits.loop_lag.max(MOST_SHARED_LAG);
    GuardLimits { loop_lag: smallest_median(run).map_or(least, |median| least.max(median)), ..*limits }
}

/// Of the gated requests.
fn smallest_median(run: &Measurement) -> Option<Duration> {
    let gated = run.layout.requests.iter().zip(&run.judged.requests).filter(|(label, _)| label.gated);
    let medians = gated.filter_map(|(_, row)| row.comparable.quantile(0.5));
    medians.reduce(f64::min).map(|median| Duration::from_secs_f64(median / 1e3))
}

/// In milliseconds.
fn lag_limit(run: &Measurement, limits: &GuardLimits) -> f64 {
    let least = limits.loop_lag.as_secs_f64() * 1e3;
    smallest_median(run).map_or(least, |median| least.max(LAG_SHARE * median.as_secs_f64() * 1e3))
}

#[cfg(test)]
mod tests;
