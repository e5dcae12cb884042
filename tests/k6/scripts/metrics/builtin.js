// api: metrics.built-in
// expect: checks 3
// expect: metric http_reqs count == 3
// expect: metric iterations count == 3
// expect: metric checks rate == 1
// expect: metric http_req_failed rate == 0
// expect: metric data_sent count > 100
// expect: metric data_received count > 30000
// expect: metric http_req_duration min > 0
// expect: metric http_req_waiting max < 5000
// expect: metric http_req_connecting max > 0
// expect: metric iteration_duration min > 0
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  iterations: 3,
  thresholds: {
    checks: ['rate==1'],
    http_req_blocked: ['min>=0'],
    http_req_connecting: ['min>=0'],
    http_req_tls_handshaking: ['max==0'],
    http_req_sending: ['min>=0'],
    http_req_waiting: ['min>0'],
    http_req_receiving: ['min>=0'],
    http_req_duration: ['min>0'],
    data_received: ['count>30000', 'rate>0'],
  },
};

export default function () {
  equal('status', http.get(`${__ENV.BASE_URL}/big/10000`).status, 200);
}
