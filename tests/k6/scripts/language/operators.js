// api: language.operators
// expect: checks 7
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const shop = {
    open: null,
    items: [{ price: 0 }],
    find() {
      return this.items;
    },
  };
  equal(
    'optional',
    [shop?.items?.[0]?.price, shop.owner?.name, shop.close?.(), shop.find?.()[0].price],
    [0, undefined, undefined, 0],
  );
  equal('nullish', [shop.open ?? 'shut', shop.items[0].price ?? 9], ['shut', 0]);
  const o = { a: null, b: 1, c: 0 };
  o.a ??= 1;
  o.b &&= 2;
  o.c ||= 3;
  equal('assignments', o, { a: 1, b: 2, c: 3 });
  equal('power', [2 ** 10, (-2) ** 3], [1024, -8]);
  equal('separators', 1_000_000, 1000000);
  equal('literals', [0b101, 0o17, 0xff], [5, 15, 255]);
  outer: for (let i = 0; ; i++) {
    for (let j = 0; ; j++) {
      if (i * j === 6) {
        equal('labels', [i, j], [1, 6]);
        break outer;
      }
      if (j > 7) {
        continue outer;
      }
    }
  }
}
