// api: thresholds.units
// expect: checks 1
import { check, sleep } from 'k6';
import { Trend } from 'k6/metrics';

export const options = {
  thresholds: { iteration_duration: ['min>=50', 'max<2000'], wait: ['max==1500'], number: ['max==1500'] },
};

const [t, n] = [new Trend('wait', true), new Trend('number')];

export default function () {
  sleep(0.055);
  t.add(1500);
  n.add(1500);
  check(1, { yes: true });
}
