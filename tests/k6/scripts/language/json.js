// api: language.JSON
// expect: checks 7
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('indented', JSON.stringify({ a: [1] }, null, 2), '{\n  "a": [\n    1\n  ]\n}');
  equal('a list of members', JSON.stringify({ a: 1, b: 2 }, ['b']), '{"b":2}');
  equal(
    'a replacer',
    JSON.stringify({ a: 1n }, (k, v) => (typeof v === 'bigint' ? `${v}` : v)),
    '{"a":"1"}',
  );
  equal(
    'a reviver',
    JSON.parse('{"a":1,"b":2}', (k, v) => (typeof v === 'number' ? v * 2 : v)),
    { a: 2, b: 4 },
  );
  equal('toJSON', JSON.stringify({ toJSON: () => 5 }), '5');
  equal('order', Object.keys(JSON.parse('{"b":1,"a":2,"1":3}')), ['1', 'b', 'a']);
  throws('malformed', () => JSON.parse('{"a":'), '');
}
