//! What a run shows while it goes on: a bar on a terminal, a plain line every ten seconds elsewhere.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::measurement::Progress;
use crate::number;

/// A log gets a line this often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows a run's live figures.
pub struct ProgressReport<W> {
    mode: Mode<W>,
}

enum Mode<W> {
    Bar(ProgressBar),
    Lines { out: W, next: Duration },
}

impl<W: Write> ProgressReport<W> {
    /// A bar on standard error, for a terminal.
    pub fn bar() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        // A template that can't be read would show the bar in its default form.
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        ProgressReport { mode: Mode::Bar(bar) }
    }

    /// Plain lines, for a log.
    pub fn lines(out: W) -> Self {
        ProgressReport { mode: Mode::Lines { out, next: LINE_EVERY } }
    }

    /// Shows the figures: at once on a bar, as a line when ten more seconds of the run have passed.
    ///
    /// # Errors
    /// The writer's.
    pub fn show(&mut self, progress: &Progress) -> io::Result<()> {
        match &mut self.mode {
            Mode::Bar(bar) => {
                bar.set_length(progress.total.as_millis() as u64);
                bar.set_position(progress.elapsed.min(progress.total).as_millis() as u64);
                bar.set_message(line(progress));
                Ok(())
            }
            Mode::Lines { next, .. } if progress.elapsed < *next => Ok(()),
            Mode::Lines { out, next } => {
                while *next <= progress.elapsed {
                    *next += LINE_EVERY;
                }
                writeln!(out, "{}", line(progress))?;
                out.flush()
            }
        }
    }

    /// Removes the bar, so that the summary begins on a clean line.
    pub fn finish(self) {
        if let Mode::Bar(bar) = self.mode {
            bar.finish_and_clear();
        }
    }
}

/// The live figures on one line.
pub fn line(progress: &Progress) -> String {
    let seconds = |time: Duration| number::duration(time.as_secs() as f64 * 1e3);
    let p95 = progress.p95.map_or_else(|| number::NONE.to_owned(), number::duration);
    let failed = match progress.failed {
        0 => "no errors".to_owned(),
        failed => format!("{failed} failed ({})", number::percent(failed as f64 / progress.requests.max(1) as f64)),
    };
    let dropped = if progress.dropped > 0 { format!(", {} dropped", progress.dropped) } else { String::new() };
    // Iterations may go on after the schedule's end, until their gracefulStop is over.
    let left = match progress.total.checked_sub(progress.elapsed) {
        Some(left) if !left.is_zero() => format!("{} left", seconds(left)),
        _ => "finishing".to_owned(),
    };
    format!(
        "{}/{}, {}/{} VUs, {:.0} req/s, p95 {p95}, {failed}{dropped}, {left}",
        seconds(progress.elapsed),
        seconds(progress.total),
        progress.vus,
        progress.vus_max,
        progress.requests_per_second
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Progress {
        Progress {
            elapsed: Duration::from_secs(seconds),
            total: Duration::from_secs(60),
            vus: 20,
            vus_max: 20,
            requests_per_second: 1849.08,
            requests: 55_000,
            iterations: 18_000,
            failed: 0,
            dropped: 0,
            p50: None,
            p95: Some(12.34),
            reference_p50: None,
        }
    }

    #[test]
    fn a_line_says_how_the_run_fares() {
        insta::assert_snapshot!(line(&at(30)), @"30s/1m0s, 20/20 VUs, 1849 req/s, p95 12.34ms, no errors, 30s left");
        let troubled = Progress { failed: 135, dropped: 7, ..at(30) };
        insta::assert_snapshot!(line(&troubled), @"30s/1m0s, 20/20 VUs, 1849 req/s, p95 12.34ms, 135 failed (0.24%), 7 dropped, 30s left");
        let late = Progress { p95: None, requests_per_second: 0.0, ..at(61) };
        insta::assert_snapshot!(line(&late), @"1m1s/1m0s, 20/20 VUs, 0 req/s, p95 –, no errors, finishing");
    }

    #[test]
    fn a_log_gets_a_line_every_ten_seconds_of_the_run() {
        let mut out = Vec::new();
        let mut report = ProgressReport::lines(&mut out);
        for second in [1, 5, 9, 10, 11, 19, 35, 36, 40] {
            report.show(&at(second)).unwrap();
        }
        report.finish();
        let text = String::from_utf8(out).unwrap();
        let times: Vec<_> = text.lines().filter_map(|line| line.split('/').next()).collect();
        assert_eq!(times, ["10s", "35s", "40s"]);
    }

    #[test]
    fn a_bar_takes_every_progress() {
        let mut report = ProgressReport::<io::Sink>::bar();
        for second in [0, 30, 60, 61] {
            report.show(&at(second)).unwrap();
        }
        let Mode::Bar(bar) = &report.mode else { panic!("no bar") };
        assert_eq!((bar.position(), bar.length()), (60_000, Some(60_000)));
        assert_eq!(bar.message(), line(&at(61)));
        report.finish();
    }
}
