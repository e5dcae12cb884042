// api: k6.group
// k6-differs: verdict: an exception fails the run
// expect: checks 0
// expect: output contains "async"
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import { group } from 'k6';

export default function () {
  group('a', async () => {});
}
