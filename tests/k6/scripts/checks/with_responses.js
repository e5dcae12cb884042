// api: k6.check
// expect: checks 8
import http from 'k6/http';
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.post(`${__ENV.BASE_URL}/post`, JSON.stringify({ id: 7, list: [1, 2] }));
  check(res, {
    'status is 200': (r) => r.status === 200,
    'status is fine': (r) => r.status >= 200 && r.status < 300,
    'has a body': (r) => r.body && r.body.length > 0,
    'says it': (r) => r.body.includes('"id":7'),
    'as JSON': (r) => JSON.parse(r.body).json.id === 7,
    'by a selector': (r) => r.json('json.list.1') === 2,
    'in time': (r) => r.timings.duration < 5000,
    'is JSON': (r) => r.headers['Content-Type'].startsWith('application/json'),
  });
}
