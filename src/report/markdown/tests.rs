use proptest::prelude::*;

use super::super::fixture::{Fixture, broken, fail, not_measured, pass, written};
use super::section::LEFT_OUT_BYTES;
use super::*;
use crate::gate::{Base, History, Row, ThresholdResult};

fn markdown(fixture: &Fixture, budget: usize) -> String {
    written(fixture, |report, out| write(report, budget, out).unwrap())
}

#[test]
fn a_run_that_passes_beside_its_history() {
    insta::assert_snapshot!(markdown(&pass(), COMMENT_BYTES), @r"
    <!-- loadgate:concert-reservation -->
    ### ✓ loadgate: pass

    1 threshold holds; no regression in 1 figure against 10 runs, 1 request new

    | request | metric | base | this PR | change | 95% interval | limit | history | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |
    | reserve | p95 | 9.1ms | 9.2ms | +1.1% | \[-2.9, +6.1\]% | +10% | ▁▄█▂▅ | ✓ |

    To measure again:

    ```sh
    loadgate run loadgate.yml --target https://preview.example --seed 42
    ```

    <sub>plan concert-reservation · profile pr · target [preview.example](https://preview.example) · commit 8c0fde910a37f… · [run](https://github.com/acme/concerts/actions/runs/1)</sub>

    <details><summary>Comparison with history</summary>

    10 comparable runs of 10 needed: it can block.

    - new, without history: occupy
    - differs from history: CPU EPYC 7763, was Xeon 8370C

    | request | metric | base | this run | change | 95% interval | limit | detectable | p | samples | history | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
    | reserve | p95 | 9.1ms | 9.2ms | +1.1% | \[-2.9, +6.1\]% | +10% | +8.0% | 0.410 | 100 | ▁▄█▂▅ | ✓ |

    </details>

    <details><summary>Requests</summary>

    | request | count | rate | failed | avg | min | med | max | p(90) | p(95) | p(99) | |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
    | reserve | 100 | 5/s | 0 | 8.52ms | 8.03ms | 8.52ms | 9.02ms | 8.92ms | 8.97ms | 9.01ms |   |
    | available-seats | 100 | 5/s | 0 | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms |   |

    </details>

    <details><summary>Thresholds</summary>

    | threshold | limit | measured | |
    | --- | --- | ---: | --- |
    | http\_req\_duration{name:reserve} | p(95) &lt; 300ms | 9.2ms | ✓ |

    </details>

    <details><summary>Guards</summary>

    | guard | about | finding | |
    | --- | --- | --- | --- |
    | request attempted | – | 2 of 2 requests were attempted | ✓ |

    </details>

    <details><summary>Errors and stopped iterations</summary>

    | where | what | count | |
    | --- | --- | ---: | --- |
    | scenario reserve | iterations stopped: queue-status | 2 |   |

    </details>

    <details><summary>Environment</summary>

    - started: 2025-11-20 12:00:00 UTC
    - ran: 20.35s, completed
    - judged: 20s
    - seed: 42
    - loadgate: 0.1.0
    - cores: 4
    - job: 100/1/gate
    - busiest worker: 31.00% of one core
    - baseline: baselines
    - measurement: loadgate-measurement.json
    - plan: loadgate.yml

    </details>

    <details><summary>Method</summary>

    The run is the replicate, a request never is. Each gated figure is compared on a logarithmic scale with the mean of the runs of the same plan, load and request definition; its interval comes from the spread between those runs (Student's t), and p is adjusted for the number of figures (Holm). A change fails if it is proven and larger than the limit; it passes if a change as large as the limit is ruled out; else the run is too noisy to say. *Detectable* is the smallest change that this run would have shown four times out of five. Quantiles are those of expected responses, and of time-outs at their limit.

    </details>
    ");
}

#[test]
fn a_regression_with_a_broken_threshold_and_the_first_failure() {
    insta::assert_snapshot!(markdown(&fail(), COMMENT_BYTES), @r#"
    <!-- loadgate:concert-reservation -->
    ### ✗ loadgate: fail

    > [!CAUTION]
    > - http\_req\_duration{name:reserve} p(95) is 312.4ms, limit &lt; 300ms
    > - checks rate is 0.97, limit &gt; 0.9999
    > - reserve p95 9.1ms → 312.4ms, +3330.0%, 95% interval \[+3326.0, +3335.0\]%, limit +10%

    | request | metric | base | this PR | change | 95% interval | limit | history | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |
    | http\_req\_duration{name:reserve} | p(95) | – | 312.4ms | – | – | &lt; 300ms |  | ✗ |
    | checks | rate | – | 0.97 | – | – | &gt; 0.9999 |  | ✗ |
    | reserve | p95 | 9.1ms | 312.4ms | +3330.0% | \[+3326.0, +3335.0\]% | +10% | ▁▁▁▁█ | ✗ |
    | reserve | failed | 0.00% | 3.00% | +3.00 points | \[-1.00, +7.00\] points | +0.1 points | ▁▁▁▁█ | ? |

    First failure of reserve (status 500): expected 200, got 500

    ```http
    POST https://preview.example/api/v1/concert-events/7/reserve
    authorization: ***

    {"occupationId":12}

    500
    content-type: application/json

    {"error":"lock timeout",
     "notify":"@oncall"}
    ```

    To measure again:

    ```sh
    loadgate run loadgate.yml --target https://preview.example --seed 42
    ```

    <sub>plan concert-reservation · profile pr · target [preview.example](https://preview.example) · commit 8c0fde910a37f… · [run](https://github.com/acme/concerts/actions/runs/1)</sub>

    <details><summary>Comparison with history</summary>

    10 comparable runs of 10 needed: it can block.

    - new, without history: occupy
    - differs from history: CPU EPYC 7763, was Xeon 8370C

    | request | metric | base | this run | change | 95% interval | limit | detectable | p | samples | history | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
    | available-seats | p95 | 4ms | 4.1ms | +2.5% | \[-1.5, +7.5\]% | +10% | +8.0% | 0.410 | 100 | ▁▄█▂▇ | ✓ |
    | reserve | p95 | 9.1ms | 312.4ms | +3330.0% | \[+3326.0, +3335.0\]% | +10% | +8.0% | &lt;0.001 | 100 | ▁▁▁▁█ | ✗ |
    | reserve | failed | 0.00% | 3.00% | +3.00 points | \[-1.00, +7.00\] points | +0.1 points | +8.00 points | 0.410 | 100 | ▁▁▁▁█ | ? |

    </details>

    <details><summary>Requests</summary>

    | request | count | rate | failed | avg | min | med | max | p(90) | p(95) | p(99) | |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
    | reserve | 100 | 5/s | 3 (3.00%) | 459.39ms | 312.03ms | 312.57ms | 15s | 313.08ms | 313.08ms | 313.08ms |   |
    | ↳ expected only | 97 |  |  | 312.53ms | 312.05ms | 312.57ms | 313.02ms | 313.02ms | 313.02ms | 313.02ms |   |
    | available-seats | 100 | 5/s | 0 | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms |   |

    </details>

    <details><summary>Thresholds</summary>

    | threshold | limit | measured | |
    | --- | --- | ---: | --- |
    | http\_req\_duration{name:reserve} | p(95) &lt; 300ms | 312.4ms | ✗ |
    | checks | rate &gt; 0.9999 | 0.97 | ✗ |

    </details>

    <details><summary>Guards</summary>

    | guard | about | finding | |
    | --- | --- | --- | --- |
    | request attempted | – | 2 of 2 requests were attempted | ✓ |

    </details>

    <details><summary>Errors and stopped iterations</summary>

    | where | what | count | |
    | --- | --- | ---: | --- |
    | reserve | timeout error | 1 |   |
    | reserve | status 500 | 2 |   |
    | scenario reserve | iterations stopped: queue-status | 2 |   |

    </details>

    <details><summary>Environment</summary>

    - started: 2025-11-20 12:00:00 UTC
    - ran: 20.35s, completed
    - judged: 20s
    - seed: 42
    - loadgate: 0.1.0
    - cores: 4
    - job: 100/1/gate
    - busiest worker: 31.00% of one core
    - baseline: baselines
    - measurement: loadgate-measurement.json
    - plan: loadgate.yml

    </details>

    <details><summary>Method</summary>

    The run is the replicate, a request never is. Each gated figure is compared on a logarithmic scale with the mean of the runs of the same plan, load and request definition; its interval comes from the spread between those runs (Student's t), and p is adjusted for the number of figures (Holm). A change fails if it is proven and larger than the limit; it passes if a change as large as the limit is ruled out; else the run is too noisy to say. *Detectable* is the smallest change that this run would have shown four times out of five. Quantiles are those of expected responses, and of time-outs at their limit.

    </details>
    "#);
}

#[test]
fn a_run_that_was_not_measured() {
    insta::assert_snapshot!(markdown(&not_measured(), COMMENT_BYTES), @r"
    <!-- loadgate:concert-reservation -->
    ### ? loadgate: not measured

    > [!WARNING]
    > - reserve: 100 refusals of 100 requests (401: 100), 100.00%; limit 50%; check the token in &#96;defaults.headers&#96;

    | threshold | limit | measured | |
    | --- | --- | ---: | --- |
    | http\_req\_duration{name:reserve} | p(95) &lt; 300ms | no sample | ✗ |

    No baseline: 3 of 10 runs; thresholds alone decide.

    To measure again:

    ```sh
    loadgate run loadgate.yml --target https://preview.example --seed 42
    ```

    <sub>plan concert-reservation · profile pr · target [preview.example](https://preview.example) · commit 8c0fde910a37f… · [run](https://github.com/acme/concerts/actions/runs/1)</sub>

    <details><summary>Requests</summary>

    | request | count | rate | failed | avg | min | med | max | p(90) | p(95) | p(99) | |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
    | reserve | 100 | 5/s | 0 | 8.52ms | 8.03ms | 8.52ms | 9.02ms | 8.92ms | 8.97ms | 9.01ms |   |
    | available-seats | 100 | 5/s | 0 | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms |   |

    </details>

    <details><summary>Guards</summary>

    | guard | about | finding | |
    | --- | --- | --- | --- |
    | not refused | reserve | 100 refusals of 100 requests (401: 100), 100.00%; limit 50%; check the token in &#96;defaults.headers&#96; | ✗ |
    | request attempted | – | 2 of 2 requests were attempted | ✓ |

    </details>

    <details><summary>Errors and stopped iterations</summary>

    | where | what | count | |
    | --- | --- | ---: | --- |
    | scenario reserve | iterations stopped: queue-status | 2 |   |

    </details>

    <details><summary>Environment</summary>

    - started: 2025-11-20 12:00:00 UTC
    - ran: 20.35s, completed
    - judged: 20s
    - seed: 42
    - loadgate: 0.1.0
    - cores: 4
    - job: 100/1/gate
    - busiest worker: 31.00% of one core
    - baseline: baselines
    - measurement: loadgate-measurement.json
    - plan: loadgate.yml

    </details>

    <details><summary>Method</summary>

    The run is the replicate, a request never is. Each gated figure is compared on a logarithmic scale with the mean of the runs of the same plan, load and request definition; its interval comes from the spread between those runs (Student's t), and p is adjusted for the number of figures (Holm). A change fails if it is proven and larger than the limit; it passes if a change as large as the limit is ruled out; else the run is too noisy to say. *Detectable* is the smallest change that this run would have shown four times out of five. Quantiles are those of expected responses, and of time-outs at their limit.

    </details>
    ");
}

#[test]
fn failures_without_a_threshold_come_first() {
    let text = markdown(&broken(), COMMENT_BYTES);
    let (_, rest) = text.split_once("\n\n").unwrap();
    let (alert, _) = rest.split_once("\n\n").unwrap();
    insta::assert_snapshot!(alert, @r"
    > [!CAUTION]
    > - occupy: none of 100 requests was answered (connect: 90, timeout: 10); see the first failures in the report; check that the deployment serves this path
    > - ended early by http\_req\_failed: rate&lt;0.5; see the figure of that threshold
    > - http\_req\_duration{name:reserve} p(95) is 312.4ms, limit &lt; 300ms
    > - checks rate is 0.97, limit &gt; 0.9999
    > - reserve p95 9.1ms → 312.4ms, +3330.0%, 95% interval \[+3326.0, +3335.0\]%, limit +10%
    ");
}

#[test]
fn a_regression_beside_too_short_a_history_is_no_reason() {
    let mut fixture = fail();
    let Comparison::Made(history) = &mut fixture.judgement.comparison else { panic!("no history") };
    history.with = Base::History(History { runs: 7, needed: 10, blocking: false });
    fixture.judgement.thresholds.clear();
    fixture.judgement.verdict = Verdict::Pass;
    let text = markdown(&fixture, COMMENT_BYTES);
    let (head, _) = text.split_once("First failure").unwrap();
    insta::assert_snapshot!(head, @r"
    <!-- loadgate:concert-reservation -->
    ### ✓ loadgate: pass

    no thresholds; baseline not deciding yet: 7 of 10 runs

    | request | metric | base | this PR | change | 95% interval | limit | history | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |
    | reserve | p95 | 9.1ms | 312.4ms | +3330.0% | \[+3326.0, +3335.0\]% | +10% | ▁▁▁▁█ | ? |
    | reserve | failed | 0.00% | 3.00% | +3.00 points | \[-1.00, +7.00\] points | +0.1 points | ▁▁▁▁█ | ? |
    | available-seats | p95 | 4ms | 4.1ms | +2.5% | \[-1.5, +7.5\]% | +10% | ▁▄█▂▇ | ✓ |
    ");
}

#[test]
fn details_go_first_when_room_is_short() {
    let whole = markdown(&fail(), COMMENT_BYTES);
    let short = markdown(&fail(), head(&fail().report()).len() + 550);
    let line = short.lines().last().unwrap();
    let expected = "Left out for want of room: Comparison with history, Requests, Guards, Errors and stopped iterations, \
                Environment, Method.";
    assert_eq!(line, expected);
    assert!(short.contains("<summary>Thresholds</summary>"), "what still fits is there: {short}");
    assert_eq!(whole.lines().next(), short.lines().next());
}

#[test]
fn a_long_table_is_cut_between_rows() {
    let mut fixture = fail();
    let Comparison::Made(history) = &mut fixture.judgement.comparison else { panic!("no history") };
    history.rows = vec![history.rows[0].clone(); 400];
    let text = markdown(&fixture, 30_000);
    assert!(text.len() <= 30_000);
    let more = text.lines().find(|line| line.starts_with("and ")).unwrap();
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| available-seats | p95 ") && line.contains(" | 0.410 | "))
        .count();
    let cut: usize = more.split(' ').nth(1).unwrap().parse().unwrap();
    assert_eq!(rows + cut, 400, "{more}");
}

/// Names as a hostile plan or server would choose them.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,12}",
        "(@[a-z]{1,5}|\\||\n|\r|`{1,4}|<b>|<!-- |-->|#[0-9]|\\\\|\u{202e}|예약| ){1,12}",
        any::<String>(),
        Just("@@@@".repeat(300)),
    ]
}

prop_compose! {
    fn fixtures()(
        requests in prop::collection::vec(name(), 0..60),
        thresholds in prop::collection::vec((name(), name()), 0..40),
        texts in prop::array::uniform8(name()),
        body in name(),
        failing in any::<bool>(),
    ) -> Fixture {
        let mut fixture = if failing { fail() } else { not_measured() };
        let [plan, target, message, url, finding, note, rerun, label] = texts;
        if let Comparison::Made(history) = &mut fixture.judgement.comparison {
            history.new_requests = requests.clone();
            history.differences = vec![message.clone()];
            let sample = history.rows.clone();
            history.rows = requests
                .iter()
                .flat_map(|request| sample.iter().cloned().map(|row| Row { request: request.clone(), ..row }))
                .collect();
        }
        let sample = fixture.judgement.thresholds[0].clone();
        fixture.judgement.thresholds = thresholds
            .into_iter()
            .map(|(selector, condition)| ThresholdResult { selector, condition, ..sample.clone() })
            .collect();
        fixture.judgement.guards[0].finding = finding;
        for evidence in &mut fixture.measurement.evidence {
            evidence.url = url.clone();
            evidence.message = message.clone();
            evidence.response_body = Some(body.clone());
        }
        fixture.measurement.plan = plan;
        fixture.measurement.target = target;
        fixture.context.notes = vec![note];
        fixture.context.rerun = Some(rerun);
        fixture.context.links[0].label = label;
        fixture
    }
}

/// The text outside of code blocks, where Markdown has a meaning.
fn outside_of_blocks(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => lines.push(line),
            Some(open) if line == open => fence = None,
            Some(_) => {}
        }
    }
    assert!(fence.is_none(), "every block is closed");
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_name_breaks_the_comment(fixture in fixtures()) {
        let mut out = Vec::new();
        write(&fixture.report(), COMMENT_BYTES, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        prop_assert!(text.len() <= COMMENT_BYTES, "{} bytes", text.len());
        prop_assert!(head(&fixture.report()).len() + LEFT_OUT_BYTES <= COMMENT_BYTES, "what decides always fits");
        let marker = marker(&fixture.measurement.plan);
        prop_assert_eq!(text.lines().next(), Some(&*marker));
        let mut columns = None;
        for line in outside_of_blocks(&text).into_iter().skip(1) {
            let mention = line.split('@').skip(1).find(|rest| !rest.starts_with("&#8203;"));
            prop_assert!(mention.is_none(), "a mention in {line}");
            prop_assert!(!line.contains('`'), "a code span in {line}");
            prop_assert!(!line.contains("<!--"), "HTML in {line}");
            if line.starts_with('|') {
                let count = line.matches('|').count();
                prop_assert_eq!(*columns.get_or_insert(count), count, "columns of {}", line);
            } else {
                prop_assert!(!line.contains('|'), "a bar in {line}");
                columns = None;
            }
        }
    }
}
