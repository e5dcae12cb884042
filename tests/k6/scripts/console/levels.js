// api: console.log, console.info, console.warn, console.error, console.debug
// expect: checks 1
// expect: stderr contains "said by log"
// expect: stderr contains "said by info"
// expect: stderr contains "said by warn"
// expect: stderr contains "said by error"
// expect: output lacks "said by debug"
import { check } from 'k6';

export default function () {
  console.log('said by log');
  console.info('said by info');
  console.warn('said by warn');
  console.error('said by error');
  console.debug('said by debug');
  check(1, { yes: true });
}
