// api: http.cookieJar, options.hosts
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  hosts: { 'shop.test': __ENV.HOST, '*.shop.test': __ENV.HOST, 'other.test': __ENV.HOST },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  http.get('http://www.shop.test/cookies/set-detailed?name=all&value=1&path=/&domain=shop.test');
  http.get('http://www.shop.test/cookies/set-detailed?name=own&value=1&path=/');
  http.get('http://www.shop.test/cookies/set-detailed?name=bad&value=1&path=/&domain=other.test');
  equal('the host itself', http.get('http://www.shop.test/cookies').json('cookies'), { all: '1', own: '1' });
  equal('its domain', http.get('http://shop.test/cookies').json('cookies'), { all: '1' });
  equal('a sibling', http.get('http://api.shop.test/cookies').json('cookies'), { all: '1' });
  equal('another domain', http.get('http://other.test/cookies').json('cookies'), {});
}
