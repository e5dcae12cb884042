// api: cli.--out
// args: --out json=points.json
// expect: checks 1
// expect: file points.json contains "\"type\":\"Metric\""
// expect: file points.json contains "\"contains\":\"default\",\"thresholds\":[\"count>1\"]"
// expect: file points.json contains "\"name\":\"sold{kind:bread}\""
// expect: file points.json contains "\"type\":\"Point\""
// expect: file points.json contains "\"metric\":\"sold\""
// expect: file points.json contains "\"value\":2,\"tags\":{\"group\":\"::shop\",\"kind\":\"bread\",\"scenario\":\"default\"}"
// expect: file points.json contains "\"tags\":{\"check\":\"yes\",\"group\":\"\",\"scenario\":\"default\"}"
// expect: file points.json contains "\"metric\":\"group_duration\""
// expect: file points.json contains "\"value\":1,\"tags\":{\"group\":\"\",\"scenario\":\"default\"}"
import { check, group } from 'k6';
import { Counter } from 'k6/metrics';

const sold = new Counter('sold');

export const options = { thresholds: { sold: ['count>1'], 'sold{kind:bread}': ['count>1'] } };

export default function () {
  group('shop', () => sold.add(2, { kind: 'bread' }));
  check(1, { yes: true });
}
