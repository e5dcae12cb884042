// api: Response.headers
// expect: checks 7
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const query = 'x-one=1&X-MANY=a&X-MANY=b&etag=%22q%22&www-authenticate=Basic&x-üml=no';
  const { headers } = http.get(`${__ENV.BASE_URL}/response-headers?${query.replace('&x-üml=no', '')}`);
  equal('each word has a capital', headers['X-One'], '1');
  equal('whatever the server wrote', headers['X-Many'], 'a, b');
  equal('no special names', [headers.Etag, headers['Www-Authenticate']], ['"q"', 'Basic']);
  equal('only so', headers['x-one'], undefined);
  equal('content type', headers['Content-Type'], 'application/json');
  equal('content length', headers['Content-Length'], '11');
  equal('a date', Date.parse(headers.Date) > 0, true);
}
