// api: executors.ramping-vus
// expect: checks some
import exec from 'k6/execution';
import { check, sleep } from 'k6';

export const options = {
  scenarios: { s: { executor: 'ramping-vus', startVUs: 0, stages: [{ duration: '1s', target: 2 }] } },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  check(1, { 'not before half a second': () => exec.instance.currentTestRunDuration > 300 });
  sleep(0.4);
}
