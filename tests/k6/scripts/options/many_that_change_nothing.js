// api: options.cloud, options.dns, options.summaryTimeUnit, options.teardownTimeout, options.noUsageReport
// api: options.paused
// expect: checks 1
import { check } from 'k6';

export const options = {
  cloud: { name: 'x' },
  ext: { loadimpact: { projectID: 1 } },
  dns: { ttl: '1m', select: 'first', policy: 'preferIPv4' },
  summaryTimeUnit: 's',
  teardownTimeout: '10s',
  noUsageReport: true,
  paused: false,
  vus: null,
  stages: undefined,
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  check(1, { yes: true });
}
