//! Adds up what the workers report, and says how the run stands.

use std::iter;
use std::time::Duration;

use super::pulse::Pulse;
use super::worker::{Report, Vus};
use crate::measurement::{Generator, Grid, Layout, Progress, RequestTally, ScenarioTally, Slot, Tallies, Trend};

/// The run's sums.
#[derive(Debug)]
pub(super) struct Collector {
    /// Tells the control's rows, which are no part of the load.
    layout: Layout,
    /// The judged phase, as time since the start of the load.
    judged: Grid,
    /// How long the schedule is.
    schedule: Duration,
    /// The candidate, then the reference.
    arms: Vec<ArmTotal>,
    pulse: Pulse,
    workers: Vec<Worker>,
    last: Progress,
}

/// One arm's sums.
#[derive(Debug)]
struct ArmTotal {
    total: Tallies,
    /// Response times since the last progress.
    recent: Trend,
}

/// What is known of a worker.
#[derive(Clone, Debug, Default)]
struct Worker {
    at: Duration,
    cpu: Option<Duration>,
    /// By arm.
    vus: Vec<Vus>,
    /// It has reported since the last progress.
    reported: bool,
    ended: bool,
    /// Shares of its core that it used in the judged phase, one sample a report.
    cpu_by_second: Trend,
}

impl Collector {
    /// `judged` and `schedule` are in time since the start of the load, which is not the schedule's own where arms take
    /// turns.
    pub fn new(layout: &Layout, arms: usize, workers: usize, judged: Grid, schedule: Duration) -> Self {
        let arm = || ArmTotal { total: Tallies::new(layout), recent: Trend::default() };
        Collector {
            layout: layout.clone(),
            judged,
            schedule,
            arms: iter::repeat_with(arm).take(arms).collect(),
            pulse: Pulse::default(),
            workers: vec![Worker { vus: vec![Vus::default(); arms], ..Worker::default() }; workers],
            last: Progress::default(),
        }
    }

    /// Adds a report. The answer is the run's progress, when a round of reports is complete: every worker has reported, or
    /// this one for the second time because another is late.
    pub fn add(&mut self, report: &Report) -> Option<Progress> {
        let again = self.workers[report.worker].reported;
        self.pulse.lag.merge(&report.pulse.lag);
        self.pulse.stalls.merge(&report.pulse.stalls);
        for (arm, report) in self.arms.iter_mut().zip(&report.arms) {
            arm.total.merge(&report.tallies);
            for tally in [&report.tallies.judged, &report.tallies.unjudged] {
                self.layout.own_requests(&tally.requests).for_each(|request| arm.recent.merge(&request.duration));
            }
        }
        let worker = &mut self.workers[report.worker];
        let judged = |at: Duration| self.judged.slot(at) != Slot::Unjudged;
        let mut cpu_by_second = std::mem::take(&mut worker.cpu_by_second);
        if let Some(share) = cpu_share(report, worker).filter(|_| judged(worker.at) || judged(report.at)) {
            // A share is never negative nor infinite, which is all that a trend refuses.
            let _ = cpu_by_second.record_value(share);
        }
        *worker = Worker {
            at: report.at,
            cpu: report.cpu,
            vus: report.arms.iter().map(|arm| arm.vus).collect(),
            reported: true,
            ended: report.last,
            cpu_by_second,
        };
        let complete = self.workers.iter().all(|worker| worker.reported || worker.ended);
        (complete || again).then(|| self.progress())
    }

    /// Whether every worker has sent its last report.
    pub fn ended(&self) -> bool {
        self.workers.iter().all(|worker| worker.ended)
    }

    pub fn workers(&self) -> usize {
        self.workers.len()
    }

    /// The candidate's sums.
    pub fn candidate(&self) -> &Tallies {
        &self.arms[0].total
    }

    /// From the start of the load to the end of its last iteration, as far as it is known.
    pub fn elapsed(&self) -> Duration {
        self.workers.iter().map(|worker| worker.at).max().unwrap_or_default()
    }

    /// Over the workers.
    fn vus(&self, arm: usize, figure: fn(&Vus) -> u64) -> u64 {
        self.workers.iter().map(|worker| figure(&worker.vus[arm])).sum()
    }

