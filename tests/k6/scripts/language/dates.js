// api: language.Date
// env: TZ=UTC
// expect: checks 9
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const date = new Date(Date.UTC(2026, 1, 28, 23, 59, 58, 7));
  equal('ISO', date.toISOString(), '2026-02-28T23:59:58.007Z');
  equal('parsed', Date.parse('2026-02-28T23:59:58.007Z'), date.getTime());
  equal('with an offset', new Date('2026-03-01T01:00:00+02:00').toISOString(), '2026-02-28T23:00:00.000Z');
  equal('a day alone is UTC', new Date('2026-02-28').getTime(), Date.UTC(2026, 1, 28));
  date.setUTCDate(date.getUTCDate() + 1);
  equal('the next day', [date.getUTCMonth(), date.getUTCDate(), date.getUTCDay()], [2, 1, 0]);
  equal('JSON', JSON.stringify({ d: new Date(0) }), '{"d":"1970-01-01T00:00:00.000Z"}');
  equal('invalid', Number.isNaN(new Date('soon').getTime()), true);
  equal('as text', new Date(0).toUTCString(), 'Thu, 01 Jan 1970 00:00:00 GMT');
  equal('now', Math.abs(Date.now() - new Date().getTime()) < 1000, true);
}
