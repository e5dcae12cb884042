// api: lifecycle.setup, tags.group
// expect: checks 3
import http from 'k6/http';
import { check } from 'k6';

export const options = {
  thresholds: { checks: ['rate==1'], 'checks{group:::setup}': ['rate==1'], 'checks{group:::teardown}': ['rate==1'] },
};

export function setup() {
  check(1, { 'in setup': true });
}

export default function () {
  check(1, { 'in between': true });
}

export function teardown() {
  check(1, { 'in teardown': true });
}
