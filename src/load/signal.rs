//! Ending a run before its schedule does: by a signal, by a threshold, by an error.

use std::io;
use std::sync::Arc;
use std::thread;

use tokio::sync::watch;

/// Why a run ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// By a signal, or by the caller.
    Interrupted,
    /// By a threshold with `abortOnFail`.
    Aborted { threshold: String },
    /// A worker could not go on.
    Failed,
}

/// Ends a run from anywhere. Clones end the same run; only the first cause counts.
#[derive(Clone, Debug)]
pub struct Stop {
    own: Arc<watch::Sender<Told>>,
    /// Of the whole that this is a part of; it ends with it.
    whole: Option<Arc<watch::Sender<Told>>>,
}

/// What a run has been told.
#[derive(Debug, Default)]
struct Told {
    /// What ended the load.
    cause: Option<Cause>,
    /// A signal came, even if something else had ended the load before.
    interrupted: bool,
}

impl Stop {
    pub fn new() -> Self {
        Stop { own: Arc::default(), whole: None }
    }

    /// A stop of a part of the run: it ends with the run, and may end before it.
    pub fn of_part(&self) -> Self {
        Stop { own: Arc::default(), whole: Some(self.own.clone()) }
    }

    /// Cuts off all iterations, and a teardown; what was measured is kept.
    pub fn interrupt(&self) {
        self.own.send_modify(|told| {
            told.interrupted = true;
            told.cause.get_or_insert(Cause::Interrupted);
        });
    }

    /// Why the load was told to end, if it was.
    pub fn cause(&self) -> Option<Cause> {
        let whole = self.whole.as_ref().and_then(|whole| whole.borrow().cause.clone());
        whole.or_else(|| self.own.borrow().cause.clone())
    }

    /// Whether a signal came, before or after the end of the load.
    pub fn is_interrupted(&self) -> bool {
        self.senders().any(|sender| sender.borrow().interrupted)
    }

    /// Blocks until the run is told to end; call it outside of a runtime.
    pub fn wait(&self) {
        while self.cause().is_none() {
            thread::park_timeout(POLL);
        }
    }

    pub(super) fn stop(&self, cause: Cause) {
        self.own.send_modify(|told| {
            told.cause.get_or_insert(cause);
        });
    }

    /// Waits until the load is told to end.
    pub(super) async fn requested(&self) {
        self.told(|told| told.cause.is_some()).await;
    }

    /// Waits for a signal, even if something else has ended the load.
    pub(super) async fn interrupted(&self) {
        self.told(|told| told.interrupted).await;
    }

    fn senders(&self) -> impl Iterator<Item = &Arc<watch::Sender<Told>>> {
        self.whole.iter().chain([&self.own])
    }

    async fn told(&self, what: fn(&Told) -> bool) {
        // The senders live as long as `self`, so that waiting can't fail.
        let told = async |sender: &watch::Sender<Told>| {
            let _ = sender.subscribe().wait_for(what).await;
        };
        match &self.whole {
            None => told(&self.own).await,
            Some(whole) => tokio::select! {
                () = told(&self.own) => {}
                () = told(whole) => {}
            },
        }
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

/// How often a thread that only waits looks again.
const POLL: std::time::Duration = std::time::Duration::from_millis(50);

/// The exit status of a process that a signal ended.
const INTERRUPTED: i32 = 130;

/// Ties the run to SIGINT and SIGTERM (what a cancelled CI job gets): the first one interrupts it, the second one ends the
/// process at once with 130.
///
/// # Errors
/// The handlers or their thread could not be set up.
pub fn install(stop: Stop) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut signals = runtime.block_on(async { Signals::new() })?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        runtime.block_on(async {
            signals.next().await;
            stop.interrupt();
            signals.next().await;
            std::process::exit(INTERRUPTED);
        });
    })?;
    Ok(())
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Set in the process that waits for signals.
    #[cfg(target_os = "linux")]
    const CHILD: &str = "LOADGATE_TEST_WAITS_FOR_SIGNALS";

    #[tokio::test]
    async fn only_the_first_cause_counts() {
        let stop = Stop::new();
        assert_eq!(stop.cause(), None);
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.requested().await }
        });
        stop.stop(Cause::Aborted { threshold: "checks: rate>0.9".into() });
        stop.interrupt();
        waiting.await.unwrap();
        assert_eq!(stop.cause(), Some(Cause::Aborted { threshold: "checks: rate>0.9".into() }));
        stop.requested().await;
        assert!(stop.is_interrupted(), "a signal after the end of the load ends the teardown");
        stop.interrupted().await;
    }

    #[tokio::test]
    async fn a_part_ends_with_the_whole_or_alone() {
        let whole = Stop::new();
        let part = whole.of_part();
        part.interrupt();
        part.requested().await;
        assert_eq!((part.cause(), whole.cause()), (Some(Cause::Interrupted), None));
        let part = whole.of_part();
        whole.interrupt();
        part.requested().await;
        assert_eq!(part.cause(), Some(Cause::Interrupted));
    }

    /// Not a test of its own: the process that [`a_signal_interrupts_and_a_second_one_ends_the_process`] sends signals to.
    #[cfg(target_os = "linux")]
    #[test]
    #[ignore = "run by another test in a process of its own"]
    fn wait_for_signals() {
        if std::env::var_os(CHILD).is_none() {
            return;
        }
        let stop = Stop::new();
        install(stop.clone()).unwrap();
        eprintln!("ready");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(stop.requested());
        eprintln!("{:?}", stop.cause());
        thread::sleep(std::time::Duration::from_secs(60));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_signal_interrupts_and_a_second_one_ends_the_process() {
        use std::io::{BufRead, BufReader};
        use std::process::{Command, Stdio};

        use rustix::process::{Pid, Signal, kill_process};

        let this = std::env::current_exe().unwrap();
        let mut child = Command::new(this)
            .args(["--exact", "load::signal::tests::wait_for_signals", "--ignored", "--nocapture"])
            .env(CHILD, "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let pid = Pid::from_child(&child);
        assert!(lines.any(|line| line == "ready"));
        kill_process(pid, Signal::TERM).unwrap();
        assert_eq!(lines.next().as_deref(), Some("Some(Interrupted)"));
        kill_process(pid, Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }
}
