//! `benches/peers` reads what other generators say of themselves; these are their own outputs, shortened.

#[path = "../benches/peers/said.rs"]
mod said;

use said::{Said, read_hey, read_k6, read_oha, read_wrk};
use serde_json::json;

#[test]
fn wrk_with_all_answers_as_they_should_be() {
    let text = "\
Running 1s test @ http://127.0.0.1:18999/
  1 threads and 50 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   411.44us  211.84us   5.87ms   98.63%
    Req/Sec    91.06k     4.19k   95.91k    70.00%
  90454 requests in 1.00s, 13.12MB read
Requests/sec:  90454.00
Transfer/sec:     13.11MB
";
    assert_eq!(read_wrk(text), Some(Said { requests: 90_454, seconds: 1.0, ..Said::default() }));
}

#[test]
fn wrk_with_refusals_and_broken_connections() {
    let text = "\
  20000 requests in 1.01s, 5.77MB read
  Socket errors: connect 1, read 4, write 11906, timeout 2
  Non-2xx or 3xx responses: 19649
Requests/sec:  20000.00
";
    let errors = 1 + 4 + 11_906 + 2 + 19_649;
    assert_eq!(read_wrk(text), Some(Said { requests: 20_000, seconds: 1.0, errors, ..Said::default() }));
}

#[test]
fn hey_counts_answers_by_status_and_errors_by_message() {
    let text = "\
Summary:
  Total:	1.0010 secs
  Slowest:	0.0108 secs
  Requests/sec:	25785.5809

Latency distribution:
  95% in 0.0054 secs

Status code distribution:
  [200]	25000 responses
  [404]	812 responses

Error distribution:
  [3]	Get \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused
";
    let expected = Said { requests: 25_812, seconds: 1.001, errors: 815, p95: Some(5.4), ..Said::default() };
    assert_eq!(read_hey(text), Some(expected));
}

#[test]
fn oha_does_not_count_what_was_under_way_at_the_end() {
    let summary = json!({
        "summary": { "total": 1.5 },
        "latencyPercentiles": { "p95": 0.002 },
        "statusCodeDistribution": { "200": 46_335, "503": 7 },
        "errorDistribution": { "aborted due to deadline": 50, "Connection refused (os error 111)": 2 },
    });
    let expected = Said { requests: 46_342, seconds: 1.5, errors: 9, p95: Some(2.0), ..Said::default() };
    assert_eq!(read_oha(&summary), Some(expected));
}

#[test]
fn k6_counts_failed_requests_as_passes_of_their_rate() {
    let summary = json!({ "metrics": {
        "http_reqs": { "values": { "count": 13_628, "rate": 6814 } },
        "http_req_failed": { "values": { "rate": 0.5, "passes": 3, "fails": 13_625 } },
        "checks": { "values": { "rate": 0.5, "passes": 100, "fails": 4 } },
        "http_req_duration": { "values": { "med": 1, "p(95)": 9.5 } },
    } });
    let expected = Said { requests: 13_628, seconds: 2.0, errors: 7, p95: Some(9.5), ..Said::default() };
    assert_eq!(read_k6(&summary), Some(expected));
}

#[test]
fn what_is_not_as_known_is_not_read() {
    for text in ["", "wrk: unable to connect", "Requests/sec: 5"] {
        assert_eq!((read_wrk(text), read_hey(text)), (None, None), "{text}");
    }
    for value in [json!(null), json!({}), json!({ "metrics": {} })] {
        assert_eq!((read_oha(&value), read_k6(&value)), (None, None), "{value}");
    }
}
