//! Everything that a server can do wrong, at random, against the real binary: no hang, no panic, bounded memory, and every
//! request accounted for.
//!
//! `cargo test --test chaos -- --seed 7 --seconds 60 --show` runs it longer and shows the account. It is no libtest, but
//! lists and filters its two tests as one does.

mod account;
mod answers;
mod books;
mod client;
mod connection;
mod deeds;
mod server;

use std::process::ExitCode;
use std::thread;

use account::Account;
use server::World;

/// Each test with whether it is encrypted.
const TESTS: [(&str, bool); 2] = [("plain", false), ("encrypted", true)];

const USAGE: &str = "chaos [--seed N] [--seconds N] [--show] [--list] [--exact] [--skip NAME]... [NAME]...";

/// The command line: our own options, and those of libtest that `cargo test` and nextest give.
#[derive(Debug)]
struct Arguments {
    seed: u64,
    seconds: u64,
    /// Shows the account even if nothing is wrong.
    show: bool,
    list: bool,
    ignored: bool,
    exact: bool,
    names: Vec<String>,
    skipped: Vec<String>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
        let mut arguments = Arguments {
            seed: 7,
            seconds: 3,
            show: false,
            list: false,
            ignored: false,
            exact: false,
            names: Vec::new(),
            skipped: Vec::new(),
        };
        while let Some(word) = words.next() {
            let (option, inline) = match word.split_once('=') {
                Some((option, value)) if option.starts_with("--") => (option.to_owned(), Some(value.to_owned())),
                _ => (word, None),
            };
            let mut value = || inline.clone().or_else(|| words.next()).ok_or(format!("{option} needs a value"));
            let number = |text: String| text.parse().map_err(|_| format!("{option}: `{text}` is no whole number"));
            match option.as_str() {
                "--seed" => arguments.seed = number(value()?)?,
                "--seconds" => arguments.seconds = number(value()?)?.max(1),
                "--show" => arguments.show = true,
                "--list" => arguments.list = true,
                "--ignored" => arguments.ignored = true,
                "--exact" => arguments.exact = true,
                "--skip" => arguments.skipped.push(value()?),
                "--format" | "--color" | "--test-threads" | "--logfile" | "-Z" => drop(value()?),
                option if option.starts_with('-') => {}
                name => arguments.names.push(name.to_owned()),
            }
        }
        Ok(arguments)
    }

    /// None of the tests is ignored.
    fn wants(&self, test: &str) -> bool {
        let fits = |name: &String| if self.exact { name == test } else { test.contains(name.as_str()) };
        !self.ignored && (self.names.is_empty() || self.names.iter().any(fits)) && !self.skipped.iter().any(fits)
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let wanted: Vec<(&str, bool)> = TESTS.into_iter().filter(|(name, _)| arguments.wants(name)).collect();
    if arguments.list {
        wanted.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", wanted.len());
    let (seed, seconds) = (arguments.seed, arguments.seconds);
    let tests = wanted.iter().map(|(name, encrypted)| {
        let encrypted = *encrypted;
        (*name, thread::spawn(move || test(encrypted, seed, seconds)))
    });
    let mut failed = 0;
    for (name, test) in tests.collect::<Vec<_>>() {
        let result = test.join().unwrap_or_else(|_| Err("the test itself panicked".to_owned()));
        println!("test {name} ... {}", if result.is_ok() { "ok" } else { "FAILED" });
        match result {
            Ok(account) if arguments.show => println!("\n---- {name} ----\n{account}"),
            Ok(_) => {}
            Err(account) => {
                failed += 1;
                println!("\n---- {name}, --seed {seed} --seconds {seconds} ----\n{account}");
            }
        }
    }
    println!(
        "\ntest result: {}. {} passed; {failed} failed\n",
        if failed == 0 { "ok" } else { "FAILED" },
        wanted.len() - failed
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The account; Err where something is wrong.
fn test(encrypted: bool, seed: u64, seconds: u64) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let world = World::new(seed, encrypted);
    let address = runtime.block_on(world.clone().serve()).map_err(|error| error.to_string())?;
    let scheme = if encrypted { "https" } else { "http" };
    let ended = client::run(&format!("{scheme}://{address}"), seconds, seed)?;
    let summary = world.books.summary(encrypted);
    let mut account = Account::of(&ended, &summary);
    let deeds = summary.deeds.iter().map(|(deed, count)| format!("{deed:?} {count}"));
    let greetings = summary.greetings.iter().map(|(greeting, count)| format!("{greeting:?} {count}"));
    let done: Vec<String> = deeds.chain(greetings.map(|greeting| format!("refused by {greeting}"))).collect();
    account.text.push_str(&format!("\nthe server's deeds: {}\n", done.join(", ")));
    match account.wrong.as_slice() {
        [] => Ok(account.text),
        wrong => Err(format!("{}\nWRONG:\n- {}\n", account.text, wrong.join("\n- "))),
    }
}
