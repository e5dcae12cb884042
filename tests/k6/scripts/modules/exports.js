// api: lifecycle.default
// expect: checks 2
import { check } from 'k6';

const settings = { iterations: 2, thresholds: { checks: ['rate==1'] } };

const run = async () => {
  check(1, { yes: true });
};

export { run as default, settings as options };
