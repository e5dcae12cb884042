use super::super::fixture::{
    Fixture, broken, fail, not_measured, paired_dead, paired_fail, paired_pass, paired_too_noisy, pass, written,
};

fn text(fixture: &Fixture) -> String {
    written(fixture, |report, out| super::write(report, false, out).unwrap())
}

#[test]
fn a_run_that_passes_beside_its_history() {
    insta::assert_snapshot!(text(&pass()), @"
    pass: 1 threshold holds; no regression in 1 figure against 10 runs, 1 request new

       plan concert-reservation (pr), target https://preview.example, commit 8c0fde910a37f88322ed
       ran 20.35s of which 20s are judged, 100 complete and 1 interrupted iterations, seed 42

         ✓ reserve status is 200
         ✓ seat reserved

         http_reqs......................: 200     10/s
         http_req_failed................: 0.00%   ✓ 0      ✗ 200
         http_req_duration..............: avg=6.27ms min=4.03ms med=4.03ms max=9.02ms p(90)=8.82ms p(95)=8.92ms p(99)=9ms
           { expected_response:true }...: avg=6.27ms min=4.03ms med=4.03ms max=9.02ms p(90)=8.82ms p(95)=8.92ms p(99)=9ms
       ✓   { name:reserve }.............: avg=8.52ms min=8.03ms med=8.52ms max=9.02ms p(90)=8.92ms p(95)=8.97ms p(99)=9.01ms
         http_req_blocked...............: avg=3µs    min=3µs    med=3µs    max=3µs    p(90)=3µs    p(95)=3µs    p(99)=3µs
         http_req_connecting............: avg=0s     min=0s     med=0s     max=0s     p(90)=0s     p(95)=0s     p(99)=0s
         http_req_tls_handshaking.......: avg=0s     min=0s     med=0s     max=0s     p(90)=0s     p(95)=0s     p(99)=0s
         http_req_sending...............: avg=10µs   min=10µs   med=10µs   max=10µs   p(90)=10µs   p(95)=10µs   p(99)=10µs
         http_req_waiting...............: avg=6.24ms min=4ms    med=4ms    max=8.99ms p(90)=8.79ms p(95)=8.89ms p(99)=8.97ms
         http_req_receiving.............: avg=20µs   min=20µs   med=20µs   max=20µs   p(90)=20µs   p(95)=20µs   p(99)=20µs
         checks.........................: 100.00% ✓ 200    ✗ 0
         iterations.....................: 100     5/s
         iteration_duration.............: avg=13ms   min=13ms   med=13ms   max=13ms   p(90)=13ms   p(95)=13ms   p(99)=13ms
         iterations_stopped.............: 2       0.1/s
           { queue-status }.............: 2
         vus............................: 5       min=1    max=20
         vus_max........................: 20      min=20   max=20
         data_sent......................: 84 kB   4.2 kB/s
         data_received..................: 240 kB  12 kB/s
         data_integrity.................: 100.00% ✓ 100    ✗ 0

       requests
         request          count  rate  failed     avg     min     med     max   p(90)   p(95)   p(99)
         reserve            100   5/s       0  8.52ms  8.03ms  8.52ms  9.02ms  8.92ms  8.97ms  9.01ms
         available-seats    100   5/s       0  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms

       errors and stopped iterations
         where             what                              count
         scenario reserve  iterations stopped: queue-status      2

       thresholds
         threshold                        limit          measured
       ✓ http_req_duration{name:reserve}  p(95) < 300ms     9.2ms

       compared with 10 of 10 runs needed
         request  metric   base  this run  change   95% interval  limit  detectable      p  samples  history
       ✓ reserve  p95     9.1ms     9.2ms   +1.1%  [-2.9, +6.1]%   +10%       +8.0%  0.410      100  ▁▄█▂▅

       new: occupy has no history in this definition
       differs from history: CPU EPYC 7763, was Xeon 8370C
       again: loadgate run loadgate.yml --target https://preview.example --seed 42
       measurement: loadgate-measurement.json

    pass: 1 threshold holds; no regression in 1 figure against 10 runs, 1 request new
    ");
}

#[test]
fn a_regression_with_a_broken_threshold_and_the_first_failure() {
    insta::assert_snapshot!(text(&fail()), @r#"
    fail: http_req_duration{name:reserve} p(95) is 312.4ms, limit < 300ms; and 2 more

       plan concert-reservation (pr), target https://preview.example, commit 8c0fde910a37f88322ed
       ran 20.35s of which 20s are judged, 100 complete and 1 interrupted iterations, seed 42

         ✗ reserve status is 200
          ↳  97% — ✓ 97 / ✗ 3
         ✓ seat reserved

         http_reqs......................: 200    10/s
         http_req_failed................: 1.50%  ✓ 3      ✗ 197
         http_req_duration..............: avg=231.71ms min=4.03ms   med=4.03ms   max=15s      p(90)=312.83ms p(95)=313.08ms p(99)=313.08ms
           { expected_response:true }...: avg=155.93ms min=4.03ms   med=4.03ms   max=313.02ms p(90)=312.83ms p(95)=313.02ms p(99)=313.02ms
       ✗   { name:reserve }.............: avg=459.39ms min=312.03ms med=312.57ms max=15s      p(90)=313.08ms p(95)=313.08ms p(99)=313.08ms
         http_req_blocked...............: avg=3µs      min=3µs      med=3µs      max=3µs      p(90)=3µs      p(95)=3µs      p(99)=3µs
         http_req_connecting............: avg=0s       min=0s       med=0s       max=0s       p(90)=0s       p(95)=0s       p(99)=0s
         http_req_tls_handshaking.......: avg=0s       min=0s       med=0s       max=0s       p(90)=0s       p(95)=0s       p(99)=0s
         http_req_sending...............: avg=10µs     min=10µs     med=10µs     max=10µs     p(90)=10µs     p(95)=10µs     p(99)=10µs
         http_req_waiting...............: avg=157.47ms min=4ms      med=4ms      max=312.99ms p(90)=312.83ms p(95)=312.99ms p(99)=312.99ms
         http_req_receiving.............: avg=20µs     min=20µs     med=20µs     max=20µs     p(90)=20µs     p(95)=20µs     p(99)=20µs
       ✗ checks.........................: 98.50% ✓ 197    ✗ 3
         iterations.....................: 100    5/s
         iteration_duration.............: avg=317ms    min=317ms    med=317ms    max=317ms    p(90)=317ms    p(95)=317ms    p(99)=317ms
         iterations_stopped.............: 2      0.1/s
           { queue-status }.............: 2
         vus............................: 5      min=1    max=20
         vus_max........................: 20     min=20   max=20
         data_sent......................: 84 kB  4.2 kB/s
         data_received..................: 240 kB 12 kB/s
         data_integrity.................: 97.00% ✓ 97     ✗ 3

       requests
         request          count  rate     failed       avg       min       med       max     p(90)     p(95)     p(99)
         reserve            100   5/s  3 (3.00%)  459.39ms  312.03ms  312.57ms       15s  313.08ms  313.08ms  313.08ms
         ↳ expected only     97                   312.53ms  312.05ms  312.57ms  313.02ms  313.02ms  313.02ms  313.02ms
         available-seats    100   5/s          0    4.03ms    4.03ms    4.03ms    4.03ms    4.03ms    4.03ms    4.03ms

       errors and stopped iterations
         where             what                              count
         reserve           timeout error                         1
         reserve           status 500                            2
         scenario reserve  iterations stopped: queue-status      2

       first failure of reserve (status 500, 1.2s after the start)
         POST https://preview.example/api/v1/concert-events/7/reserve
         {"occupationId":12}
         expected 200, got 500
         answered 500
         │ {"error":"lock timeout",
         │  "notify":"@oncall"}

       thresholds
         threshold                        limit          measured
       ✗ http_req_duration{name:reserve}  p(95) < 300ms   312.4ms
       ✗ checks                           rate > 0.9999      0.97

       compared with 10 of 10 runs needed
         request          metric   base  this run        change           95% interval        limit    detectable       p  samples  history
       ✓ available-seats  p95       4ms     4.1ms         +2.5%          [-1.5, +7.5]%         +10%         +8.0%   0.410      100  ▁▄█▂▇
       ✗ reserve          p95     9.1ms   312.4ms      +3330.0%    [+3326.0, +3335.0]%         +10%         +8.0%  <0.001      100  ▁▁▁▁█
       ? reserve          failed  0.00%     3.00%  +3.00 points  [-1.00, +7.00] points  +0.1 points  +8.00 points   0.410      100  ▁▁▁▁█

       new: occupy has no history in this definition
       differs from history: CPU EPYC 7763, was Xeon 8370C
       again: loadgate run loadgate.yml --target https://preview.example --seed 42
       measurement: loadgate-measurement.json

    fail: http_req_duration{name:reserve} p(95) is 312.4ms, limit < 300ms; and 2 more
    "#);
}

#[test]
fn a_run_that_was_not_measured() {
    insta::assert_snapshot!(text(&not_measured()), @"
    not measured: reserve: 100 refusals of 100 requests (401: 100), 100.00%; limit 50%

       plan concert-reservation (pr), target https://preview.example, commit 8c0fde910a37f88322ed
       ran 20.35s of which 20s are judged, 100 complete and 1 interrupted iterations, seed 42

         ✓ reserve status is 200
         ✓ seat reserved

         http_reqs......................: 200     10/s
         http_req_failed................: 0.00%   ✓ 0      ✗ 200
         http_req_duration..............: avg=6.27ms min=4.03ms med=4.03ms max=9.02ms p(90)=8.82ms p(95)=8.92ms p(99)=9ms
           { expected_response:true }...: avg=6.27ms min=4.03ms med=4.03ms max=9.02ms p(90)=8.82ms p(95)=8.92ms p(99)=9ms
       ✗   { name:reserve }.............: avg=8.52ms min=8.03ms med=8.52ms max=9.02ms p(90)=8.92ms p(95)=8.97ms p(99)=9.01ms
         http_req_blocked...............: avg=3µs    min=3µs    med=3µs    max=3µs    p(90)=3µs    p(95)=3µs    p(99)=3µs
         http_req_connecting............: avg=0s     min=0s     med=0s     max=0s     p(90)=0s     p(95)=0s     p(99)=0s
         http_req_tls_handshaking.......: avg=0s     min=0s     med=0s     max=0s     p(90)=0s     p(95)=0s     p(99)=0s
         http_req_sending...............: avg=10µs   min=10µs   med=10µs   max=10µs   p(90)=10µs   p(95)=10µs   p(99)=10µs
         http_req_waiting...............: avg=6.24ms min=4ms    med=4ms    max=8.99ms p(90)=8.79ms p(95)=8.89ms p(99)=8.97ms
         http_req_receiving.............: avg=20µs   min=20µs   med=20µs   max=20µs   p(90)=20µs   p(95)=20µs   p(99)=20µs
         checks.........................: 100.00% ✓ 200    ✗ 0
         iterations.....................: 100     5/s
         iteration_duration.............: avg=13ms   min=13ms   med=13ms   max=13ms   p(90)=13ms   p(95)=13ms   p(99)=13ms
         iterations_stopped.............: 2       0.1/s
           { queue-status }.............: 2
         vus............................: 5       min=1    max=20
         vus_max........................: 20      min=20   max=20
         data_sent......................: 84 kB   4.2 kB/s
         data_received..................: 240 kB  12 kB/s
         data_integrity.................: 100.00% ✓ 100    ✗ 0

       requests
         request          count  rate  failed     avg     min     med     max   p(90)   p(95)   p(99)
         reserve            100   5/s       0  8.52ms  8.03ms  8.52ms  9.02ms  8.92ms  8.97ms  9.01ms
         available-seats    100   5/s       0  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms

       errors and stopped iterations
         where             what                              count
         scenario reserve  iterations stopped: queue-status      2

       thresholds
         threshold                        limit           measured
       ✗ http_req_duration{name:reserve}  p(95) < 300ms  no sample

       ✗ not measured: reserve: 100 refusals of 100 requests (401: 100), 100.00%; limit 50%
         check the token in `defaults.headers`

       no baseline: 3 of 10 runs; thresholds alone decide

       again: loadgate run loadgate.yml --target https://preview.example --seed 42
       measurement: loadgate-measurement.json

    not measured: reserve: 100 refusals of 100 requests (401: 100), 100.00%; limit 50%
    ");
}

#[test]
fn colour_is_only_where_it_is_asked_for() {
    let plain = text(&fail());
    let coloured = written(&fail(), |report, out| super::write(report, true, out).unwrap());
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.starts_with(&format!("\u{1b}[1;31m{}\u{1b}[0m\n", fail().judgement.headline())));
    let codes = ["\u{1b}[1;31m", "\u{1b}[31m", "\u{1b}[33m", "\u{1b}[0m"];
    let stripped = codes.iter().fold(coloured, |text, code| text.replace(code, ""));
    assert_eq!(stripped, plain, "nothing but colour differs");
}

#[test]
fn what_a_server_sends_can_not_command_the_terminal() {
    let mut fixture = fail();
    fixture.measurement.evidence[0].response_body = Some("\u{1b}]0;owned\u{7}".into());
    fixture.measurement.evidence[0].message = "\u{1b}[2J".into();
    fixture.measurement.target = "https://preview.example".into();
    assert!(!text(&fixture).contains('\u{1b}'));
}

#[test]
fn failures_without_a_threshold_stand_before_the_thresholds() {
    let text = text(&broken());
    let (_, rest) = text.split_once("\"@oncall\"}\n\n").unwrap();
    let (failures, _) = rest.split_once("   thresholds").unwrap();
    insta::assert_snapshot!(failures, @"
    ✗ occupy: none of 100 requests was answered (connect: 90, timeout: 10)
      see the first failures in the report; check that the deployment serves this path

    ✗ ended early by http_req_failed: rate<0.5
      see the figure of that threshold
    ");
}

#[test]
fn a_paired_run_that_passes() {
    insta::assert_snapshot!(text(&paired_pass()), @"
    pass: 1 threshold holds; no regression in 4 figures against the reference, 1 not judged (too few samples)

       plan concert-reservation (pr), target https://preview.example, commit 8c0fde910a37f88322ed
       reference https://base.example, commit 1f0c9b2d77e1a37f8832
       ran 20.35s of which 20s are judged, 4000 complete and 1 interrupted iterations, seed 42

         ✓ reserve status is 200
         ✓ seat reserved

         http_reqs......................: 8000    400/s
         http_req_failed................: 0.00%   ✓ 0      ✗ 8000
         http_req_duration..............: avg=6.27ms min=4.03ms med=4.03ms max=9.02ms p(90)=8.83ms p(95)=8.93ms p(99)=9.01ms
           { expected_response:true }...: avg=6.27ms min=4.03ms med=4.03ms max=9.02ms p(90)=8.83ms p(95)=8.93ms p(99)=9.01ms
       ✓   { name:reserve }.............: avg=8.52ms min=8.03ms med=8.53ms max=9.02ms p(90)=8.93ms p(95)=8.98ms p(99)=9.02ms
         http_req_blocked...............: avg=3µs    min=3µs    med=3µs    max=3µs    p(90)=3µs    p(95)=3µs    p(99)=3µs
         http_req_connecting............: avg=0s     min=0s     med=0s     max=0s     p(90)=0s     p(95)=0s     p(99)=0s
         http_req_tls_handshaking.......: avg=0s     min=0s     med=0s     max=0s     p(90)=0s     p(95)=0s     p(99)=0s
         http_req_sending...............: avg=10µs   min=10µs   med=10µs   max=10µs   p(90)=10µs   p(95)=10µs   p(99)=10µs
         http_req_waiting...............: avg=6.24ms min=4ms    med=4ms    max=8.99ms p(90)=8.79ms p(95)=8.9ms  p(99)=8.98ms
         http_req_receiving.............: avg=20µs   min=20µs   med=20µs   max=20µs   p(90)=20µs   p(95)=20µs   p(99)=20µs
         checks.........................: 100.00% ✓ 8000   ✗ 0
         iterations.....................: 4000    200/s
         iteration_duration.............: avg=13ms   min=13ms   med=13ms   max=13ms   p(90)=13ms   p(95)=13ms   p(99)=13ms
         iterations_stopped.............: 2       0.1/s
           { queue-status }.............: 2
         vus............................: 5       min=1    max=20
         vus_max........................: 20      min=20   max=20
         data_sent......................: 3.4 MB  168 kB/s
         data_received..................: 9.6 MB  480 kB/s
         data_integrity.................: 100.00% ✓ 4000   ✗ 0

       totals of both arms
         metric              figure      base   this PR
         http_reqs           count       8000      8000
         http_reqs           rate       400/s     400/s
         http_req_failed     rate       0.00%     0.00%
         http_req_duration   avg       6.27ms    6.27ms
         http_req_duration   min       4.03ms    4.03ms
         http_req_duration   med       4.03ms    4.03ms
         http_req_duration   max       9.02ms    9.02ms
         http_req_duration   p(90)     8.83ms    8.83ms
         http_req_duration   p(95)     8.93ms    8.93ms
         http_req_duration   p(99)     9.01ms    9.01ms
         checks              rate     100.00%   100.00%
         iterations          count       4000      4000
         iterations          rate       200/s     200/s
         iteration_duration  avg         13ms      13ms
         iteration_duration  p(95)       13ms      13ms
         iterations_stopped  count          2         2
         vus                 max           20        20
         vus_max             max           20        20
         data_sent           count     3.4 MB    3.4 MB
         data_sent           rate    168 kB/s  168 kB/s
         data_received       count     9.6 MB    9.6 MB
         data_received       rate    480 kB/s  480 kB/s

       requests
         request          arm      count   rate  failed     avg     min     med     max   p(90)   p(95)   p(99)
         reserve          base      4000  200/s       0  8.52ms  8.03ms  8.53ms  9.02ms  8.93ms  8.98ms  9.02ms
                          this PR   4000  200/s       0  8.52ms  8.03ms  8.53ms  9.02ms  8.93ms  8.98ms  9.02ms
         available-seats  base      4000  200/s       0  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms
                          this PR   4000  200/s       0  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms  4.03ms

       errors and stopped iterations
         where             what                                   base    this PR
         scenario reserve  iterations stopped: queue-status  2 (0.05%)  2 (0.05%)

       thresholds
         threshold                        limit          measured
       ✓ http_req_duration{name:reserve}  p(95) < 300ms    8.98ms

       compared with the reference https://base.example, commit 1f0c9b2d77e1a37f8832
         request          metric    base  this PR  change                                95% interval  limit  detectable      p  samples  blocks
       ✓ available-seats  p50     4.03ms   4.03ms    0.0%                               [-1.2, +1.2]%    +5%       +6.2%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ✓ available-seats  p95     4.03ms   4.03ms    0.0%                               [-2.1, +2.1]%    +5%       +7.1%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ✓ reserve          p50     8.53ms   8.53ms    0.0%                               [-1.4, +1.4]%    +5%       +6.4%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ✓ reserve          p95     8.98ms   8.98ms    0.0%                               [-2.6, +2.6]%    +5%       +7.6%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       – reserve          p99     9.02ms   9.02ms    0.0%  too few samples: 40 beyond p99, 100 needed    +5%           –      –     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆

       parallel: both deployments had the load at the same time; 20 pairs of blocks of 1s; one look
       assumes equal hardware; assumes that the deployments share no database, cache or host
       calibration: A/A: 0 of 60 failed; +10 % found in 19 of 20
       again: loadgate run loadgate.yml --target https://preview.example --seed 42
       measurement: loadgate-measurement.json

    pass: 1 threshold holds; no regression in 4 figures against the reference, 1 not judged (too few samples)
    ");
}

#[test]
fn a_paired_run_that_is_slower_and_fails_more_than_its_reference() {
    insta::assert_snapshot!(text(&paired_fail()), @r#"
    fail: reserve p50 8.53ms → 10.53ms, +23.4%, 95% interval [+22.0, +24.8]%, limit +5%; and 2 more

       plan concert-reservation (pr), target https://preview.example, commit 8c0fde910a37f88322ed
       reference https://base.example, commit 1f0c9b2d77e1a37f8832
       ran 20.35s of which 20s are judged, 4000 complete and 1 interrupted iterations, seed 42

         ✗ reserve status is 200
          ↳  98% — ✓ 3959 / ✗ 41
         ✓ seat reserved

         http_reqs......................: 8000   400/s
         http_req_failed................: 0.51%  ✓ 41     ✗ 7959
         http_req_duration..............: avg=9.15ms  min=4.03ms  med=4.03ms  max=15s     p(90)=10.83ms p(95)=10.93ms p(99)=11.01ms
           { expected_response:true }...: avg=7.26ms  min=4.03ms  med=4.03ms  max=11.02ms p(90)=10.83ms p(95)=10.93ms p(99)=11.01ms
       ✓   { name:reserve }.............: avg=14.27ms min=10.03ms med=10.53ms max=15s     p(90)=10.93ms p(95)=10.98ms p(99)=11.02ms
         http_req_blocked...............: avg=3µs     min=3µs     med=3µs     max=3µs     p(90)=3µs     p(95)=3µs     p(99)=3µs
         http_req_connecting............: avg=0s      min=0s      med=0s      max=0s      p(90)=0s      p(95)=0s      p(99)=0s
         http_req_tls_handshaking.......: avg=0s      min=0s      med=0s      max=0s      p(90)=0s      p(95)=0s      p(99)=0s
         http_req_sending...............: avg=10µs    min=10µs    med=10µs    max=10µs    p(90)=10µs    p(95)=10µs    p(99)=10µs
         http_req_waiting...............: avg=7.24ms  min=4ms     med=4ms     max=10.99ms p(90)=10.8ms  p(95)=10.9ms  p(99)=10.98ms
         http_req_receiving.............: avg=20µs    min=20µs    med=20µs    max=20µs    p(90)=20µs    p(95)=20µs    p(99)=20µs
         checks.........................: 99.48% ✓ 7959   ✗ 41
         iterations.....................: 4000   200/s
         iteration_duration.............: avg=15ms    min=15ms    med=15ms    max=15ms    p(90)=15ms    p(95)=15ms    p(99)=15ms
         iterations_stopped.............: 2      0.1/s
           { queue-status }.............: 2
         vus............................: 5      min=1    max=20
         vus_max........................: 20     min=20   max=20
         data_sent......................: 3.4 MB 168 kB/s
         data_received..................: 9.6 MB 480 kB/s
         data_integrity.................: 98.97% ✓ 3959   ✗ 41

       totals of both arms
         metric                                     figure      base   this PR
         http_reqs                                  count       8000      8000
         http_reqs                                  rate       400/s     400/s
         http_req_failed                            rate       0.02%     0.51%
         http_req_duration                          avg       8.15ms    9.15ms
         http_req_duration                          min       4.03ms    4.03ms
         http_req_duration                          med       4.03ms    4.03ms
         http_req_duration                          max          15s       15s
         http_req_duration                          p(90)     8.83ms   10.83ms
         http_req_duration                          p(95)     8.93ms   10.93ms
         http_req_duration                          p(99)     9.01ms   11.01ms
         http_req_duration{expected_response:true}  avg       6.27ms    7.26ms
         http_req_duration{expected_response:true}  min       4.03ms    4.03ms
         http_req_duration{expected_response:true}  med       4.03ms    4.03ms
         http_req_duration{expected_response:true}  max       9.02ms   11.02ms
         http_req_duration{expected_response:true}  p(90)     8.83ms   10.83ms
         http_req_duration{expected_response:true}  p(95)     8.93ms   10.93ms
         http_req_duration{expected_response:true}  p(99)     9.01ms   11.01ms
         checks                                     rate      99.97%    99.48%
         iterations                                 count       4000      4000
         iterations                                 rate       200/s     200/s
         iteration_duration                         avg         13ms      15ms
         iteration_duration                         p(95)       13ms      15ms
         iterations_stopped                         count          2         2
         vus                                        max           20        20
         vus_max                                    max           20        20
         data_sent                                  count     3.4 MB    3.4 MB
         data_sent                                  rate    168 kB/s  168 kB/s
         data_received                              count     9.6 MB    9.6 MB
         data_received                              rate    480 kB/s  480 kB/s

       requests
         request          arm      count   rate      failed      avg      min      med      max    p(90)    p(95)    p(99)
         reserve          base      4000  200/s   2 (0.05%)  12.27ms   8.03ms   8.53ms      15s   8.93ms   8.98ms   9.02ms
         ↳ expected only  base      3998                      8.52ms   8.03ms   8.53ms   9.02ms   8.93ms   8.98ms   9.02ms
                          this PR   4000  200/s  41 (1.02%)  14.27ms  10.03ms  10.53ms      15s  10.93ms  10.98ms  11.02ms
         ↳ expected only  this PR   3959                     10.53ms  10.04ms  10.53ms  11.02ms  10.93ms  10.98ms  11.02ms
         available-seats  base      4000  200/s           0   4.03ms   4.03ms   4.03ms   4.03ms   4.03ms   4.03ms   4.03ms
                          this PR   4000  200/s           0   4.03ms   4.03ms   4.03ms   4.03ms   4.03ms   4.03ms   4.03ms

       errors and stopped iterations
         where             what                                   base     this PR
         reserve           timeout error                     1 (0.02%)   1 (0.02%)
         reserve           status 500                        1 (0.02%)  40 (1.00%)
         scenario reserve  iterations stopped: queue-status  2 (0.05%)   2 (0.05%)

       failed checks of both arms
         check                       base     this PR
         reserve status is 200  2 (0.05%)  41 (1.02%)

       first failure of reserve (status 500, 1.2s after the start)
         POST https://preview.example/api/v1/concert-events/7/reserve
         {"occupationId":12}
         expected 200, got 500
         answered 500
         │ {"error":"lock timeout",
         │  "notify":"@oncall"}

       thresholds
         threshold                        limit          measured
       ✓ http_req_duration{name:reserve}  p(95) < 300ms   10.98ms

       compared with the reference https://base.example, commit 1f0c9b2d77e1a37f8832
         request          metric    base  this PR        change           95% interval        limit    detectable       p  samples  blocks
       ✓ available-seats  p50     4.03ms   4.03ms          0.0%          [-1.2, +1.2]%          +5%         +6.2%   0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ✓ available-seats  p95     4.03ms   4.03ms          0.0%          [-2.1, +2.1]%          +5%         +7.1%   0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ✗ reserve          p50     8.53ms  10.53ms        +23.4%        [+22.0, +24.8]%          +5%         +6.4%  <0.001     3960  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ✗ reserve          p95     8.98ms  10.98ms        +22.3%        [+19.7, +24.9]%          +5%         +7.6%  <0.001     3960  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ✗ reserve          failed   0.05%    1.02%  +0.97 points  [+0.68, +1.28] points  +0.1 points  +0.40 points  <0.001     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆

       parallel: both deployments had the load at the same time; 20 pairs of blocks of 1s; one look
       differences of hardware calibrated from 6 records; assumes that the deployments share no database, cache or host
       again: loadgate run loadgate.yml --target https://preview.example --seed 42
       measurement: loadgate-measurement.json

    fail: reserve p50 8.53ms → 10.53ms, +23.4%, 95% interval [+22.0, +24.8]%, limit +5%; and 2 more
    "#);
}

/// What stands behind the measurements of [`paired_pass`].
fn judgement_of(fixture: &Fixture) -> String {
    let text = text(fixture);
    let (_, rest) = text.split_once("   thresholds\n").unwrap();
    format!("{}\n{rest}", text.lines().next().unwrap())
}

#[test]
fn an_extended_run_in_turn_that_is_too_noisy_names_the_smallest_change_first() {
    insta::assert_snapshot!(judgement_of(&paired_too_noisy()), @"
    too noisy: reserve p95 8.98ms → 8.98ms, 0.0%, 95% interval [-17.0, +17.0]%, limit +5%; the smallest change this run could have shown is +22.0%; and 1 more
         threshold                        limit          measured
       ✓ http_req_duration{name:reserve}  p(95) < 300ms    8.98ms

       compared with the reference https://base.example, commit 1f0c9b2d77e1a37f8832
         request          metric    base  this PR  change     95% interval  limit  detectable      p  samples  blocks
       ✓ available-seats  p50     4.03ms   4.03ms    0.0%    [-4.0, +4.0]%    +5%       +9.0%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ? reserve          p50     8.53ms   8.53ms    0.0%  [-13.0, +13.0]%    +5%      +18.0%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ? reserve          p95     8.98ms   8.98ms    0.0%  [-17.0, +17.0]%    +5%      +22.0%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆

       alternating: the deployments had the load in turn, block by block; 20 pairs of blocks of 1s; extended: look 2 of 2, at half of α
       assumes equal hardware; the deployments share: database, host
       again: loadgate run loadgate.yml --target https://preview.example --seed 42
       measurement: loadgate-measurement.json

    too noisy: reserve p95 8.98ms → 8.98ms, 0.0%, 95% interval [-17.0, +17.0]%, limit +5%; the smallest change this run could have shown is +22.0%; and 1 more
    ");
}

#[test]
fn a_reference_that_answered_nothing() {
    insta::assert_snapshot!(judgement_of(&paired_dead()), @"
    not measured: reference: reserve: 4000 refusals of 4000 requests (401: 4000), 100.00%; limit 50%
         threshold                        limit          measured
       ? http_req_duration{name:reserve}  p(95) < 300ms    8.98ms

       ✗ not measured: reference: reserve: 4000 refusals of 4000 requests (401: 4000), 100.00%; limit 50%
         check the token of the reference

       compared with the reference https://base.example, commit 1f0c9b2d77e1a37f8832
         request          metric    base  this PR  change                                95% interval  limit  detectable      p  samples  blocks
       ? available-seats  p50     4.03ms   4.03ms    0.0%                               [-1.2, +1.2]%    +5%       +6.2%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ? available-seats  p95     4.03ms   4.03ms    0.0%                               [-2.1, +2.1]%    +5%       +7.1%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ? reserve          p50     8.53ms   8.53ms    0.0%                               [-1.4, +1.4]%    +5%       +6.4%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       ? reserve          p95     8.98ms   8.98ms    0.0%                               [-2.6, +2.6]%    +5%       +7.6%  0.410     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆
       – reserve          p99     9.02ms   9.02ms    0.0%  too few samples: 40 beyond p99, 100 needed    +5%           –      –     4000  ▅▃▅█▄▆▁▇▄▆▅▃▅█▄▆▁▇▄▆

       parallel: both deployments had the load at the same time; 20 pairs of blocks of 1s; one look
       assumes equal hardware; assumes that the deployments share no database, cache or host
       calibration: A/A: 0 of 60 failed; +10 % found in 19 of 20
       again: loadgate run loadgate.yml --target https://preview.example --seed 42
       measurement: loadgate-measurement.json

    not measured: reference: reserve: 4000 refusals of 4000 requests (401: 4000), 100.00%; limit 50%
    ");
    assert!(text(&paired_dead()).contains("first failure of reserve of the reference (status 401, "));
}
