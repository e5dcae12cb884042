// api: language.promises, k6.check
// expect: checks 3
import http from 'k6/http';
import { check } from 'k6';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default async function () {
  const res = await http.asyncRequest('GET', `${__ENV.BASE_URL}/json`);
  check(res, { 'after waiting': (r) => r.status === 200 });
  const settled = await Promise.allSettled([Promise.resolve(1), Promise.reject(new Error('no'))]);
  equal(
    'settled',
    settled.map((s) => s.status),
    ['fulfilled', 'rejected'],
  );
  equal('any', await Promise.any([Promise.reject(new Error('no')), Promise.resolve(3)]), 3);
}
