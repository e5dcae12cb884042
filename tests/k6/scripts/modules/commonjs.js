// api: modules.require
// expect: checks 2
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const http = require('k6/http');
const { check } = require('k6');

export default function () {
  equal('status', http.get(`${__ENV.BASE_URL}/get`).status, 200);
  equal('names', typeof check, 'function');
}
