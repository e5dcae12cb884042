// api: http.batch
// expect: checks 4
import http from 'k6/http';
import { check, group, sleep } from 'k6';
import { throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  throws('a batch of nothing', () => http.batch(), '');
  throws('a batch of a number', () => http.batch([5]), '');
  throws('a group without a function', () => group('a'), '');
  throws('a check without conditions', () => check(1), '');
}
