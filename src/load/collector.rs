//! Adds up what the workers report, and says how the run stands.

use std::sync::Arc;
use std::time::Duration;

use super::pulse::Pulse;
use super::worker::Report;
use crate::measurement::{Generator, Layout, Progress, RequestTally, ScenarioTally, Slot, Tallies, Trend};

/// The run's sums.
#[derive(Debug)]
pub(super) struct Collector {
    layout: Arc<Layout>,
    /// How long the schedule is.
    schedule: Duration,
    total: Tallies,
    pulse: Pulse,
    workers: Vec<Worker>,
    /// Response times since the last progress.
    recent: Trend,
    last: Progress,
}

/// What is known of a worker.
#[derive(Clone, Debug, Default)]
struct Worker {
    at: Duration,
    cpu: Option<Duration>,
    running: u64,
    peak: u64,
    allocated: u64,
    /// It has reported since the last progress.
    reported: bool,
    ended: bool,
    /// Shares of its core that it used in the judged phase, one sample a report.
    cpu_by_second: Trend,
}

impl Collector {
    pub fn new(layout: Arc<Layout>, workers: usize, schedule: Duration) -> Self {
        Collector {
            total: Tallies::new(&layout),
            layout,
            schedule,
            pulse: Pulse::default(),
            workers: vec![Worker::default(); workers],
            recent: Trend::default(),
            last: Progress::default(),
        }
    }

    /// Adds a report. The answer is the run's progress, when a round of reports is complete: every worker has reported, or
    /// this one for the second time because another is late.
    pub fn add(&mut self, report: &Report) -> Option<Progress> {
        let again = self.workers[report.worker].reported;
        self.total.merge(&report.tallies);
        self.pulse.lag.merge(&report.pulse.lag);
        self.pulse.stalls.merge(&report.pulse.stalls);
        for tally in [&report.tallies.judged, &report.tallies.unjudged] {
            self.layout.own_requests(&tally.requests).for_each(|request| self.recent.merge(&request.duration));
        }
        let worker = &mut self.workers[report.worker];
        let judged = |at: Duration| self.layout.grid.slot(at) != Slot::Unjudged;
        let mut cpu_by_second = std::mem::take(&mut worker.cpu_by_second);
        if let Some(share) = cpu_share(report, worker).filter(|_| judged(worker.at) || judged(report.at)) {
            // A share is never negative nor infinite, which is all that a trend refuses.
            let _ = cpu_by_second.record_value(share);
        }
        *worker = Worker {
            at: report.at,
            cpu: report.cpu,
            running: report.running,
            peak: report.peak,
            allocated: report.allocated,
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

    pub fn total(&self) -> &Tallies {
        &self.total
    }

    /// From the start of the load to the end of its last iteration, as far as it is known.
    pub fn elapsed(&self) -> Duration {
        self.workers.iter().map(|worker| worker.at).max().unwrap_or_default()
    }

    fn sum(&self, figure: fn(&Worker) -> u64) -> u64 {
        self.workers.iter().map(figure).sum()
    }

    fn progress(&mut self) -> Progress {
        let elapsed = self.elapsed();
        let (vus, vus_max) = (self.sum(|worker| worker.running), self.sum(|worker| worker.allocated));
        if !self.ended() {
            self.record_vus(elapsed, vus, vus_max);
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
            p50: self.recent.quantile(0.5),
            p95: self.recent.quantile(0.95),
        };
        self.recent.clear();
        self.workers.iter_mut().for_each(|worker| worker.reported = false);
        self.last = progress.clone();
        progress
    }

    /// The gauges belong to the run, not to a worker: sums over the workers, about once a second.
    fn record_vus(&mut self, at: Duration, vus: u64, vus_max: u64) {
        let tally = match self.layout.grid.slot(at) {
            Slot::Unjudged => &mut self.total.unjudged,
            Slot::Block(_) => &mut self.total.judged,
        };
        tally.vus.record(vus as f64);
        tally.vus_max.record(vus_max as f64);
    }

    /// Over all phases; the control is no part of the load.
    fn of_requests(&self, figure: fn(&RequestTally) -> u64) -> u64 {
        let phases = [&self.total.judged, &self.total.unjudged];
        phases.iter().flat_map(|tally| self.layout.own_requests(&tally.requests)).map(figure).sum()
    }

    fn of_scenarios(&self, figure: fn(&ScenarioTally) -> u64) -> u64 {
        let phases = [&self.total.judged, &self.total.unjudged];
        phases.iter().flat_map(|tally| self.layout.own_scenarios(&tally.scenarios)).map(figure).sum()
    }

    /// The sums and the generator's own figures.
    pub fn finish(mut self) -> Collected {
        let elapsed = self.elapsed();
        let from = self.layout.grid.from;
        if self.total.judged.vus.last.is_none() && elapsed > from {
            // The judged phase was over before the first round of reports: the most VUs that ran stand for it.
            self.record_vus(from, self.sum(|worker| worker.peak), self.sum(|worker| worker.allocated));
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
        Collected { tallies: self.total, elapsed, generator }
    }
}

/// What a run added up to.
#[derive(Debug)]
pub(super) struct Collected {
    pub tallies: Tallies,
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
    use super::*;
    use crate::measurement::layout::RequestLabel;
    use crate::measurement::{Grid, HttpSample, Phases, Recorder};

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
            tallies: recorder.swap(Tallies::new(&layout)),
            pulse: Pulse::default(),
            cpu: Some(at / 2),
            running,
            peak: running,
            allocated: 4,
            last: false,
        }
    }

    #[test]
    fn progress_covers_all_workers_and_the_time_since_the_last() {
        let mut collector = Collector::new(layout(), 2, Duration::from_secs(10));
        assert!(collector.add(&report(0, 1.0, 10, 100, 3)).is_none(), "the other worker has not reported");
        let first = collector.add(&report(1, 1.0, 10, 100, 2)).unwrap();
        assert_eq!((first.requests, first.requests_per_second, first.vus, first.vus_max), (20, 20.0, 5, 8));
        assert!(collector.add(&report(1, 3.0, 60, 1, 2)).is_none());
        let second = collector.add(&report(0, 3.0, 40, 1, 2)).unwrap();
        assert_eq!((second.requests, second.requests_per_second), (120, 50.0));
        assert!(second.p95.unwrap() < 2.0, "the first round's times are forgotten");
        let collected = collector.finish();
        assert_eq!(collected.tallies.judged.requests[0].attempts, 120);
        let vus = collected.tallies.judged.vus;
        assert_eq!((vus.last, vus.min, vus.max), (Some(4.0), Some(4.0), Some(5.0)));
        assert_eq!(collected.generator.busiest_worker_cpu, Some(0.5));
        let seconds = &collected.generator.cpu_by_second;
        assert_eq!((seconds.count(), seconds.max()), (2, Some(0.5)), "one worker's");
    }

    #[test]
    fn a_late_worker_delays_progress_by_one_round_at_most() {
        let mut collector = Collector::new(layout(), 2, Duration::from_secs(10));
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
        let mut collector = Collector::new(Arc::new(short), 1, Duration::from_millis(200));
        collector.add(&Report { peak: 3, last: true, ..report(0, 0.2, 0, 0, 0) });
        assert_eq!(collector.finish().tallies.judged.vus.last, Some(3.0));
    }
}
