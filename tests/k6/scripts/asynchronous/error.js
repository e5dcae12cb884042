// api: http.asyncRequest
// k6-differs: verdict: a request of which none was answered fails the run
// expect: checks 2
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default async function () {
  const res = await http.asyncRequest('GET', `${__ENV.CLOSED_URL}/`);
  equal('no exception', res.status, 0);
  let message = '';
  try {
    await http.asyncRequest('GET', `${__ENV.CLOSED_URL}/`, null, { throw: true });
  } catch (error) {
    message = String(error);
  }
  equal('one if asked', message.includes('refused'), true);
}
