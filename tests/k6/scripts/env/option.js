// api: globals.__ENV, cli.-e
// args: -e NAME=Ada -e EMPTY= --env EQUALS=a=b
// expect: checks 6
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const atStart = __ENV.NAME;

export default function () {
  equal('at the start', atStart, 'Ada');
  equal('later', __ENV.NAME, 'Ada');
  equal('empty', __ENV.EMPTY, '');
  equal('with an equals sign', __ENV.EQUALS, 'a=b');
  equal('missing', __ENV.NO_SUCH_NAME, undefined);
  equal('in', 'NAME' in __ENV, true);
}
