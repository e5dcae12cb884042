// api: k6.check
// expect: checks 6 of 12
// expect: check "true" 1 of 1
// expect: check "a text" 1 of 1
// expect: check "an empty text" 0 of 1
// expect: check "NaN" 0 of 1
import { check } from 'k6';

export default function () {
  check(null, {
    true: true,
    false: false,
    'a text': () => 'x',
    'an empty text': () => '',
    one: 1,
    zero: 0,
    object: () => ({}),
    array: () => [],
    null: null,
    undefined: undefined,
    NaN: () => NaN,
    function: () => () => false,
  });
}
