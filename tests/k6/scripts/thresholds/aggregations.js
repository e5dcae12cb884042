// api: thresholds.aggregations
// api: options.thresholds
// expect: checks 1
import http from 'k6/http';
import { check } from 'k6';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';

export const options = {
  thresholds: {
    items: ['count==6', 'rate>0'],
    level: ['value==2'],
    share: ['rate==0.75'],
    wait: [
      'avg==25',
      'min==10',
      'max==40',
      // k6 interpolates between two samples, loadgate takes one.
      'med>=20',
      'med<=25',
      'p(50)<=25',
      'p(0)==10',
      'p(100)==40',
      'p(95)>=38',
      'p(99.9)<=40',
    ],
    http_req_duration: ['p(95)<5000'],
    checks: ['rate==1'],
  },
};

const [c, g, r, t] = [new Counter('items'), new Gauge('level'), new Rate('share'), new Trend('wait')];

export default function () {
  [1, 2, 3].forEach((n) => c.add(n));
  [5, 1, 2].forEach((n) => g.add(n));
  [true, 1, 0, true].forEach((v) => r.add(v));
  [10, 20, 30, 40].forEach((n) => t.add(n));
  check(http.get(`${__ENV.BASE_URL}/get`), { ok: (res) => res.status === 200 });
}
