//! Marks on the run's page: an error for each reason of a failed gate, a warning for what could not be judged, a notice for
//! what else is to be known.

use std::io;

use crate::gate::{Reason, Verdict};
use crate::github::annotation::{self, MOST};
use crate::github::{Annotation, Level};
use crate::report::Report;

pub fn write(report: &Report<'_>) {
    // Commands are read from either stream; standard output may be a report.
    let _ = annotation::write(&of(report), &mut io::stderr());
}

fn of(report: &Report<'_>) -> Vec<Annotation> {
    let title = format!("loadgate: {}", report.measurement.plan);
    let judgement = report.judgement;
    let mark = |level| {
        let title = title.clone();
        move |message| Annotation { level, title: title.clone(), message }
    };
    let mut marks: Vec<Annotation> = match judgement.verdict {
        Verdict::Pass => Vec::new(),
        Verdict::TooNoisy => vec![mark(Level::Warning)(judgement.headline())],
        verdict @ (Verdict::Fail | Verdict::NotMeasured) => {
            let sentences = judgement.reasons().iter().map(|reason| sentence(verdict, reason)).collect();
            capped(sentences).into_iter().map(mark(Level::Error)).collect()
        }
    };
    marks.extend(capped(report.context.notes.clone()).into_iter().map(mark(Level::Notice)));
    marks
}

fn sentence(verdict: Verdict, Reason { finding, cure }: &Reason<'_>) -> String {
    let cure = cure.map_or_else(String::new, |cure| format!("; {cure}"));
    format!("{}: {finding}{cure}", verdict.name())
}

/// As many as GitHub shows; the last says how many more there are.
fn capped(mut sentences: Vec<String>) -> Vec<String> {
    if sentences.len() > MOST {
        let more = sentences.len() - (MOST - 1);
        sentences.truncate(MOST - 1);
        sentences.push(format!("and {more} more, in the step's summary"));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_many_says_how_many_more() {
        let many = |count: usize| (1..=count).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(capped(many(10)), many(10));
        let capped = capped(many(12));
        assert_eq!(capped.len(), MOST);
        assert_eq!(capped[8..], ["9", "and 3 more, in the step's summary"]);
    }
}
