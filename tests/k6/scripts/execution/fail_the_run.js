// api: execution.test.fail
// expect: checks 2
// expect: exit failed
// expect: output contains "marked as failed"
// expect: metric iterations count == 2
import exec from 'k6/execution';
import { check } from 'k6';

export const options = { iterations: 2, thresholds: { checks: ['rate==1'] } };

export default function () {
  if (__ITER === 0) {
    exec.test.fail('one was wrong');
  }
  check(1, { 'the run goes on': true });
}
