// api: console.log
// expect: checks 1
// expect: stderr contains "at the start"
// expect: stderr contains "in setup"
import { check } from 'k6';

console.log('at the start');

export function setup() {
  console.log('in setup');
}

export default function () {
  check(1, { yes: true });
}
