// api: options.blockHostnames, options.blacklistIPs
// k6-differs: verdict: a run in which a request was not allowed is not measured
// expect: checks 4
// expect-loadgate: exit not measured
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  blockHostnames: ['*.blocked.test', 'exact.test'],
  blacklistIPs: ['10.1.2.0/24'],
  hosts: { 'listed.test': '10.1.2.3' },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  equal('a hostname with a wildcard', http.get('http://www.blocked.test/').error_code, 1111);
  equal('a hostname', http.get('http://exact.test/').error_code, 1111);
  equal('an address', http.get('http://listed.test/').error_code, 1110);
  equal('others', http.get(`${__ENV.BASE_URL}/get`).status, 200);
}
