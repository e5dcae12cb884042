//! What is said where a script is stopped.

use std::net::SocketAddr;
use std::thread;

use super::program::bounded;
use super::run::{Case, run};

/// A script with bounded options for `OPTIONS`, the exit code, and what standard error says. A run that fails may end with 3 where
/// this machine was too busy to measure it: all of them run at once.
const STOPPED: &[(&str, i32, &str)] = &[
    ("for (;;);", 2, "the init context was not done within 0.7 s"),
    ("await new Promise(() => { for (;;); });", 2, "the init context was not done within 0.7 s"),
    ("[].indexOf.call({ length: 2 ** 53 - 1 }, 1);", 2, "the init context was not done within 0.7 s"),
    ("if (__VU > 0) for (;;); OPTIONS export default () => {};", 3, "the init context was not done within 0.7 s"),
    ("let s = 'x'; for (;;) s += s;", 2, "string too long"),
    ("const a = []; for (;;) a.push([]);", 2, "out of memory"),
    ("const f = () => f(); f();", 2, "Maximum call stack size exceeded"),
    ("export const options = { get vus() { for (;;); } }; export default () => {};", 2, "not done within 0.7 s"),
    ("OPTIONS export const setup = () => { for (;;); }; export default () => {};", 4, "raise setupTimeout"),
    (
        "OPTIONS export const setup = () => { [].indexOf.call({ length: 2 ** 53 - 1 }, 1); }; export default () => {};",
        4,
        "setup was not done within 0.5 s",
    ),
    ("OPTIONS export const setup = () => { 'x'.repeat(2 ** 29); }; export default () => {};", 4, "out of memory"),
    ("OPTIONS export default () => { const a = []; for (;;) a.push([]); };", 1, "out of memory"),
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

/// Runs each, and tells what was otherwise.
pub fn misses(target: SocketAddr) -> Vec<String> {
    thread::scope(|scope| {
        let runs: Vec<_> = STOPPED
            .iter()
            .map(|(text, code, says)| {
                scope.spawn(move || {
                    let options = format!("export const options = {};", bounded("{}"));
                    let files = vec![("script.js".to_owned(), text.replace("OPTIONS", &options).into_bytes())];
                    let case = Case { name: (*text).to_owned(), files, args: Vec::new(), says: Some(says) };
                    let mut outcome = run(&case, target).expect("the binary runs");
                    if outcome.code != Some(*code) && (*code, outcome.code) != (1, Some(3)) {
                        outcome.wrong.push(format!("exit code {:?} instead of {code}", outcome.code));
                    }
                    (outcome.wrong, outcome.err)
                })
            })
            .collect();
        let ended = runs.into_iter().map(|run| run.join().expect("no panic"));
        let told = ended.zip(STOPPED).filter(|((wrong, _), _)| !wrong.is_empty());
        told.map(|((wrong, err), (text, ..))| format!("{text}\n  {}\n{err}", wrong.join("; "))).collect()
    })
}
