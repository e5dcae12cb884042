// api: Response.timings
// expect: checks 14
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const { timings } = http.get(`${__ENV.BASE_URL}/delay/60`);
  const names = [
    'duration',
    'blocked',
    'looking_up',
    'connecting',
    'tls_handshaking',
    'sending',
    'waiting',
    'receiving',
  ];
  equal('names', Object.keys(timings).sort(), names.sort());
  for (const name of names) {
    equal(`${name} is a number`, typeof timings[name], 'number');
  }
  const sum = timings.sending + timings.waiting + timings.receiving;
  equal('duration is the sum', Math.abs(timings.duration - sum) < 0.001, true);
  equal('the delay is in waiting', timings.waiting >= 59 && timings.waiting < 1000, true);
  equal('connecting took its time', timings.connecting > 0, true);
  equal('no look-up', timings.looking_up, 0);
  equal('no handshake', timings.tls_handshaking, 0);
}
