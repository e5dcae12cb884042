// api: executors.constant-arrival-rate
// expect: checks some
import { check } from 'k6';

const arrivals = (rate) => ({ executor: 'constant-arrival-rate', rate, duration: '1s', preAllocatedVUs: 3 });

export const options = {
  scenarios: { slow: arrivals(5), fast: arrivals(20) },
  thresholds: {
    checks: ['rate==1'],
    'iterations{scenario:slow}': ['count>=5', 'count<=6'],
    'iterations{scenario:fast}': ['count>=20', 'count<=21'],
  },
};

export default function () {
  check(1, { yes: true });
}
