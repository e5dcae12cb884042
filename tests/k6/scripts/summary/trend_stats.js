// api: options.summaryTrendStats
// expect: checks 1
// expect: file facts.txt contains "avg,count,max,p(99),p(99.9)"
// expect: file facts.txt contains "count 4"
import { check } from 'k6';
import { Trend } from 'k6/metrics';

export const options = { summaryTrendStats: ['avg', 'p(99)', 'p(99.9)', 'count', 'max'] };

const t = new Trend('wait');

export default function () {
  [1, 2, 3, 4].forEach((n) => t.add(n));
  check(1, { yes: true });
}

export function handleSummary(data) {
  const { values } = data.metrics.wait;
  return { 'facts.txt': `${Object.keys(values).sort().join(',')}\ncount ${values.count}` };
}
