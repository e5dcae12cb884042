//! What base's rules say of a pull request's run, in sentences.

use crate::gate::{ByBase, Standing};

/// `by base's rules (1234abc): fail`, and what that means for the run.
pub fn line(base: &ByBase) -> String {
    let verdict = base.judgement.verdict.name();
    let standing = match base.standing {
        Standing::Own if base.own == base.judgement.verdict => String::new(),
        Standing::Own => format!(", by this pull request's own: {}", base.own.name()),
        Standing::Base => format!(", by this pull request's own: {}; base's decide", base.own.name()),
        Standing::Waived => {
            format!(", by this pull request's own: {}; the label lets its own stand", base.own.name())
        }
    };
    format!("by base's rules ({}): {verdict}{standing}", base.commit)
}
