//! Processes that are started, watched and never left behind.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

use super::cores::{Cores, Place};

/// How often a running process is looked at. Seldom, for looking takes time from the server's core.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What a process used and wrote.
#[derive(Debug)]
pub struct Finished {
    /// None where a signal ended it.
    pub code: Option<i32>,
    /// Just before it was started.
    pub started: Instant,
    /// User and system time of the process and all its threads.
    pub cpu: Duration,
    /// The most memory that it had resident at once, in bytes.
    pub peak_memory: u64,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a program to its end on its core, with an environment of `PATH` and `HOME` alone and what the command sets.
///
/// # Errors
/// It can't be started, or runs longer than `limit`: then it is killed.
pub fn run(command: &mut Command, cores: &Cores, place: Place, limit: Duration, folder: &Path) -> Result<Finished> {
    run_unless(command, cores, place, limit, folder, &|| false)
}

/// Does so unless it is told to stop, which it asks every few milliseconds: then the program is told to end.
///
/// # Errors
/// It can't be started, was told to end, or runs longer than `limit`: then it is killed.
pub fn run_unless(
    command: &mut Command,
    cores: &Cores,
    place: Place,
    limit: Duration,
    folder: &Path,
    stopped: &dyn Fn() -> bool,
) -> Result<Finished> {
    let name = command.get_program().to_string_lossy().into_owned();
    let (out, errors) = (folder.join("stdout"), folder.join("stderr"));
    command.stdin(std::process::Stdio::null()).stdout(File::create(&out)?).stderr(File::create(&errors)?);
    let started = Instant::now();
    let mut child = spawn(command, cores, place, Signal::KILL)?;
    let (status, usage) = loop {
        if let Some(ended) = wait4(&child).with_context(|| format!("waiting for {name}"))? {
            break ended;
        }
        if stopped() {
            drop(Background(child));
            bail!("{name} was told to end");
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("{name} was still running after {limit:?} and was killed: {}", last_line(&errors));
        }
        thread::sleep(LOOK_EVERY);
    };
    let read = |path: &PathBuf| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Finished {
        code: libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status)),
        started,
        cpu: time(usage.ru_utime) + time(usage.ru_stime),
        // Linux counts in kB.
        peak_memory: usage.ru_maxrss.unsigned_abs() * 1024,
        stdout: read(&out)?,
        stderr: read(&errors)?,
    })
}

impl Finished {
    /// Where the program ended otherwise than with one of these codes, what it said last.
    ///
    /// # Errors
    /// That it did.
    pub fn expect(self, name: &str, codes: &[i32]) -> Result<Finished> {
        if self.code.is_some_and(|code| codes.contains(&code)) {
            return Ok(self);
        }
        let said = [&self.stderr, &self.stdout].into_iter().find_map(|text| text.trim().lines().last());
        let code = self.code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        bail!("{name} ended with {code}: {}", said.unwrap_or("it said nothing"))
    }
}

/// A server that runs beside the bench; ended with it, and told to end when this is dropped.
#[derive(Debug)]
pub struct Background(Child);

impl Background {
    /// # Errors
    /// It can't be started.
    pub fn start(command: &mut Command, cores: &Cores, place: Place) -> Result<Background> {
        Ok(Background(spawn(command, cores, place, Signal::TERM)?))
    }

    /// What it says on standard output, where the command pipes that; once.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.0.stdout.take()
    }

    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if self.has_ended() {
            return;
        }
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
        let patience = Instant::now() + Duration::from_secs(5);
        while Instant::now() < patience && !self.has_ended() {
            thread::sleep(LOOK_EVERY);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program on its core. If this process dies, however it does, the program gets `parting`.
fn spawn(command: &mut Command, cores: &Cores, place: Place, parting: Signal) -> Result<Child> {
    let name = command.get_program().to_string_lossy().into_owned();
    let set: Vec<_> = command.get_envs().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect();
    let kept = ["PATH", "HOME"].into_iter().filter_map(|key| Some((key.into(), std::env::var_os(key)?)));
    let environment: Vec<_> = kept.chain(set).collect();
    command.env_clear().envs(environment);
    // SAFETY: between fork and exec only a single system call is made, which takes no lock and allocates nothing.
    unsafe {
        command.pre_exec(move || Ok(set_parent_process_death_signal(Some(parting))?));
    }
    cores.at(place, || command.spawn())?.with_context(|| format!("{name} can't be started"))
}

/// The raw status and the usage of a process that has ended; none while it runs.
fn wait4(child: &Child) -> io::Result<Option<(i32, libc::rusage)>> {
    let mut status = 0;
    // SAFETY: `rusage` is plain numbers, for which zeros are valid; both pointers are to live variables of their types.
    let (waited, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(child.id().cast_signed(), &mut status, libc::WNOHANG, &mut usage), usage)
    };
    match waited {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        _ => Ok(Some((status, usage))),
    }
}

fn time(value: libc::timeval) -> Duration {
    Duration::from_secs(value.tv_sec.unsigned_abs()) + Duration::from_micros(value.tv_usec.unsigned_abs())
}

fn last_line(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.trim().lines().last().unwrap_or("it said nothing").to_owned()
}

/// The user and system time that a running process has used.
///
/// # Errors
/// There is none of this number.
pub fn cpu_of(pid: u32) -> Result<Duration> {
    let fields = stat_of(pid).with_context(|| format!("process {pid} has ended"))?;
    let ticks: u64 = fields[11..13].iter().map(|field| field.parse().unwrap_or(0)).sum();
    Ok(Duration::from_secs(1) * u32::try_from(ticks)? / u32::try_from(rustix::param::clock_ticks_per_second())?)
}

/// The processes that a process has started.
pub fn children_of(parent: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| stat_of(*pid).is_some_and(|fields| fields[1].parse() == Ok(parent))).collect()
}

/// The fields of `/proc/PID/stat` after the name, which may hold spaces: the state, the parent's number, …
fn stat_of(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<String> = stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect();
    (fields.len() > 13).then_some(fields)
}

/// Where a program is on the `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    let beside = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(beside).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Raises the soft limit of open files to the hard one, for this process and those that it starts.
pub fn raise_open_files() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let open = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    open.unwrap_or(u64::MAX)
}
