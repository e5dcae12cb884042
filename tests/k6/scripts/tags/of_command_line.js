// api: cli.--tag
// args: --tag team=shop --tag build=7
// expect: checks 1
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { 'checks{team:shop}': ['rate==1'], 'checks{build:7,team:shop}': ['rate==1'] } };

export default function () {
  equal('once', 1, 1);
}
