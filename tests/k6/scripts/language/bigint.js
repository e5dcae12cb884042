// api: language.BigInt
// expect: checks 6
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('arithmetic', 2n ** 64n + 1n, 18446744073709551617n);
  equal('from text', BigInt('900719925474099312345') % 10n, 5n);
  equal('type', typeof 1n, 'bigint');
  equal('compared', [1n < 2, 2n == 2, 2n === 2], [true, true, false]);
  equal('as unsigned', BigInt.asUintN(8, 257n), 1n);
  equal('as number', Number(123n), 123);
}
