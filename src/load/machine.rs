//! The machine that generates the load.

use std::thread;
use std::time::Duration;

use crate::measurement::contract::Machine;

/// The soft terms of the contract: what the machine is. `env` looks up an environment variable.
pub fn machine(env: impl Fn(&str) -> Option<String>) -> Machine {
    let cpu_info = std::fs::read_to_string("/proc/cpuinfo").ok();
    Machine {
        cpu: cpu_info.as_deref().and_then(cpu_model),
        cores: thread::available_parallelism().ok().and_then(|cores| u32::try_from(cores.get()).ok()),
        image: image(env),
        region: None,
        generator: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The CPU's model from Linux's `/proc/cpuinfo`; ARM cores have none there.
fn cpu_model(cpu_info: &str) -> Option<String> {
    let mut fields = cpu_info.lines().filter_map(|line| line.split_once(':'));
    let (_, model) = fields.find(|(name, _)| name.trim() == "model name")?;
    Some(model.trim().to_owned())
}

/// GitHub's hosted runners name their image in the environment.
fn image(env: impl Fn(&str) -> Option<String>) -> Option<String> {
    let os = env("ImageOS")?;
    Some(env("ImageVersion").map_or(os.clone(), |version| format!("{os} {version}")))
}

/// CPU time that the calling thread has used; none where the platform can't tell.
#[cfg(target_os = "linux")]
pub(super) fn thread_cpu_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).ok()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn thread_cpu_time() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosted_runner_is_known_by_its_image() {
        let env = |name: &str| match name {
            "ImageOS" => Some("ubuntu24".to_owned()),
            "ImageVersion" => Some("20250105.1.0".to_owned()),
            _ => None,
        };
        assert_eq!(image(env).as_deref(), Some("ubuntu24 20250105.1.0"));
        assert_eq!(image(|name| env(name).filter(|_| name == "ImageOS")).as_deref(), Some("ubuntu24"));
        assert_eq!(image(|_| None), None);
        assert_eq!(machine(env).generator, env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn the_cpu_is_known_by_its_model() {
        let info = "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Some CPU @ 2.80GHz\nprocessor\t: 1\n";
        assert_eq!(cpu_model(info).as_deref(), Some("Some CPU @ 2.80GHz"));
        assert_eq!(cpu_model("processor\t: 0\nCPU part\t: 0xd0c\n"), None);
    }
}
