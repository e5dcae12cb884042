// api: Params.timeout
// k6-differs: a timeout that is no duration is a TypeError, since no request can be sent with it
// expect: checks 1
// expect-loadgate: stderr contains "TypeError: `timeout`"
// expect-k6: stderr lacks "TypeError"
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  let said;
  try {
    said = http.get(`${__ENV.BASE_URL}/get`, { timeout: 'soon' }).error;
  } catch (error) {
    said = String(error);
  }
  console.log(said);
  equal('error', said.includes('timeout'), true);
}
