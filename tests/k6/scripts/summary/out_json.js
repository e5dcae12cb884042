// api: cli.--out
// args: --out json=points.json
// expect: checks 1
// expect: file points.json contains "\"type\":\"Point\""
// expect: file points.json contains "\"metric\":\"sold\""
// expect: file points.json contains "\"kind\":\"bread\""
import { check } from 'k6';
import { Counter } from 'k6/metrics';

const sold = new Counter('sold');

export default function () {
  sold.add(2, { kind: 'bread' });
  check(1, { yes: true });
}
