use super::super::fixture::{Fixture, broken, fail, not_measured, pass, written};

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
