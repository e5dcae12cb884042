// api: options.scenarios
// args: -e SHOP=base
// expect: checks 2
import { check } from 'k6';

export const options = {
  scenarios: {
    a: { executor: 'shared-iterations', env: { SHOP: 'of a' }, exec: 'a' },
    b: { executor: 'shared-iterations', exec: 'b' },
  },
  thresholds: { checks: ['rate==1'] },
};

export function a() {
  check(__ENV.SHOP, { 'its own': (shop) => shop === 'of a' });
}

export function b() {
  check(__ENV.SHOP, { 'that of all': (shop) => shop === 'base' });
}
