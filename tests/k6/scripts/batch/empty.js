// api: http.batch
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('nothing of nothing', http.batch([]), []);
  equal('nor of an object', http.batch({}), {});
}
