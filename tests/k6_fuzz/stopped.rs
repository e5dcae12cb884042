//! What is said where a script is stopped.

use std::net::SocketAddr;
use std::thread;

use super::program::bounded;
use super::run::{Case, run};

/// A script, its exit code, and what standard error says.
type Row = (&'static str, i32, &'static str);

/// A script with bounded options for `OPTIONS`, the exit code, and what standard error says. A run that fails may end with 3 where
/// this machine was too busy to measure it.
const STOPPED: &[Row] = &[
    ("for (;;);", 2, "the init context was not done within 2 s"),
    ("await new Promise(() => { for (;;); });", 2, "the init context was not done within 2 s"),
    ("[].indexOf.call({ length: 2 ** 53 - 1 }, 1);", 2, "the init context was not done within 2 s"),
    ("if (__VU > 0) for (;;); OPTIONS export default () => {};", 3, "the init context was not done within 2 s"),
    ("let s = 'x'; for (;;) s += s;", 2, "string too long"),
    ("const a = []; for (;;) a.push(`${a.length}`.padEnd(1000));", 2, "out of memory"),
    ("const f = () => f(); f();", 2, "Maximum call stack size exceeded"),
    ("export const options = { get vus() { for (;;); } }; export default () => {};", 2, "not done within 2 s"),
    ("OPTIONS export const setup = () => { for (;;); }; export default () => {};", 4, "raise setupTimeout"),
    (
        "OPTIONS export const setup = () => { [].indexOf.call({ length: 2 ** 53 - 1 }, 1); }; export default () => {};",
        4,
        "setup was not done within 0.5 s",
    ),
    ("OPTIONS export const setup = () => { 'x'.repeat(2 ** 29); }; export default () => {};", 4, "out of memory"),
    (
        "OPTIONS export default () => { const a = []; for (;;) a.push(`${a.length}`.padEnd(1000)); };",
        1,
        "out of memory",
    ),
    ("OPTIONS export default () => { const f = () => f(); f(); };", 1, "Maximum call stack size exceeded"),
    (
        "OPTIONS export default () => {}; export const handleSummary = () => { for (;;); };",
        4,
        "raise handleSummaryTimeout",
    ),
    (
        "OPTIONS export default () => {}; export const handleSummary = () => { [].indexOf.call({ length: 2 ** 53 - 1 }, 1); };",
        4,
        "handleSummary was not done within 0.5 s",
    ),
];

/// So many run at once: an init context has 2 s here, whatever else the machine does.
const AT_ONCE: usize = 3;

/// Runs each, and tells what was otherwise.
pub fn misses(target: SocketAddr) -> Vec<String> {
    let at_once = |rows: &'static [Row]| -> Vec<Option<String>> {
        thread::scope(|scope| {
            let runs: Vec<_> = rows.iter().map(|row| scope.spawn(move || miss(row, target))).collect();
            runs.into_iter().map(|run| run.join().expect("no panic")).collect()
        })
    };
    STOPPED.chunks(AT_ONCE).flat_map(at_once).flatten().collect()
}

fn miss((text, code, says): &'static Row, target: SocketAddr) -> Option<String> {
    let options = format!("export const options = {};", bounded("{}"));
    let files = vec![("script.js".to_owned(), text.replace("OPTIONS", &options).into_bytes())];
    let case = Case { name: (*text).to_owned(), files, args: Vec::new(), says: Some(says) };
    let mut outcome = run(&case, target).expect("the binary runs");
    if outcome.code != Some(*code) && (*code, outcome.code) != (1, Some(3)) {
        outcome.wrong.push(format!("exit code {:?} instead of {code}", outcome.code));
    }
    let told = || format!("{text}\n  {}\n{}", outcome.wrong.join("; "), outcome.err);
    (!outcome.wrong.is_empty()).then(told)
}
