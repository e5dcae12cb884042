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

#[cfg(test)]
mod tests {
    use crate::report::Format;
    use crate::report::fixture::{Fixture, loosened, waived, written};

    fn report(fixture: &Fixture, format: Format) -> String {
        written(fixture, |report, out| report.write(format, out).unwrap())
    }

    /// The lines from the one that holds a text to the next empty one.
    fn part(text: &str, from: &str) -> String {
        let (before, after) = text.split_once(from).unwrap_or_else(|| panic!("`{from}` is missing in:\n{text}"));
        let start = before.rfind('\n').map_or("", |at| &before[at + 1..]);
        format!("{start}{from}{}", after.split("\n\n").next().unwrap_or_default())
    }

    #[test]
    fn the_terminal_shows_whose_limit_failed_the_run() {
        let text = report(&loosened(), Format::Text);
        insta::assert_snapshot!(text.lines().next().unwrap(), @"fail: passes this pull request's loosened limit, not base's: http_req_duration{name:reserve} p(95) is 9.2ms, limit < 9ms at base, < 300ms here");
        insta::assert_snapshot!(part(&text, "by base's rules"), @r"
        by base's rules (1234abc): fail, by this pull request's own: pass; base's decide
        ✗ http_req_duration{name:reserve} p(95) is 9.2ms, limit < 9ms at base, < 300ms here
        ");
        insta::assert_snapshot!(part(&report(&waived(), Format::Text), "by base's rules"), @r"
        by base's rules (1234abc): fail, by this pull request's own: pass; the label lets its own stand
        ? http_req_duration{name:reserve} p(95) is 9.2ms, limit < 9ms at base, < 300ms here
        ");
    }

    /// The samples of the documentation are what is written.
    #[test]
    fn the_documentation_shows_a_real_report() {
        const DOCS: &str = include_str!("../../docs/reports.md");
        let text = report(&loosened(), Format::Text);
        assert!(DOCS.contains(&format!("```text\n{}\n```", text.lines().next().unwrap())));
        assert!(DOCS.contains(&format!("```text\n{}\n```", part(&text, "by base's rules"))));
    }

    #[test]
    fn a_comment_says_what_to_do_about_it() {
        let text = report(&loosened(), Format::Markdown);
        insta::assert_snapshot!(part(&text, "[!CAUTION]"), @r"
        > [!CAUTION]
        > - passes this pull request's loosened limit, not base's: http\_req\_duration{name:reserve} p(95) is 9.2ms, limit &lt; 9ms at base, &lt; 300ms here; keep base's limit, or let somebody with triage rights set the label loadgate-policy and run this again
        ");
        let (_, folded) = text.split_once("<summary>Base's rules</summary>").unwrap();
        insta::assert_snapshot!(folded.split_once("</details>").unwrap().0, @r"
        By base's rules (1234abc): fail, by this pull request's own: pass; base's decide.

        - http\_req\_duration{name:reserve} p(95) is 9.2ms, limit &lt; 9ms at base, &lt; 300ms here

        | threshold | limit | measured | |
        | --- | --- | ---: | --- |
        | http\_req\_duration{name:reserve} | p(95) &lt; 9ms | 9.2ms | ✗ |
        ");
        assert!(!report(&waived(), Format::Markdown).contains("[!CAUTION]"));
    }

    #[test]
    fn junit_has_a_suite_of_what_base_does_not_accept() {
        insta::assert_snapshot!(part(&report(&loosened(), Format::Junit), "name=\"base"), @r#"
            <testsuite name="base&apos;s rules" tests="1" skipped="0" errors="0" failures="1">
                <testcase name="http_req_duration{name:reserve}: p(95)&lt;9">
                    <failure message="http_req_duration{name:reserve} p(95) is 9.2ms, limit &lt; 9ms at base, &lt; 300ms here"/>
                </testcase>
            </testsuite>
            <testsuite name="comparison" tests="1" skipped="0" errors="0" failures="0">
                <testcase name="reserve p95"/>
            </testsuite>
        </testsuites>
        "#);
        insta::assert_snapshot!(part(&report(&waived(), Format::Junit), "name=\"base"), @r#"
            <testsuite name="base&apos;s rules" tests="1" skipped="1" errors="0" failures="0">
                <testcase name="http_req_duration{name:reserve}: p(95)&lt;9">
                    <skipped message="http_req_duration{name:reserve} p(95) is 9.2ms, limit &lt; 9ms at base, &lt; 300ms here"/>
                </testcase>
            </testsuite>
            <testsuite name="comparison" tests="1" skipped="0" errors="0" failures="0">
                <testcase name="reserve p95"/>
            </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn json_has_both_judgements() {
        let mut document: serde_json::Value = serde_json::from_str(&report(&loosened(), Format::Json)).unwrap();
        assert_eq!((&document["verdict"], &document["thresholds"][0]["passed"]), (&"fail".into(), &true.into()));
        let base = document["base"].as_object_mut().unwrap();
        let whole: Vec<_> =
            ["guards", "failures", "comparison"].iter().map(|key| base.remove(*key).is_some()).collect();
        assert_eq!(whole, [true; 3]);
        insta::assert_snapshot!(serde_json::to_string_pretty(&document["base"]).unwrap(), @r#"
        {
          "commit": "1234abc",
          "standing": "base",
          "verdict": "fail",
          "own_verdict": "pass",
          "headline": "fail: http_req_duration{name:reserve} p(95) is 9.2ms, limit < 9ms",
          "loosened": [
            {
              "finding": "http_req_duration{name:reserve} p(95) is 9.2ms, limit < 9ms",
              "own_limit": "< 300ms"
            }
          ],
          "thresholds": [
            {
              "selector": "http_req_duration{name:reserve}",
              "condition": "p(95)<9",
              "unit": "ms",
              "figure": 9.2,
              "limit": 9.0,
              "passed": false,
              "aborted": false
            }
          ]
        }
        "#);
    }
}
