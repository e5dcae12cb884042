// api: cli.--out
// args: --out json=points.json
// k6-differs: samples are not written one by one: `--report json=FILE` has the figures
// expect-loadgate: checks 0
// expect-loadgate: exit options
// expect-loadgate: stderr contains "--summary-export"
// expect-k6: checks 1
// expect-k6: file points.json contains "\"type\":\"Point\""
// expect-k6: file points.json contains "\"metric\":\"sold\""
// expect-k6: file points.json contains "\"kind\":\"bread\""
import { check } from 'k6';
import { Counter } from 'k6/metrics';

const sold = new Counter('sold');

export default function () {
  sold.add(2, { kind: 'bread' });
  check(1, { yes: true });
}
