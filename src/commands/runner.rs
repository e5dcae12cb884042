//! A run that the runner spoilt, and not the deployment: it is measured once more before it counts as not measured.

use std::fs;
use std::path::Path;

use crate::gate::guards::generator::limits_of_pair;
use crate::gate::{GuardKind, guards};
use crate::measurement::MeasurementFile;
use crate::plan::Plan;

/// What the generator's own guards found, where nothing else stands against the run; none where another run would end the
/// same way. One that ran out of descriptors, ports or memory would.
pub fn spoilt(plan: &Plan, run: &MeasurementFile) -> Option<String> {
    let candidate = &run.candidate;
    if candidate.generator.exhausted.connections() > 0 || candidate.generator.blocked_workers > 0 {
        return None;
    }
    let limits = &plan.policy.guards;
    let limits = if run.reference.is_some() { limits_of_pair(candidate, limits) } else { *limits };
    let guards = guards::examine(candidate, &limits).guards;
    let mut fired = guards.iter().filter(|guard| guard.fired).peekable();
    let first = fired.peek()?.sentence();
    fired.all(|guard| matches!(guard.kind, GuardKind::Generator | GuardKind::Rate)).then_some(first)
}

/// Gives a measurement another name, so that its repetition does not overwrite it. In words, what became of it.
pub fn put_aside(path: &Path) -> String {
    let Some(stem) = path.file_stem().filter(|_| path.is_file()) else {
        return format!("the first is in {} no more", path.display());
    };
    let mut name = stem.to_owned();
    name.push("-first");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    let aside = path.with_file_name(name);
    match fs::rename(path, &aside) {
        Ok(()) => format!("the first is in {}", aside.display()),
        Err(error) => format!("the first can't be kept beside it: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::measurement::simulated::{Simulated, SimulatedRequest};
    use crate::measurement::{Exhausted, Measurement};
    use crate::plan::{ReadOptions, Source, read};

    use super::*;

    fn run(change: impl FnOnce(&mut Measurement)) -> MeasurementFile {
        let request = SimulatedRequest { count: 300, ..SimulatedRequest::new("reserve", 20.0) };
        let mut run = Simulated::new(vec![request]).measure();
        run.judged.scenarios[0].iterations = 300;
        change(&mut run);
        MeasurementFile::new(run)
    }

    #[test]
    fn only_what_another_run_may_cure_is_repeated() {
        let text = "version: 1\nname: t\nscenarios: { m: { executor: constant-vus, vus: 1, duration: 1s, steps: [{ get: / }] } }";
        let source = Source { text: text.into(), path: "t.yml".into() };
        let plan = read(&source, &ReadOptions::default()).unwrap_or_else(|errors| panic!("{errors}"));
        let busy = |run: &mut Measurement| run.generator.busiest_worker_cpu = Some(0.97);
        let table: [(&str, MeasurementFile, bool); 4] = [
            ("a healthy run", run(|_| {}), false),
            ("a busy generator", run(busy), true),
            (
                "one without files to open",
                run(|run| {
                    busy(run);
                    run.generator.exhausted = Exhausted { descriptors: 3, ..Exhausted::default() };
                }),
                false,
            ),
            (
                "a request that never ran, too",
                run(|run| {
                    busy(run);
                    run.judged.requests[0].attempts = 0;
                }),
                false,
            ),
        ];
        for (what, run, repeated) in table {
            assert_eq!(spoilt(&plan, &run).is_some(), repeated, "{what}");
        }
    }

    #[test]
    fn the_first_measurement_is_kept_beside_its_repetition() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        fs::write(&path, "{}").unwrap();
        assert!(put_aside(&path).ends_with("run-first.json"));
        assert!(!path.exists() && folder.path().join("run-first.json").exists());
        assert!(put_aside(&path).contains("no more"), "a pipe keeps nothing");
    }
}
