// api: options.stages, thresholds.abortOnFail
// expect: checks some
import http from 'k6/http';
import { check, sleep } from 'k6';

export const options = {
  stages: [
    { duration: '300ms', target: 4 },
    { duration: '300ms', target: 4 },
    { duration: '200ms', target: 0 },
  ],
  gracefulStop: '1s',
  thresholds: {
    http_req_failed: [{ threshold: 'rate<0.5', abortOnFail: true, delayAbortEval: '100ms' }],
    http_req_duration: ['p(90)<5000', 'p(99.9)<6000'],
    checks: ['rate==1'],
  },
};

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/get`, { headers: { Accept: 'application/json' } });
  check(res, { 'status is 200': (r) => r.status === 200, 'is quick': (r) => r.timings.duration < 5000 });
  sleep(0.05);
}
