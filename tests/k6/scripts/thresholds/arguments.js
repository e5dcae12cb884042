// api: cli.--no-thresholds
// args: --no-thresholds
// k6-differs: a gate without thresholds is none: there is no such argument
// expect-loadgate: checks 0
// expect-loadgate: exit options
// expect-loadgate: stderr contains "--no-thresholds"
// expect-k6: checks 0 of 1
// expect-k6: exit pass
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  check(1, { bad: false });
}
