//! Options as teams write them.

use super::*;
use crate::plan::Stage;

const QUEUE: [(u64, u64); 5] = [(60, 1000), (60, 2000), (60, 5000), (60, 5000), (60, 0)];

#[test]
fn scripts_of_real_teams_come_out_as_they_say() {
    let stages = r#""stages": [{"duration": "1m", "target": 1000}, {"duration": "1m", "target": 2000},
        {"duration": "1m", "target": 5000}, {"duration": "1m", "target": 5000}, {"duration": "1m", "target": 0}]"#;
    for (options, expected, thresholds, setup) in [
        (r#"{"stages": [{"duration": "10m", "target": 6000}]}"#.to_owned(), &[(600, 6000)][..], "", MINUTE),
        (
            format!(
                r#"{{{stages}, "thresholds": {{"http_req_duration": ["p(99)<500"], "http_req_failed": ["rate<0.005"],
                "http_reqs": ["rate>1000"], "checks": ["rate>0.9999"]}}, "setupTimeout": "5m"}}"#
            ),
            &QUEUE,
            "http_req_duration p(99)<500, http_req_failed rate<0.005, http_reqs rate>1000, checks rate>0.9999",
            5 * MINUTE,
        ),
        (
            format!(
                r#"{{{stages}, "thresholds": {{"http_req_duration": ["p(95)<1000"], "http_req_failed": ["rate<0.01"],
                "http_reqs": ["rate>500"], "checks": ["rate>0.999"]}}}}"#
            ),
            &QUEUE,
            "http_req_duration p(95)<1000, http_req_failed rate<0.01, http_reqs rate>500, checks rate>0.999",
            MINUTE,
        ),
        (
            format!(
                r#"{{{stages}, "thresholds": {{"http_req_duration": ["p(90)<2000"], "http_req_failed": ["rate<0.001"],
                "http_reqs": ["rate>100"], "checks": ["rate>0.9999"], "data_integrity": ["rate==1.0"]}}}}"#
            ),
            &QUEUE,
            "http_req_duration p(90)<2000, http_req_failed rate<0.001, http_reqs rate>100, checks rate>0.9999, \
             data_integrity rate==1",
            MINUTE,
        ),
    ] {
        let mut exports = exports();
        exports.functions.insert("setup".into());
        let script = Options::of_script(&json(&options)).unwrap().into_script(&exports).unwrap();
        let stages =
            expected.iter().map(|(seconds, target)| Stage { duration: Duration::from_secs(*seconds), target: *target });
        let executor = Executor::RampingVus { start_vus: 1, stages: stages.collect(), graceful_ramp_down: 30 * SECOND };
        assert_eq!(loads(&script), [("default".to_owned(), executor)]);
        let shown = script.thresholds.iter().map(|threshold| format!("{} {}", threshold.selector, threshold.condition));
        assert_eq!(shown.collect::<Vec<_>>().join(", "), thresholds);
        assert_eq!((script.setup, script.teardown), (Some(setup), None));
        assert_eq!(script.warnings, [""; 0]);
    }
}
