// api: data.SharedArray, http.url, http.post
// expect: checks 3
// k6-skip: it would copy four thousand million elements, until it has no memory left
import http from 'k6/http';
import { SharedArray } from 'k6/data';
import { throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

// It has no element, only a length.
const long = new Array(2 ** 32 - 1);
const refused = 'an array of 4294967295 elements is too long';
let problem;
try {
  new SharedArray('long', () => long);
} catch (error) {
  problem = error;
}

export default function () {
  throws('a shared array', () => { throw problem; }, refused);
  throws('the parts of a template', () => http.url(long), refused);
  throws("a form's field", () => http.post(`${__ENV.BASE_URL}/post`, { a: long }), refused);
}
