// api: lifecycle.setup
// expect: checks 4
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export function setup() {
  return {
    date: new Date(5000),
    missing: undefined,
    text: 'Grüße',
    deep: {
      list: [
        [1, 2.5],
        [null, true],
      ],
    },
  };
}

export default function (data) {
  equal('a date becomes a text', [typeof data.date, Date.parse(data.date)], ['string', 5000]);
  equal('nothing is no value', data.missing == null, true);
  equal('text', data.text, 'Grüße');
  equal('lists', data.deep.list, [
    [1, 2.5],
    [null, true],
  ]);
}
