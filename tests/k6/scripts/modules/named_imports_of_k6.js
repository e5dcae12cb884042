// api: modules.named imports
// expect: checks 5
import k6, { check, fail, group, randomSeed, sleep } from 'k6';
import * as everything from 'k6';
import metrics from 'k6/metrics';
import encoding from 'k6/encoding';
import crypto from 'k6/crypto';
import data from 'k6/data';
import exec from 'k6/execution';
import html from 'k6/html';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal(
    'names',
    [check, fail, group, randomSeed, sleep].map((f) => typeof f),
    Array(5).fill('function'),
  );
  equal('default', [typeof k6.check, typeof k6.sleep], ['function', 'function']);
  equal('namespace', typeof everything.group, 'function');
  equal('metrics', Object.keys(metrics).sort(), ['Counter', 'Gauge', 'Rate', 'Trend']);
  const typesOf = [encoding.b64encode, crypto.sha256, data.SharedArray, exec.vu, html.parseHTML].map((f) => typeof f);
  equal('others', typesOf, ['function', 'function', 'function', 'object', 'function']);
}
