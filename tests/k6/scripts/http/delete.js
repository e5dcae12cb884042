// api: http.del
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const plain = http.del(`${__ENV.BASE_URL}/delete?id=4`);
  equal('method', plain.json('method'), 'DELETE');
  equal('query', plain.json('args.id'), ['4']);
  equal('no body', plain.json('size'), 0);
  const second = http.del(`${__ENV.BASE_URL}/delete`, 'reason', { headers: { 'X-By': 'me' } });
  equal('the second argument is the body', second.json('body'), 'reason');
  equal('the third has the parameters', second.json('headers.x-by'), ['me']);
}
