// api: http.batch
// k6-differs: verdict: a request of which none was answered fails the run
// expect: checks 2
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const responses = http.batch([`${__ENV.BASE_URL}/status/500`, `${__ENV.CLOSED_URL}/`, `${__ENV.BASE_URL}/get`]);
  equal(
    'each by itself',
    responses.map((res) => res.status),
    [500, 0, 200],
  );
  equal(
    'codes',
    responses.map((res) => res.error_code),
    [1500, 1212, 0],
  );
}
