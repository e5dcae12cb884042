// api: http.post
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const post = (body, params) => http.post(`${__ENV.BASE_URL}/post`, body, params).json();
  equal('a typed array', post(new Uint8Array([1, 2, 255])).hex, '0102ff');
  equal('a part of a buffer', post(new Uint8Array([1, 2, 3, 4]).subarray(1, 3).slice().buffer).hex, '0203');
  equal('a text beyond ASCII', post('Grüße').size, 7);
  equal('an empty form', post({}).size, 0);
  equal('an empty text', post('').size, 0);
}
