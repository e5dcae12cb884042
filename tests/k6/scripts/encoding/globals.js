// api: globals.encodeURIComponent
// expect: checks 4
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('encodeURIComponent', encodeURIComponent('a b&c=ü'), 'a%20b%26c%3D%C3%BC');
  equal('decodeURIComponent', decodeURIComponent('a%20b%26c%3D%C3%BC'), 'a b&c=ü');
  equal('encodeURI', encodeURI('/a b?c=ü'), '/a%20b?c=%C3%BC');
  equal('escape', [escape('a b'), unescape('a%20b')], ['a%20b', 'a b']);
}
