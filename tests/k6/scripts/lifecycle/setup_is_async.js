// api: lifecycle.setup
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export async function setup() {
  const res = await http.asyncRequest('GET', `${__ENV.BASE_URL}/json`);
  return { founded: res.json('shop.founded') };
}

export default function (data) {
  equal('awaited', data.founded, 1987);
}

export async function teardown(data) {
  await Promise.resolve();
  equal('at the end', data.founded, 1987);
}
