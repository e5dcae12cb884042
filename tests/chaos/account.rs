//! The account: what the client counted against itself and against the server's books.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use loadgate::measurement::{ErrorClass, Measurement, RequestTally, ScenarioTally};

use crate::books::{Summary, UNSEEN};
use crate::client::Ended;
use crate::deeds::{GIGABYTE_STATUS, Outcome};

/// The most memory that a run may take, in MB: bodies of 1 GB must not be kept, whoever sends them. Large ones share 256 MiB, and
/// all else has been seen to take less than 100.
const MOST_MEMORY: u64 = 400;

/// What differs from the books, and the tables that show it.
pub struct Account {
    pub text: String,
    pub wrong: Vec<String>,
}

/// Both phases of a run in one: the trial before the load is in the second.
struct Client<'a> {
    requests: Vec<(&'a str, RequestTally)>,
    scenarios: Vec<(&'a str, ScenarioTally)>,
}

impl<'a> Client<'a> {
    fn new(measurement: &'a Measurement) -> Client<'a> {
        let Measurement { layout, judged, unjudged, .. } = measurement;
        let mut all = judged.clone();
        all.merge(unjudged);
        let requests = layout.requests.iter().map(|label| &*label.name).zip(all.requests).collect();
        // Of iterations only those of the load.
        let scenarios = layout.scenarios.iter().map(|label| &*label.name).zip(judged.scenarios.clone()).collect();
        Client { requests, scenarios }
    }

    fn sum(&self, count: impl Fn(&RequestTally) -> u64) -> u64 {
        self.requests.iter().map(|(_, row)| count(row)).sum()
    }
}

fn started(row: &RequestTally) -> u64 {
    row.attempts + row.interrupted
}

fn errors(row: &RequestTally) -> u64 {
    row.errors.iter().sum()
}

fn answered(row: &RequestTally) -> u64 {
    row.statuses.values().sum()
}

impl Account {
    pub fn of(ended: &Ended, books: &Summary) -> Account {
        let mut account = Account { text: String::new(), wrong: Vec::new() };
        let client = Client::new(&ended.measurement);
        account.process(ended);
        account.requests(&client);
        account.iterations(ended, &client, books);
        account.checks(ended, &client);
        account.against_the_books(&client, books);
        account
    }

    fn hold(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(what());
        }
    }

    fn line(&mut self, text: impl AsRef<str>) {
        let _ = writeln!(self.text, "{}", text.as_ref());
    }

    fn process(&mut self, ended: &Ended) {
        let memory = ended.peak_memory.map_or("unknown".to_owned(), |megabytes| format!("{megabytes} MB"));
        let code = ended.code.map_or_else(|| "none, a signal".to_owned(), |code| code.to_string());
        self.line(format!("exit code {code} after {:.1} s, peak memory {memory}", ended.took.as_secs_f64()));
        self.hold(ended.code == Some(1), || format!("exit code {:?}, not 1\n{}", ended.code, ended.output));
        self.hold(ended.output.starts_with("fail: "), || format!("no verdict:\n{}", ended.output));
        self.hold(!ended.output.contains("panicked"), || format!("a panic:\n{}", ended.output));
        let most = ended.peak_memory.unwrap_or(0);
        self.hold(most <= MOST_MEMORY, || format!("{most} MB of memory, more than {MOST_MEMORY} MB"));
    }

    /// started = answered + failed by class + interrupted, for every request.
    fn requests(&mut self, client: &Client<'_>) {
        let mut head = format!("\n{:<12}{:>9}{:>10}", "request", "started", "answered");
        let classes: Vec<ErrorClass> =
            ErrorClass::ALL.into_iter().filter(|class| client.sum(|row| row.errors_of(*class)) > 0).collect();
        head.extend(classes.iter().map(|class| format!("{:>9}", class.name())));
        self.line(head + "  interrupted");
        for (name, row) in &client.requests {
            let mut line = format!("{name:<12}{:>9}{:>10}", started(row), answered(row));
            line.extend(classes.iter().map(|class| format!("{:>9}", row.errors_of(*class))));
            self.line(line + &format!("{:>13}", row.interrupted));
            let sum = answered(row) + errors(row) + row.interrupted;
            self.hold(started(row) == sum, || format!("{name}: {} started, but {sum} ended", started(row)));
            self.hold(row.responses == answered(row), || format!("{name}: {} responses by status", answered(row)));
            self.hold(row.attempts > 0, || format!("{name} was never sent"));
        }
    }

    /// begun = complete (stopped and failed ones included) + interrupted, and the rest of the schedule was dropped.
    fn iterations(&mut self, ended: &Ended, client: &Client<'_>, books: &Summary) {
        let header = ["scenario", "begun", "complete", "stopped", "failed", "interrupted", "dropped", "seen"];
        let [scenario, columns @ ..] = header;
        let columns: String = columns.iter().map(|column| format!("{column:>12}")).collect();
        self.line(format!("\n{scenario:<12}{columns}"));
        for ((name, row), label) in client.scenarios.iter().zip(&ended.measurement.layout.scenarios) {
            let (stopped, failed): (u64, u64) = (row.stopped.values().sum(), row.errors.values().sum());
            let begun = row.iterations + row.interrupted;
            let seen = books.iterations.get(*name).copied().unwrap_or(0);
            let columns: String = [begun, row.iterations, stopped, failed, row.interrupted, row.dropped, seen]
                .iter()
                .map(|count| format!("{count:>12}"))
                .collect();
            self.line(format!("{name:<12}{columns}"));
            self.hold(stopped + failed <= row.iterations, || format!("{name}: more stopped than complete"));
            // One more is the trial's.
            self.hold(seen <= begun + 1, || format!("{name}: the server saw {seen} iterations, {begun} were begun"));
            if let Some(planned) = label.planned {
                let sum = begun + row.dropped;
                self.hold(planned == sum, || format!("{name}: {planned} planned, but {sum} begun or dropped"));
            }
        }
    }

    /// Each answer of a request that follows no redirect was checked once, and a failed request fails the check.
    fn checks(&mut self, ended: &Ended, client: &Client<'_>) {
        let measurement = &ended.measurement;
        let mut all = measurement.judged.clone();
        all.merge(&measurement.unjudged);
        for (check, ratio) in measurement.layout.checks.iter().zip(&all.checks) {
            let Some(request) = check.strip_suffix(" answered") else { continue };
            let Some((_, row)) = client.requests.iter().find(|(name, _)| *name == request) else { continue };
            self.hold((ratio.trues, ratio.total) == (row.responses, row.attempts), || {
                format!("check `{check}`: {ratio:?}, but {} responses of {}", row.responses, row.attempts)
            });
        }
    }

    fn against_the_books(&mut self, client: &Client<'_>, books: &Summary) {
        let interrupted = client.sum(|row| row.interrupted);
        let counted = counted(client);
        let expected = by_outcome(&books.certain);
        let possible = by_outcome(&books.possible);
        let mut late = 0;
        let mut missing = 0;
        self.line(format!("\n{:<14}{:>10}{:>10}{:>10}", "outcome", "counted", "certain", "possible"));
        let outcomes: BTreeSet<Outcome> =
            counted.keys().chain(expected.keys()).chain(possible.keys()).copied().collect();
        for outcome in outcomes {
            let of = |book: &BTreeMap<Outcome, u64>| book.get(&outcome).copied().unwrap_or(0);
            let (client, certain, either) = (of(&counted), of(&expected), of(&possible));
            let shown = match outcome {
                Outcome::Status(status) => status.to_string(),
                Outcome::Class(class) => class.to_string(),
            };
            if client != certain || either > 0 {
                self.line(format!("{shown:<14}{client:>10}{certain:>10}{either:>10}"));
            }
            missing += certain.saturating_sub(client);
            let over = client.saturating_sub(certain + either);
            if outcome == Outcome::Class(ErrorClass::Timeout) {
                // Those that were too large to come in time were no accident.
                let large = of_gigabytes(&possible).saturating_sub(of_gigabytes(&counted));
                late = client.saturating_sub(certain + large);
            } else {
                self.hold(over == 0, || format!("{shown}: {client} counted, but the server did it {certain} times"));
            }
        }
        self.names(client, books);
        self.totals(client, books, Slack { interrupted, late, missing });
    }

    /// No request counts more answers of a status than the server gave it.
    fn names(&mut self, client: &Client<'_>, books: &Summary) {
        for (name, row) in &client.requests {
            for (status, count) in &row.statuses {
                let key = ((*name).to_owned(), Outcome::Status(*status));
                let of = |book: &BTreeMap<(String, Outcome), u64>| book.get(&key).copied().unwrap_or(0);
                let most = of(&books.certain) + of(&books.possible);
                self.hold(*count <= most, || format!("{name}: {count} answers of {status}, but {most} were given"));
            }
        }
    }

    fn totals(&mut self, client: &Client<'_>, books: &Summary, slack: Slack) {
        let Slack { interrupted, late, missing } = slack;
        let all = client.sum(started);
        let reached = books.sightings - books.repeated + books.greeted + books.astray;
        let unseen = all as i64 - reached as i64;
        self.line(format!(
            "\nrequests started by the client               {all:>8}\n\
             heads that the server read                   {:>8}\n\
             - repeats on a fresh connection              {:>8}\n\
             + on connections that it refused             {:>8}\n\
             + not sent: a redirect led astray            {:>8}\n\
             + cut off or timed out before it read them   {unseen:>8}   of {interrupted} interrupted, {late} late\n\
             outcomes of the server that were not counted {missing:>8}\n\
             connections                                  {:>8}",
            books.sightings, books.repeated, books.greeted, books.astray, books.connections,
        ));
        let most = interrupted + late;
        // One less, where a request was cut off between a redirect that led astray and its refusal.
        let bounds = -1..=most as i64;
        self.hold(bounds.contains(&unseen), || format!("{unseen} requests are not accounted for"));
        self.hold(missing <= most, || format!("{missing} outcomes are not accounted for"));
        self.hold(late <= all / 100 + 5, || format!("{late} requests timed out that the server had answered"));
        self.hold(books.wrongly_repeated.is_empty(), || format!("sent twice: {}", books.wrongly_repeated.join("; ")));
        self.hold(interrupted > 0, || "no request was interrupted".to_owned());
    }
}

/// What blurs the comparison.
struct Slack {
    /// Cut off: the server may have done whatever it did.
    interrupted: u64,
    /// Time-outs that the server did not intend.
    late: u64,
    /// Intended outcomes that the client did not count.
    missing: u64,
}

/// Answers of the deed that either comes whole or not before the time limit.
fn of_gigabytes(book: &BTreeMap<Outcome, u64>) -> u64 {
    book.get(&Outcome::Status(GIGABYTE_STATUS)).copied().unwrap_or(0)
}

fn counted(client: &Client<'_>) -> BTreeMap<Outcome, u64> {
    let mut counted = BTreeMap::new();
    for (_, row) in &client.requests {
        for (status, count) in &row.statuses {
            *counted.entry(Outcome::Status(*status)).or_default() += count;
        }
        for class in ErrorClass::ALL {
            *counted.entry(Outcome::Class(class)).or_default() += row.errors_of(class);
        }
    }
    counted
}

/// All requests together: which request a refused connection carried is not known.
fn by_outcome(book: &BTreeMap<(String, Outcome), u64>) -> BTreeMap<Outcome, u64> {
    let mut sums = BTreeMap::new();
    for ((name, outcome), count) in book {
        debug_assert!(name != UNSEEN || matches!(outcome, Outcome::Class(_)));
        *sums.entry(*outcome).or_default() += count;
    }
    sums
}
