// api: Response.submitForm
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/html`).submitForm({ fields: { q: 'jam & tea' } });
  equal('method', res.json('method'), 'GET');
  equal('the first form, its fields in the query', res.json('args.q'), ['jam & tea']);
  equal('a hidden field', res.json('args.token'), ['s3cret']);
}
