// api: options.errors
// expect: checks 1
import { check } from 'k6';

export const options = { coloured: true, thresholds: { checks: ['rate==1'] } };

export default function () {
  check(null, { 'an unknown option changes nothing': true });
}
