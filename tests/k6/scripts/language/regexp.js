// api: language.RegExp
// expect: checks 10
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const { year, month } = /(?<year>\d{4})-(?<month>\d\d)/.exec('on 2026-11-30').groups;
  equal('named groups', [year, month], ['2026', '11']);
  equal('look-behind', 'cost €30, $40'.match(/(?<=\$)\d+/)[0], '40');
  equal('look-ahead', 'a1b2'.replace(/[a-z](?=2)/g, '_'), 'a1_2');
  equal(
    'sticky',
    (() => {
      const r = /a/y;
      r.lastIndex = 1;
      return r.test('ba');
    })(),
    true,
  );
  equal('dot all', /a.b/s.test('a\nb'), true);
  equal('unicode', '🌍🌍'.match(/./gu).length, 2);
  equal(
    'all',
    [...'x=1;y=2'.matchAll(/(\w)=(\d)/g)].map((m) => m.slice(1)),
    [
      ['x', '1'],
      ['y', '2'],
    ],
  );
  equal(
    'replaced by a function',
    'ab'.replace(/\w/g, (c, i) => `${c}${i}`),
    'a0b1',
  );
  equal('a group in a replacement', '2026-11'.replace(/(?<y>\d+)-(?<m>\d+)/, '$<m>/$<y>'), '11/2026');
  equal('split', 'a, b;c'.split(/[,;]\s*/), ['a', 'b', 'c']);
}
