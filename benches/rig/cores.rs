//! Which processor cores the server and the generator run on.

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
    /// The first two cores that this process may use. With one alone both share it.
    ///
    /// # Errors
    /// The kernel's.
    pub fn choose() -> io::Result<Cores> {
        let allowed = sched_getaffinity(None)?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let server = cores.next().unwrap_or(0);
        Ok(Cores { server, generator: cores.next().unwrap_or(server), allowed })
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
