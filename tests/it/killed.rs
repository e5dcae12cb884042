//! A baseline's folder beside processes that are killed while they write, and beside each other.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use loadgate::baseline::Store;
use loadgate::measurement::{BaselineStatus, Measurement, MeasurementFile};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::gate::{Ended, Folder};
use crate::servers::{Server, answer};

const PLAN: &str = "\
version: 1
name: shop
scenarios:
  browse: { executor: per-vu-iterations, vus: 5, iterations: 10, steps: [{ get: /products, name: products }] }
";

/// Where a child of this test finds the folder that it writes to.
const FOLDER: &str = "LOADGATE_TEST_BASELINES";

const SEED: u64 = 4;

/// A folder with one shard, which is a whole run.
fn measured() -> Folder {
    let folder = Folder::with_plan(PLAN);
    let server = Server::start(|_, _, stream| answer(stream, 200, "application/json", "{}"));
    let start = (Timestamp::now() + SignedDuration::from_millis(1000)).to_string();
    let ended = folder.measure(&server.url(), &["--shard", "1/1", "--start-at", &start, "--out", "shard.json"]);
    assert!(folder.path("shard.json").exists(), "{}", ended.all());
    folder
}

fn run_of(folder: &Path) -> Measurement {
    MeasurementFile::read(&folder.join("shard.json")).expect("a shard").candidate
}

/// No test, but what a child of the test below does: it adds runs until it is killed, and says each file once it is there.
#[test]
#[ignore = "a part of another test"]
fn append_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let mut run = run_of(&folder);
    let store = Store::open(&folder.join("baselines"), "shop");
    for _ in 0..100_000 {
        run.started_at += SignedDuration::from_secs(1);
        let path = store.append(&run, BaselineStatus::Pass, "pass").expect("a stored run");
        println!("\nstored {}", path.display());
    }
}

fn appending(folder: &Folder) -> Child {
    let itself = std::env::current_exe().expect("this test has a binary");
    let mut command = Command::new(itself);
    command.args(["--exact", "killed::append_until_killed", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder.path(""));
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the test's binary starts")
}

/// Kills a child so long after its first run, and returns the runs that it said it had stored.
fn kill_after(mut child: Child, delay: Duration) -> Vec<PathBuf> {
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let stored = |line: &str| line.strip_prefix("stored ").map(PathBuf::from);
    let mut said: Vec<PathBuf> =
        lines.by_ref().map_while(Result::ok).find_map(|line| stored(&line)).into_iter().collect();
    thread::sleep(delay);
    // SIGKILL, on Unix.
    child.kill().expect("the child is killed");
    child.wait().expect("the child ends");
    said.extend(lines.map_while(Result::ok).filter_map(|line| stored(&line)));
    said
}

#[test]
fn a_refresh_that_is_killed_at_any_point_leaves_whole_runs() {
    let folder = measured();
    let mut random = StdRng::seed_from_u64(SEED);
    let store = Store::open(&folder.path("baselines"), "shop");
    let mut all = BTreeSet::new();
    for round in 0..24 {
        let said = kill_after(appending(&folder), Duration::from_micros(random.random_range(0..12_000)));
        assert!(!said.is_empty(), "round {round}: the child has stored nothing");
        all.extend(said);
        let runs = store.runs().expect("the folder is read");
        assert_eq!(runs.skipped, [], "round {round}");
        let there: BTreeSet<PathBuf> = runs.entries.iter().map(|entry| entry.path.clone()).collect();
        // The run that was being stored may be there, or not.
        assert!(all.is_subset(&there), "round {round}: lost {:?}", all.difference(&there));
        let unsaid = there.difference(&all).count();
        assert!(unsaid <= round + 1, "round {round}: {unsaid} runs that nobody stored");
    }
    // What was left half written is no run, and goes with a later refresh.
    let leftovers = leftovers(&store);
    assert!(!leftovers.is_empty(), "no kill came while a file was written: this test shows nothing");
    for file in &leftovers {
        let old = SystemTime::now() - Duration::from_secs(2 * 3600);
        fs::File::options().write(true).open(file).and_then(|file| file.set_modified(old)).expect("an older file");
    }
    store.append(&run_of(&folder.path("")), BaselineStatus::Pass, "pass").expect("a stored run");
    assert!(self::leftovers(&store).is_empty());
}

fn leftovers(store: &Store) -> Vec<PathBuf> {
    let files = fs::read_dir(store.folder()).expect("the folder").flatten().map(|entry| entry.path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "tmp")).collect()
}

/// What `loadgate baseline refresh` does after the load, by the real binary.
fn refresh(folder: &Folder, number: u64) -> Child {
    let out = format!("merged-{number}.json");
    let arguments = ["merge", "shard.json", "--plan", "loadgate.yml", "--refresh", "--out", &out];
    folder.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

#[test]
fn refreshes_at_once_lose_no_run_even_beside_an_accept() {
    let folder = measured();
    let mut run = run_of(&folder.path(""));
    run.started_at -= SignedDuration::from_hours(24);
    let store = Store::open(&folder.path("baselines"), "shop");
    let accepted = store.append(&run, BaselineStatus::Pass, "pass").expect("a stored run");
    let name = accepted.file_name().expect("a name").to_string_lossy().into_owned();
    let refreshes: Vec<Child> = (0..8).map(|number| refresh(&folder, number)).collect();
    folder.run(&["baseline", "accept", "--why", "x", "--by", "Ann", "--run", &name]).expect(0, &["accepted by Ann"]);
    for child in refreshes {
        let ended = Ended::after(child.wait_with_output().expect("it ends"));
        assert!(ended.stderr.contains("stored as "), "{}", ended.all());
    }
    let runs = store.runs().expect("the folder is read");
    assert_eq!((runs.entries.len(), runs.skipped.len(), leftovers(&store).len()), (9, 0, 0));
    assert_eq!(runs.entries.iter().filter(|entry| entry.accepted.is_some()).count(), 1);
}

/// The real binary, killed at moments all over its short life.
#[test]
fn the_binary_that_is_killed_leaves_whole_runs() {
    let folder = measured();
    let mut random = StdRng::seed_from_u64(SEED);
    let store = Store::open(&folder.path("baselines"), "shop");
    let mut said = 0;
    for number in 0..20 {
        let mut child = refresh(&folder, number);
        thread::sleep(Duration::from_micros(random.random_range(0..60_000)));
        child.kill().expect("the child is killed");
        let ended = Ended::after(child.wait_with_output().expect("it ends"));
        said += usize::from(ended.stderr.contains("stored as "));
        let runs = store.runs().expect("the folder is read");
        assert_eq!(runs.skipped, [], "kill {number}");
        assert!((said..=number as usize + 1).contains(&runs.entries.len()), "kill {number}: {}", runs.entries.len());
    }
}
