// api: cli.--console-output
// args: --console-output log.txt
// expect: checks 1
// expect: file log.txt contains "into the file"
// expect: stderr lacks "into the file"
import { check } from 'k6';

export default function () {
  console.log('into the file');
  check(1, { yes: true });
}