    fn progress(&mut self) -> Progress {
        let elapsed = self.elapsed();
        let (mut vus, mut vus_max) = (0, 0);
        for arm in 0..self.arms.len() {
            let (running, allocated) = (self.vus(arm, |vus| vus.running), self.vus(arm, |vus| vus.allocated));
            if !self.ended() {
                self.record_vus(arm, elapsed, running, allocated);
            }
            (vus, vus_max) = (vus + running, vus_max + allocated);
        }
        let requests = self.of_requests(|request| request.attempts);
        let since = elapsed.saturating_sub(self.last.elapsed).as_secs_f64();
        let progress = Progress {
            elapsed,
            total: self.schedule,
            vus,
            vus_max,
            requests_per_second: if since > 0.0 { (requests - self.last.requests) as f64 / since } else { 0.0 },
            requests,
            iterations: self.of_scenarios(|scenario| scenario.iterations),
            failed: self.of_requests(|request| request.failed),
            dropped: self.of_scenarios(|scenario| scenario.dropped),
            p50: self.arms[0].recent.quantile(0.5),
            p95: self.arms[0].recent.quantile(0.95),
            reference_p50: self.arms.get(1).and_then(|arm| arm.recent.quantile(0.5)),
        };
        self.arms.iter_mut().for_each(|arm| arm.recent.clear());
        self.workers.iter_mut().for_each(|worker| worker.reported = false);
        self.last = progress.clone();
        progress
    }

    /// The gauges belong to the run, not to a worker: sums over the workers, about once a second.
    fn record_vus(&mut self, arm: usize, at: Duration, vus: u64, vus_max: u64) {
        let total = &mut self.arms[arm].total;
        let tally = match self.judged.slot(at) {
            Slot::Unjudged => &mut total.unjudged,
            Slot::Block(_) => &mut total.judged,
        };
        tally.vus.record(vus as f64);
        tally.vus_max.record(vus_max as f64);
    }

    /// Over all arms and phases.
    fn of_requests(&self, figure: fn(&RequestTally) -> u64) -> u64 {
        let phases = self.arms.iter().flat_map(|arm| [&arm.total.judged, &arm.total.unjudged]);
        phases.flat_map(|tally| self.layout.own_requests(&tally.requests)).map(figure).sum()
    }

    fn of_scenarios(&self, figure: fn(&ScenarioTally) -> u64) -> u64 {
        let phases = self.arms.iter().flat_map(|arm| [&arm.total.judged, &arm.total.unjudged]);
        phases.flat_map(|tally| self.layout.own_scenarios(&tally.scenarios)).map(figure).sum()
    }

    /// The sums and the generator's own figures.
    pub fn finish(mut self) -> Collected {
        let elapsed = self.elapsed();
        let from = self.judged.from;
        for arm in 0..self.arms.len() {
            if self.arms[arm].total.judged.vus.last.is_none() && elapsed > from {
                // The judged phase was over before the first round of reports: the most VUs that ran stand for it.
                self.record_vus(arm, from, self.vus(arm, |vus| vus.peak), self.vus(arm, |vus| vus.allocated));
            }
        }
        let busiest = self.workers.iter().filter_map(|worker| share(worker.cpu?, worker.at)).max_by(f64::total_cmp);
        let mut generator = Generator {
            workers: self.workers.len() as u32,
            busiest_worker_cpu: busiest,
            loop_lag: self.pulse.lag,
            stalls: self.pulse.stalls,
            ..Generator::default()
        };
        self.workers.iter().for_each(|worker| generator.keep_busier(&worker.cpu_by_second));
        Collected { arms: self.arms.into_iter().map(|arm| arm.total).collect(), elapsed, generator }
    }
}

/// What a run added up to.
#[derive(Debug)]
pub(super) struct Collected {
    /// The candidate's sums, then the reference's.
    pub arms: Vec<Tallies>,
    pub elapsed: Duration,
    pub generator: Generator,
}

/// The share of a core that a worker used since its last report. A last report that follows another at once says nothing.
fn cpu_share(report: &Report, before: &Worker) -> Option<f64> {
    let wall = report.at.saturating_sub(before.at);
    if wall < Duration::from_millis(100) {
        return None;
    }
    share(report.cpu?.saturating_sub(before.cpu.unwrap_or_default()), wall)
}

