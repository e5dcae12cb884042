// api: options.scenarios
// expect: checks some
// expect: check "spike" 10
import http from 'k6/http';
import { check } from 'k6';
import exec from 'k6/execution';

export const options = {
  discardResponseBodies: true,
  scenarios: {
    background: {
      executor: 'ramping-arrival-rate',
      startRate: 10,
      timeUnit: '1s',
      preAllocatedVUs: 5,
      maxVUs: 10,
      exec: 'browse',
      stages: [
        { target: 20, duration: '500ms' },
        { target: 10, duration: '500ms' },
      ],
    },
    spike: {
      executor: 'shared-iterations',
      vus: 5,
      iterations: 10,
      startTime: '300ms',
      exec: 'browse',
      env: { KIND: 'spike' },
    },
  },
  thresholds: {
    checks: ['rate==1'],
    'http_req_duration{scenario:spike}': ['p(95)<5000'],
    'http_reqs{scenario:spike}': ['count==10'],
    'iterations{scenario:background}': ['count>=14', 'count<=16'],
  },
};

export function browse() {
  const res = http.get(`${__ENV.BASE_URL}/json`, { tags: { name: 'browse' } });
  const kind = __ENV.KIND || 'background';
  check(res, { [kind]: (r) => r.status === 200 && r.body === null && exec.scenario.name === kind });
}
