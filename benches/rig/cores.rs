//! Which processor cores the server and the generator run on.

use std::fs;
use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The two cores that a bench keeps apart.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    pub server: usize,
    pub generator: usize,
    /// All that this process may use.
    allowed: CpuSet,
}

/// Where a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Server,
    Generator,
    /// On every core that this process may use.
    Anywhere,
}

impl Cores {
    /// The first core that this process may use, and the first of the others that is no second thread of the same core.
    /// With one alone both share it.
    ///
    /// # Errors
    /// The kernel's.
    pub fn choose() -> io::Result<Cores> {
        let allowed = sched_getaffinity(None)?;
        let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
        let server = cores.first().copied().unwrap_or(0);
        let siblings = siblings(server);
        let apart = cores.iter().find(|core| !siblings.contains(core));
        let generator = apart.or(cores.get(1)).copied().unwrap_or(server);
        Ok(Cores { server, generator, allowed })
    }

    /// Whether server and generator take each other's time: then no ratio means anything.
    pub fn shared(&self) -> bool {
        self.server == self.generator
    }

    /// Pins this thread for good.
    ///
    /// # Errors
    /// The kernel's.
    pub fn pin(&self, place: Place) -> io::Result<()> {
        Ok(sched_setaffinity(None, &self.set(place))?)
    }

    /// Does something with this thread pinned: the processes and threads that it starts stay there.
    ///
    /// # Errors
    /// The kernel's.
    pub fn at<T>(&self, place: Place, act: impl FnOnce() -> T) -> io::Result<T> {
        let before = sched_getaffinity(None)?;
        self.pin(place)?;
        let done = act();
        sched_setaffinity(None, &before)?;
        Ok(done)
    }

    fn set(&self, place: Place) -> CpuSet {
        let mut one = CpuSet::new();
        match place {
            Place::Server => one.set(self.server),
            Place::Generator => one.set(self.generator),
            Place::Anywhere => return self.allowed,
        }
        one
    }
}

/// The threads of one core, as the kernel lists them: `0-1` or `0,4`. Itself alone where it doesn't.
fn siblings(core: usize) -> Vec<usize> {
    let path = format!("/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list");
    let list = fs::read_to_string(path).unwrap_or_default();
    let mut siblings = vec![core];
    for range in list.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        if let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse::<usize>()) {
            siblings.extend(first..=last);
        }
    }
    siblings
}
