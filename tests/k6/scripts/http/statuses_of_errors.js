// api: Response.error_code
// expect: checks 12
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  thresholds: {
    checks: ['rate==1'],
    'http_reqs{error_code:1404}': ['count==1'],
    'http_reqs{status:503}': ['count==1'],
  },
};

// The codes stay, expected or not.
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 599 }));

export default function () {
  for (const [status, code] of [
    [200, 0],
    [302, 0],
    [400, 1400],
    [404, 1404],
    [500, 1500],
    [503, 1503],
  ]) {
    const res = http.get(`${__ENV.BASE_URL}/status/${status}`);
    equal(`code of ${status}`, res.error_code, code);
    equal(`error of ${status}`, res.error, '');
  }
}
