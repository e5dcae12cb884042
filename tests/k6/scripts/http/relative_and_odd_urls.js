// api: http.get
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const get = (path) => http.get(`${__ENV.BASE_URL}${path}`);
  equal('a fragment is not sent', get('/anything?a=1#top').json('query'), 'a=1');
  equal('letters beyond ASCII', get('/anything/grüße?q=ü').json('path'), '/anything/gr%C3%BC%C3%9Fe');
  equal('escapes stay', get('/anything/a%2Fb').json('path'), '/anything/a%2Fb');
  equal('spaces', get('/anything/a b').json('path'), '/anything/a%20b');
}
