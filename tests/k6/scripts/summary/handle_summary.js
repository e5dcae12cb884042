// api: summary.handleSummary
// expect: checks 3 of 4
// expect: stdout contains "to the terminal"
// expect: file report.txt contains "written"
// expect: file sub.json contains "\"ok\":true"
// expect: file facts.txt contains "checks rate 0.75 passes 3 fails 1"
// expect: file facts.txt contains "iterations count 2"
// expect: file facts.txt contains "trend avg 20"
// expect: file facts.txt contains "types rate counter trend"
// expect: file facts.txt contains "contains default default time"
// expect: file facts.txt contains "threshold count>1 ok true"
// expect: file facts.txt contains "threshold count>9 ok false"
// expect: exit thresholds
import { check } from 'k6';
import { Counter, Trend } from 'k6/metrics';

export const options = { iterations: 2, thresholds: { items: ['count>1', 'count>9'] } };

const [c, wait] = [new Counter('items'), new Trend('wait', true)];

export default function () {
  check(1, { a: true, b: __ITER === 0 });
  c.add(1);
  wait.add(__ITER === 0 ? 10 : 30);
}

export function handleSummary(data) {
  const { checks, iterations, wait: trend, items: counter } = data.metrics;
  const facts = [
    `checks rate ${checks.values.rate} passes ${checks.values.passes} fails ${checks.values.fails}`,
    `iterations count ${iterations.values.count}`,
    `trend avg ${trend.values.avg}`,
    `types ${checks.type} ${iterations.type} ${trend.type}`,
    `contains ${checks.contains} ${iterations.contains} ${trend.contains}`,
    ...Object.entries(counter.thresholds).map(([name, result]) => `threshold ${name} ok ${result.ok}`),
  ];
  return {
    stdout: 'to the terminal\n',
    'report.txt': 'written',
    'sub.json': JSON.stringify({ ok: true }),
    'facts.txt': facts.join('\n'),
  };
}
