//! Where reports go: the terminal, and the files that were asked for.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};

use anyhow::anyhow;

use crate::cli::ReportTarget;
use crate::report::Format;

use super::{harmless, variable};

/// Writes each report that was asked for, all of them whatever happens; what became of each. `again` is the command that
/// writes one of a format.
pub fn write(
    targets: &[ReportTarget],
    again: impl Fn(Format) -> String,
    report: impl Fn(Format, &mut dyn Write) -> io::Result<()>,
) -> Vec<anyhow::Result<()>> {
    let buffered = |format, out: &mut dyn Write| {
        let mut out = BufWriter::new(out);
        report(format, &mut out)?;
        out.flush()
    };
    let write_target = |target: &ReportTarget| {
        let name = target.path.as_deref().map_or("standard output".into(), |path| path.display().to_string());
        let written = match &target.path {
            Some(path) => File::create(path).and_then(|mut file| buffered(target.format, &mut file)),
            None => {
                let mut text = Vec::new();
                let written = report(target.format, &mut text);
                written.and_then(|()| io::stdout().write_all(&for_log(target.format, &text)))
            }
        };
        written.map_err(|error| {
            let again = again(target.format);
            anyhow!("the {} report can't be written to {name}: {error}; `{again}` writes it elsewhere", target.format)
        })
    };
    targets.iter().map(write_target).collect()
}

/// A report as it may stand in a job's log, where the runner looks for commands. In JSON and XML their beginning is written as
/// the same characters in another way: they have no line that is anybody else's.
fn for_log(format: Format, text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let text = match format {
        Format::Text | Format::Markdown => harmless(&text),
        Format::Json => text.replace("##[", "#\\u0023["),
        Format::Junit => text.replace("##[", "#&#35;["),
    };
    text.into_bytes()
}

/// Writes the terminal's summary, told whether to colour it: to standard output, or to standard error where a report takes
/// standard output.
///
/// # Errors
/// The summary can't be written.
pub fn write_summary(
    targets: &[ReportTarget],
    summary: impl Fn(bool, &mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let taken = targets.iter().any(|target| target.path.is_none());
    if taken { to_terminal(&mut io::stderr(), summary) } else { to_terminal(&mut io::stdout(), summary) }
}

/// A reader that has closed its end has read enough.
fn to_terminal<W: Write + IsTerminal>(
    out: &mut W,
    summary: impl Fn(bool, &mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let colour = out.is_terminal() && variable("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut buffer = Vec::new();
    summary(colour, &mut buffer)?;
    let text = harmless(&String::from_utf8_lossy(&buffer));
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("the summary can't be written"))
        }
        _ => Ok(()),
    }
}
