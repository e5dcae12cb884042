// api: http.batch
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const responses = http.batch({
    front: `${__ENV.BASE_URL}/get`,
    order: { method: 'POST', url: `${__ENV.BASE_URL}/post`, body: 'x' },
    list: ['GET', `${__ENV.BASE_URL}/anything`],
  });
  equal('names', Object.keys(responses).sort(), ['front', 'list', 'order']);
  equal('front', responses.front.json('path'), '/get');
  equal('order', responses.order.json('body'), 'x');
  equal('list', responses.list.json('path'), '/anything');
}