fn share(cpu: Duration, wall: Duration) -> Option<f64> {
    (!wall.is_zero()).then(|| cpu.as_secs_f64() / wall.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::load::worker::ArmReport;
    use crate::measurement::layout::RequestLabel;
    use crate::measurement::{HttpSample, Phases, Recorder};

    fn collector(layout: &Layout, workers: usize, schedule: Duration) -> Collector {
        Collector::new(layout, 1, workers, layout.grid, schedule)
    }

    fn layout() -> Arc<Layout> {
        let request = RequestLabel { name: "reserve".into(), optional: false, in_scenario: true, gated: false };
        Arc::new(Layout {
            requests: vec![request],
            scenarios: Vec::new(),
            checks: Vec::new(),
            groups: Vec::new(),
            custom: Vec::new(),
            submetrics: Vec::new(),
            control: None,
            grid: Grid::new(Duration::ZERO, Duration::from_secs(10)),
        })
    }

    /// A worker's report with so many requests of so many milliseconds.
    fn report(worker: usize, at: f64, requests: u64, ms: u64, running: u64) -> Report {
        let layout = layout();
        let mut recorder = Recorder::new(layout.clone());
        let phases = Phases { waiting: Duration::from_millis(ms), ..Phases::default() };
        let sample = HttpSample {
            phases,
            status: Some(200),
            error: None,
            expected: true,
            sent: 0,
            received: 0,
            limit: Duration::ZERO,
            schedule_lag: None,
        };
        let at = Duration::from_secs_f64(at);
        (0..requests).for_each(|_| recorder.http(layout.grid.slot(at), 0, &sample, []));
        Report {
            worker,
            at,
            arms: vec![ArmReport {
                tallies: recorder.swap(Tallies::new(&layout)),
                vus: Vus { running, peak: running, allocated: 4 },
            }],
            pulse: Pulse::default(),
            cpu: Some(at / 2),
            last: false,
        }
    }

    #[test]
    fn progress_covers_all_workers_and_the_time_since_the_last() {
        let mut collector = collector(&layout(), 2, Duration::from_secs(10));
        assert!(collector.add(&report(0, 1.0, 10, 100, 3)).is_none(), "the other worker has not reported");
        let first = collector.add(&report(1, 1.0, 10, 100, 2)).unwrap();
        assert_eq!((first.requests, first.requests_per_second, first.vus, first.vus_max), (20, 20.0, 5, 8));
        assert!(collector.add(&report(1, 3.0, 60, 1, 2)).is_none());
        let second = collector.add(&report(0, 3.0, 40, 1, 2)).unwrap();
        assert_eq!((second.requests, second.requests_per_second), (120, 50.0));
        assert!(second.p95.unwrap() < 2.0, "the first round's times are forgotten");
        let collected = collector.finish();
        assert_eq!(collected.arms[0].judged.requests[0].attempts, 120);
        let vus = collected.arms[0].judged.vus;
        assert_eq!((vus.last, vus.min, vus.max), (Some(4.0), Some(4.0), Some(5.0)));
        assert_eq!(collected.generator.busiest_worker_cpu, Some(0.5));
        let seconds = &collected.generator.cpu_by_second;
        assert_eq!((seconds.count(), seconds.max()), (2, Some(0.5)), "one worker's");
    }

    #[test]
    fn a_late_worker_delays_progress_by_one_round_at_most() {
        let mut collector = collector(&layout(), 2, Duration::from_secs(10));
        assert!(collector.add(&report(0, 1.0, 1, 1, 1)).is_none());
        assert_eq!(collector.add(&report(0, 2.0, 1, 1, 1)).unwrap().requests, 2);
        assert!(collector.add(&report(1, 2.5, 1, 1, 1)).is_none());
        collector.add(&Report { last: true, ..report(1, 2.7, 0, 0, 0) });
        assert_eq!(collector.add(&report(0, 3.0, 1, 1, 1)).unwrap().requests, 4);
    }

    #[test]
    fn a_run_of_less_than_a_second_has_its_vus_too() {
        let mut short = Layout::clone(&layout());
        short.grid = Grid::new(Duration::ZERO, Duration::from_millis(200));
        let mut collector = collector(&short, 1, Duration::from_millis(200));
        let mut last = report(0, 0.2, 0, 0, 0);
        (last.arms[0].vus.peak, last.last) = (3, true);
        collector.add(&last);
        assert_eq!(collector.finish().arms[0].judged.vus.last, Some(3.0));
    }
}
