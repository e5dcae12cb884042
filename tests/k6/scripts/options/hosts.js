// api: options.hosts
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  hosts: {
    'exact.test': `${__ENV.HOST}`,
    '*.wild.test': `${__ENV.HOST}`,
    'ported.test:81': `${__ENV.HOST}`,
    'bare.test': '127.0.0.1',
  },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  const res = http.get('http://exact.test/headers');
  equal('the header is the name', res.json('headers.host'), ['exact.test']);
  equal('the address', [res.remote_ip, res.remote_port], ['127.0.0.1', Number(__ENV.PORT)]);
  equal('a wildcard', http.get('http://a.b.wild.test/get').status, 200);
  equal('a port', http.get('http://ported.test:81/get').status, 200);
  equal('an address without a port', http.get(`http://bare.test:${__ENV.PORT}/get`).status, 200);
}
