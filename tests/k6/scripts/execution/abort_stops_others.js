// api: execution.test.abort
// expect: checks 0
// expect: exit aborted
// expect: metric finished absent
import exec from 'k6/execution';
import { sleep } from 'k6';
import { Counter } from 'k6/metrics';

export const options = { scenarios: { s: { executor: 'per-vu-iterations', vus: 3, iterations: 1 } } };

const finished = new Counter('finished');

export default function () {
  if (__VU === 2) {
    sleep(0.1);
    exec.test.abort();
  }
  sleep(5);
  finished.add(1);
}
