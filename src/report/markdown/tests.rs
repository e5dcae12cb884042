use proptest::prelude::*;

use super::super::fixture::{
    Fixture, broken, fail, not_measured, paired_dead, paired_fail, paired_pass, paired_too_noisy, pass, written,
};
use super::section::LEFT_OUT_BYTES;
use super::*;
use crate::gate::{Base, GatedMetric, History, LostFigure, Row, ThresholdResult};

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

    - reserve: 100 refusals of 100 requests (401: 100), 100.00%; limit 50%; check the token in &#96;defaults.headers&#96;

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
fn a_paired_run_that_passes() {
    insta::assert_snapshot!(markdown(&paired_pass(), COMMENT_BYTES), @r"
    <!-- loadgate:concert-reservation -->
    ### ✓ loadgate: pass

    1 threshold holds; no regression in 4 figures against the reference, 1 not judged (too few samples)

    | request | metric | base | this PR | change | 95% interval | limit | detectable | blocks | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
    | available-seats | p50 | 4.03ms | 4.03ms | 0.0% | \[-1.2, +1.2\]% | +5% | +6.2% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✓ |
    | available-seats | p95 | 4.03ms | 4.03ms | 0.0% | \[-2.1, +2.1\]% | +5% | +7.1% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✓ |
    | reserve | p50 | 8.53ms | 8.53ms | 0.0% | \[-1.4, +1.4\]% | +5% | +6.4% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✓ |
    | reserve | p95 | 8.98ms | 8.98ms | 0.0% | \[-2.6, +2.6\]% | +5% | +7.6% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✓ |

    - Compared with [base.example](https://base.example), commit 1f0c9b2d77e1a…
    - Parallel: both deployments had the load at the same time; 20 pairs of blocks of 1s; one look
    - Assumes equal hardware; assumes that the deployments share no database, cache or host
    - Calibration: A/A: 0 of 60 failed; +10 % found in 19 of 20

    Not judged:

    - reserve p99: too few samples: 40 beyond p99, 100 needed

    To measure again:

    ```sh
    loadgate run loadgate.yml --target https://preview.example --seed 42
    ```

    <sub>plan concert-reservation · profile pr · target [preview.example](https://preview.example) · commit 8c0fde910a37f… · [run](https://github.com/acme/concerts/actions/runs/1)</sub>

    <details><summary>Comparison with the reference</summary>

    | request | metric | base | this PR | change | 95% interval | limit | detectable | p | samples | blocks | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
    | available-seats | p50 | 4.03ms | 4.03ms | 0.0% | \[-1.2, +1.2\]% | +5% | +6.2% | 0.410 | 4000 | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✓ |
    | available-seats | p95 | 4.03ms | 4.03ms | 0.0% | \[-2.1, +2.1\]% | +5% | +7.1% | 0.410 | 4000 | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✓ |
    | reserve | p50 | 8.53ms | 8.53ms | 0.0% | \[-1.4, +1.4\]% | +5% | +6.4% | 0.410 | 4000 | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✓ |
    | reserve | p95 | 8.98ms | 8.98ms | 0.0% | \[-2.6, +2.6\]% | +5% | +7.6% | 0.410 | 4000 | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✓ |
    | reserve | p99 | 9.02ms | 9.02ms | 0.0% | too few samples: 40 beyond p99, 100 needed | +5% | – | – | 4000 | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | – |

    </details>

    <details><summary>Requests</summary>

    | request | arm | count | rate | failed | avg | min | med | max | p(90) | p(95) | p(99) | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
    | reserve | base | 4000 | 200/s | 0 | 8.52ms | 8.03ms | 8.53ms | 9.02ms | 8.93ms | 8.98ms | 9.02ms |   |
    |  | this PR | 4000 | 200/s | 0 | 8.52ms | 8.03ms | 8.53ms | 9.02ms | 8.93ms | 8.98ms | 9.02ms |   |
    | available-seats | base | 4000 | 200/s | 0 | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms |   |
    |  | this PR | 4000 | 200/s | 0 | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms | 4.03ms |   |

    </details>

    <details><summary>Totals of both arms</summary>

    | metric | figure | base | this PR |
    | --- | --- | ---: | ---: |
    | http\_reqs | count | 8000 | 8000 |
    | http\_reqs | rate | 400/s | 400/s |
    | http\_req\_failed | rate | 0.00% | 0.00% |
    | http\_req\_duration | avg | 6.27ms | 6.27ms |
    | http\_req\_duration | min | 4.03ms | 4.03ms |
    | http\_req\_duration | med | 4.03ms | 4.03ms |
    | http\_req\_duration | max | 9.02ms | 9.02ms |
    | http\_req\_duration | p(90) | 8.83ms | 8.83ms |
    | http\_req\_duration | p(95) | 8.93ms | 8.93ms |
    | http\_req\_duration | p(99) | 9.01ms | 9.01ms |
    | checks | rate | 100.00% | 100.00% |
    | iterations | count | 4000 | 4000 |
    | iterations | rate | 200/s | 200/s |
    | iteration\_duration | avg | 13ms | 13ms |
    | iteration\_duration | p(95) | 13ms | 13ms |
    | iterations\_stopped | count | 2 | 2 |
    | vus | max | 20 | 20 |
    | vus\_max | max | 20 | 20 |
    | data\_sent | count | 3.4 MB | 3.4 MB |
    | data\_sent | rate | 168 kB/s | 168 kB/s |
    | data\_received | count | 9.6 MB | 9.6 MB |
    | data\_received | rate | 480 kB/s | 480 kB/s |

    </details>

    <details><summary>Thresholds</summary>

    | threshold | limit | measured | |
    | --- | --- | ---: | --- |
    | http\_req\_duration{name:reserve} | p(95) &lt; 300ms | 8.98ms | ✓ |

    </details>

    <details><summary>Guards</summary>

    | guard | about | finding | |
    | --- | --- | --- | --- |
    | request attempted | – | 2 of 2 requests were attempted | ✓ |

    </details>

    <details><summary>Errors and stopped iterations</summary>

    | where | what | base | this PR |
    | --- | --- | ---: | ---: |
    | scenario reserve | iterations stopped: queue-status | 2 (0.05%) | 2 (0.05%) |

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

    The pair of blocks is the replicate, a request never is. One generator gave both deployments the same load at the same time, so that what machine, network and neighbours do hits both. Each gated figure of a block is compared on a logarithmic scale with the same figure of the reference; its interval comes from the spread between the pairs (Student's t, wider where neighbouring pairs are alike), and p is adjusted for all figures together by swapping the arms of whole pairs (Westfall and Young). A change fails if it is proven and larger than the limit; it passes if a change as large as the limit is ruled out; else the run is too noisy to say. *Detectable* is the smallest change that this run would have shown four times out of five. Quantiles are those of expected responses, and of time-outs at their limit.

    </details>
    ");
}

fn head_of(fixture: &Fixture) -> String {
    head(&fixture.report())
}

#[test]
fn a_paired_run_that_is_slower_and_fails_more_than_its_reference() {
    insta::assert_snapshot!(head_of(&paired_fail()), @r#"
    <!-- loadgate:concert-reservation -->
    ### ✗ loadgate: fail

    > [!CAUTION]
    > - reserve p50 8.53ms → 10.53ms, +23.4%, 95% interval \[+22.0, +24.8\]%, limit +5%
    > - reserve p95 8.98ms → 10.98ms, +22.3%, 95% interval \[+19.7, +24.9\]%, limit +5%
    > - reserve failed 0.05% → 1.02%, +0.97 points, 95% interval \[+0.68, +1.28\] points, limit +0.1 points

    | request | metric | base | this PR | change | 95% interval | limit | detectable | blocks | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
    | reserve | p50 | 8.53ms | 10.53ms | +23.4% | \[+22.0, +24.8\]% | +5% | +6.4% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✗ |
    | reserve | p95 | 8.98ms | 10.98ms | +22.3% | \[+19.7, +24.9\]% | +5% | +7.6% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✗ |
    | reserve | failed | 0.05% | 1.02% | +0.97 points | \[+0.68, +1.28\] points | +0.1 points | +0.40 points | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✗ |
    | available-seats | p50 | 4.03ms | 4.03ms | 0.0% | \[-1.2, +1.2\]% | +5% | +6.2% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✓ |

    - Compared with [base.example](https://base.example), commit 1f0c9b2d77e1a…
    - Parallel: both deployments had the load at the same time; 20 pairs of blocks of 1s; one look
    - Differences of hardware calibrated from 6 records; assumes that the deployments share no database, cache or host

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
    "#);
}

#[test]
fn an_extended_run_in_turn_that_is_too_noisy() {
    insta::assert_snapshot!(head_of(&paired_too_noisy()), @r"
    <!-- loadgate:concert-reservation -->
    ### ? loadgate: too noisy

    reserve p95 8.98ms → 8.98ms, 0.0%, 95% interval \[-17.0, +17.0\]%, limit +5%; the smallest change this run could have shown is +22.0%; and 1 more

    | request | metric | base | this PR | change | 95% interval | limit | detectable | blocks | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
    | reserve | p50 | 8.53ms | 8.53ms | 0.0% | \[-13.0, +13.0\]% | +5% | +18.0% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ? |
    | reserve | p95 | 8.98ms | 8.98ms | 0.0% | \[-17.0, +17.0\]% | +5% | +22.0% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ? |
    | available-seats | p50 | 4.03ms | 4.03ms | 0.0% | \[-4.0, +4.0\]% | +5% | +9.0% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ✓ |

    - Compared with [base.example](https://base.example), commit 1f0c9b2d77e1a…
    - Alternating: the deployments had the load in turn, block by block; 20 pairs of blocks of 1s; extended: look 2 of 2, at half of α
    - Assumes equal hardware; the deployments share: database, host

    To measure again:

    ```sh
    loadgate run loadgate.yml --target https://preview.example --seed 42
    ```

    <sub>plan concert-reservation · profile pr · target [preview.example](https://preview.example) · commit 8c0fde910a37f… · [run](https://github.com/acme/concerts/actions/runs/1)</sub>
    ");
    insta::assert_snapshot!(comparison::method(&paired_too_noisy().judgement.comparison), @"The pair of blocks is the replicate, a request never is. One generator gave both deployments the same load in turn, in an order that is drawn anew for each pair of blocks. Each gated figure of a block is compared on a logarithmic scale with the same figure of the reference; its interval comes from the spread between the pairs (Student's t, wider where neighbouring pairs are alike), and p is adjusted for all figures together by swapping the arms of whole pairs (Westfall and Young). The load may go on once to twice its length, so each look at it has half of the 5 % for a false alarm. A change fails if it is proven and larger than the limit; it passes if a change as large as the limit is ruled out; else the run is too noisy to say. *Detectable* is the smallest change that this run would have shown four times out of five. Quantiles are those of expected responses, and of time-outs at their limit.");
}

#[test]
fn a_reference_that_answered_nothing() {
    insta::assert_snapshot!(head_of(&paired_dead()), @r#"
    <!-- loadgate:concert-reservation -->
    ### ? loadgate: not measured

    - reference: reserve: 4000 refusals of 4000 requests (401: 4000), 100.00%; limit 50%; check the token of the reference

    | request | metric | base | this PR | change | 95% interval | limit | detectable | blocks | |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
    | available-seats | p50 | 4.03ms | 4.03ms | 0.0% | \[-1.2, +1.2\]% | +5% | +6.2% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ? |
    | available-seats | p95 | 4.03ms | 4.03ms | 0.0% | \[-2.1, +2.1\]% | +5% | +7.1% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ? |
    | reserve | p50 | 8.53ms | 8.53ms | 0.0% | \[-1.4, +1.4\]% | +5% | +6.4% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ? |
    | reserve | p95 | 8.98ms | 8.98ms | 0.0% | \[-2.6, +2.6\]% | +5% | +7.6% | ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆ | ? |

    - Compared with [base.example](https://base.example), commit 1f0c9b2d77e1a…
    - Parallel: both deployments had the load at the same time; 20 pairs of blocks of 1s; one look
    - Assumes equal hardware; assumes that the deployments share no database, cache or host
    - Calibration: A/A: 0 of 60 failed; +10 % found in 19 of 20

    Not judged:

    - reserve p99: too few samples: 40 beyond p99, 100 needed

    First failure of reserve of the reference (status 401): expected 200, got 401

    ```http
    POST https://preview.example/api/v1/concert-events/7/reserve
    authorization: ***

    {"occupationId":12}

    401
    content-type: application/json

    {"error":"lock timeout",
     "notify":"@oncall"}
    ```

    To measure again:

    ```sh
    loadgate run loadgate.yml --target https://preview.example --seed 42
    ```

    <sub>plan concert-reservation · profile pr · target [preview.example](https://preview.example) · commit 8c0fde910a37f… · [run](https://github.com/acme/concerts/actions/runs/1)</sub>
    "#);
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
        kind in 0..4_usize,
    ) -> Fixture {
        let mut fixture = [fail, not_measured, paired_fail, paired_pass][kind]();
        let [plan, target, message, url, finding, note, rerun, label] = texts;
        if let Comparison::Made(history) = &mut fixture.judgement.comparison {
            history.new_requests = requests.clone();
            history.differences = vec![message.clone()];
            history.track_record = Some(label.clone());
            history.lost = vec![LostFigure { request: plan.clone(), metric: GatedMetric::P95, samples: 1, base: 9 }];
            if let Base::Reference(paired) = &mut history.with {
                paired.target = target.clone();
                paired.commit = Some(message.clone());
                paired.pairing.shares = vec![finding.clone(), note.clone()];
            }
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
