//! What this machine gives a process: files, ports, memory, cores.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use crate::measurement::Exhausted;

/// Limits that a load can run into. None where the platform can't tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Files that the process may open: the hard limit, which it raises its own to.
    pub open_files: Option<u64>,
    /// Local ports for connections to one address of the target.
    pub local_ports: Option<u64>,
    /// Whether a port that waits in TIME_WAIT can be taken again after a second (`net.ipv4.tcp_tw_reuse` = 1). Loopback
    /// connections can where it is 2, Linux's default.
    pub reuses_ports: bool,
    pub reuses_loopback_ports: bool,
    /// Bytes that the process may still take: what the machine has free, swap included, or what is left of its cgroup.
    pub memory: Option<u64>,
    pub cores: Option<u64>,
}

impl Limits {
    /// Of this process on this machine, now.
    pub fn read() -> Self {
        let reuse = setting("net/ipv4/tcp_tw_reuse").and_then(|text| text.trim().parse::<u8>().ok());
        Limits {
            open_files: open_files(),
            local_ports: setting("net/ipv4/ip_local_port_range").and_then(|text| port_count(&text)),
            reuses_ports: reuse == Some(1),
            reuses_loopback_ports: matches!(reuse, Some(1 | 2)),
            memory: memory(),
            cores: thread::available_parallelism().ok().map(|cores| cores.get() as u64),
        }
    }
}

/// The count of refused connections beside the limits that refused them.
pub(super) fn beside_limits(refused: Exhausted) -> Exhausted {
    let Limits { open_files, local_ports, .. } = Limits::read();
    Exhausted { open_files, local_ports, ..refused }
}

/// Raises the limit of open files to what the system allows: every connection is one. It stays as it is where it can't be
/// raised.
#[cfg(target_os = "linux")]
pub(super) fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn raise_open_files() {}

/// None where there is no limit.
#[cfg(target_os = "linux")]
fn open_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum
}

#[cfg(not(target_os = "linux"))]
fn open_files() -> Option<u64> {
    None
}

fn setting(name: &str) -> Option<String> {
    fs::read_to_string(Path::new("/proc/sys").join(name)).ok()
}

/// From `32768\t60999`: both ends are ports.
fn port_count(range: &str) -> Option<u64> {
    let mut ends = range.split_whitespace().map(|end| end.parse::<u64>().ok());
    let (first, last) = (ends.next()??, ends.next()??);
    (last + 1).checked_sub(first)
}

fn memory() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().as_deref().and_then(available);
    let groups = fs::read_to_string("/proc/self/cgroup").ok();
    let group = groups.as_deref().and_then(unified_group).and_then(|group| left_in_group(&group, Path::new(CGROUPS)));
    machine.into_iter().chain(group).min()
}

/// Free memory with what the kernel would give up for it, and free swap, from Linux's `/proc/meminfo`.
fn available(meminfo: &str) -> Option<u64> {
    let field = |name: &str| {
        let value = meminfo.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        value.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    };
    Some(field("MemAvailable")? + field("SwapFree").unwrap_or(0))
}

const CGROUPS: &str = "/sys/fs/cgroup";

/// The process's group in version 2 of cgroups, from `/proc/self/cgroup`: `0::/system.slice/x.service`.
fn unified_group(groups: &str) -> Option<PathBuf> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Some(Path::new(CGROUPS).join(path))
}

/// What the group, or any group around it, has left of its memory. Cached files don't count as used: they are given up
/// first.
fn left_in_group(group: &Path, top: &Path) -> Option<u64> {
    let left = |group: &Path| {
        let number = |file: &str| fs::read_to_string(group.join(file)).ok()?.trim().parse::<u64>().ok();
        // `max` is no number: no limit.
        let (limit, used) = (number("memory.max")?, number("memory.current")?);
        let files = fs::read_to_string(group.join("memory.stat")).ok().and_then(|stat| {
            stat.lines().find_map(|line| line.strip_prefix("inactive_file "))?.trim().parse::<u64>().ok()
        });
        Some(limit.saturating_sub(used.saturating_sub(files.unwrap_or(0))))
    };
    group.ancestors().take_while(|group| group.starts_with(top)).filter_map(left).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn the_limit_of_open_files_is_raised_to_the_hard_one() {
        raise_open_files();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert_eq!(Limits::read().open_files, limit.maximum);
    }

    #[test]
    fn a_range_of_ports_holds_both_its_ends() {
        assert_eq!(port_count("32768\t60999\n"), Some(28_232));
        assert_eq!(port_count("5 4"), Some(0));
        for text in ["", "1", "a b", "9 3"] {
            assert_eq!(port_count(text), None, "{text}");
        }
    }

    #[test]
    fn memory_is_what_is_available_with_swap() {
        let text = "MemTotal:       24576000 kB\nMemAvailable:   1000 kB\nSwapFree:            24 kB\n";
        assert_eq!(available(text), Some(1024 * 1024));
        assert_eq!(available("MemAvailable:   1000 kB\n"), Some(1_024_000));
        assert_eq!(available("MemTotal: 5 kB\n"), None);
    }

    #[test]
    fn the_tightest_group_around_the_process_limits_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("job/memory.max", "1000\n");
        write("job/memory.current", "700\n");
        write("job/memory.stat", "anon 500\ninactive_file 200\nactive_file 9\n");
        write("job/step/memory.max", "max\n");
        write("job/step/memory.current", "600\n");
        assert_eq!(left_in_group(&folder.path().join("job/step"), folder.path()), Some(500));
        write("job/step/memory.max", "640\n");
        assert_eq!(left_in_group(&folder.path().join("job/step"), folder.path()), Some(40));
        assert_eq!(left_in_group(&folder.path().join("other"), folder.path()), None);
        assert_eq!(unified_group("1:name=x:/y\n0::/a/b\n"), Some(PathBuf::from("/sys/fs/cgroup/a/b")));
        assert_eq!(unified_group("0::/\n"), Some(PathBuf::from("/sys/fs/cgroup/")));
        assert_eq!(unified_group("3:memory:/docker/1\n"), None);
    }
}
