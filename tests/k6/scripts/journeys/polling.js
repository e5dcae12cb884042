// api: k6.sleep
// expect: checks 2
// expect: metric waited max >= 60
import http from 'k6/http';
import { check, sleep } from 'k6';
import { Trend } from 'k6/metrics';

export const options = { vus: 2, iterations: 2, thresholds: { checks: ['rate==1'], waited: ['max<5000'] } };

const waited = new Trend('waited', true);

export default function () {
  const started = new Date();
  let position = 4;
  do {
    const res = http.get(`${__ENV.BASE_URL}/anything/queue/${position}`, { tags: { name: 'queue' } });
    position = Number(res.json('path').split('/').pop()) - 1;
    sleep(0.02);
  } while (position > 0);
  waited.add(new Date() - started);
  check(position, { 'my turn': (p) => p === 0 });
}
