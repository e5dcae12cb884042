// api: options.vus, options.iterations
// expect: checks 3
import { check } from 'k6';

export const options = { vus: '1', iterations: '3' };

export default function () {
  check(1, { yes: true });
}
