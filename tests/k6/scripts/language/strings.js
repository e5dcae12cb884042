// api: language.strings
// expect: checks 12
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const tag = (strings, ...values) => strings.raw.join('|') + values.join(',');

export default function () {
  equal('template', `1 + 1 = ${1 + 1}`, '1 + 1 = 2');
  equal('tagged', tag`a\n${1}b${2}c`, 'a\\n|b|c1,2');
  equal('raw', String.raw`\t${'x'}`, '\\tx');
  equal('padded', ['7'.padStart(3, '0'), 'a'.padEnd(3, '.')], ['007', 'a..']);
  equal('trimmed', [' a '.trimStart(), ' a '.trimEnd()], ['a ', ' a']);
  equal('replaceAll', 'a.b.c'.replaceAll('.', '-'), 'a-b-c');
  equal('code points', [...'a🌍'].length, 2);
  equal('code point', '🌍'.codePointAt(0).toString(16), '1f30d');
  equal('normalized', 'e\u0301'.normalize('NFC').length, 1);
  equal('at', 'abc'.at(-2), 'b');
  equal('case', ['Straße'.toUpperCase(), 'ÀÉ'.toLowerCase()], ['STRASSE', 'àé']);
  equal(
    'compared',
    ['b', 'a', 'c'].sort((x, y) => x.localeCompare(y)),
    ['a', 'b', 'c'],
  );
}
