// api: summary.handleSummary
// expect: checks 2
// expect: file facts.txt contains "http_reqs{name:a} 2"
// expect: file facts.txt contains "http_req_failed 0 of 2"
// expect: file facts.txt contains "http_req_duration{expected_response:true}"
import http from 'k6/http';
import { check } from 'k6';

export const options = { thresholds: { 'http_reqs{name:a}': ['count==2'] } };

export default function () {
  for (let i = 0; i < 2; i++) {
    check(http.get(`${__ENV.BASE_URL}/get`, { tags: { name: 'a' } }), { ok: (res) => res.status === 200 });
  }
}

export function handleSummary({ metrics }) {
  const failed = metrics.http_req_failed.values;
  const facts = [
    `http_reqs{name:a} ${metrics['http_reqs{name:a}'].values.count}`,
    `http_req_failed ${failed.passes} of ${failed.passes + failed.fails}`,
    ...Object.keys(metrics),
  ];
  return { 'facts.txt': facts.join('\n') };
}
