//! Workflow commands that mark a job's log and its run's page: `::error title=…::…`.

use std::io::{self, Write};

/// GitHub shows ten annotations of a level a step, and drops the rest.
pub const MOST: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Notice,
    Warning,
    Error,
}

/// One message on the run's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    pub level: Level,
    pub title: String,
    pub message: String,
}

/// Writes the first [`MOST`] annotations of each level as workflow commands, each on a line of its own.
///
/// # Errors
/// The writer's.
pub fn write(annotations: &[Annotation], out: &mut dyn Write) -> io::Result<()> {
    for level in [Level::Error, Level::Warning, Level::Notice] {
        for annotation in annotations.iter().filter(|annotation| annotation.level == level).take(MOST) {
            let command = match level {
                Level::Notice => "notice",
                Level::Warning => "warning",
                Level::Error => "error",
            };
            writeln!(out, "::{command} title={}::{}", property(&annotation.title), data(&annotation.message))?;
        }
    }
    Ok(())
}

/// Escapes a command's message, so that no text can end it and start a command of its own.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a command's property, in which `:` and `,` have a meaning too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(annotations: &[Annotation]) -> String {
        let mut out = Vec::new();
        write(annotations, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_text_can_start_a_command() {
        let annotation = Annotation {
            level: Level::Error,
            title: "p95: 12%, worse".into(),
            message: "first\r\n::set-output name=verdict::pass\n100%0A".into(),
        };
        insta::assert_snapshot!(written(&[annotation]), @"::error title=p95%3A 12%25%2C worse::first%0D%0A::set-output name=verdict::pass%0A100%250A");
    }

    #[test]
    fn no_more_than_github_shows_errors_first() {
        let many = |level| (0..12).map(move |n| Annotation { level, title: "t".into(), message: n.to_string() });
        let annotations: Vec<_> = many(Level::Warning).chain(many(Level::Error)).collect();
        let text = written(&annotations);
        assert_eq!(text.lines().count(), 2 * MOST);
        assert!(text.starts_with("::error title=t::0\n"));
        assert!(text.ends_with("::warning title=t::9\n"));
    }
}
