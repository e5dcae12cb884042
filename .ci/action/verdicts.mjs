// The action with the real binary: its verdicts, outputs and step summary.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { test } from 'node:test';
import { Place, here, release, sha256 } from './place.mjs';

/** A service that answers after so many milliseconds. */
async function service(t, latency) {
  const server = http.createServer((_, response) => setTimeout(() => response.end('{}'), latency()));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** A small load for some seconds; a busy machine is no reason for no verdict. */
const plan = (seconds, more) => `
version: 1
name: shop
scenarios:
  browse:
    executor: ramping-arrival-rate
    startRate: 40
    stages: [{ duration: ${seconds}s, target: 40 }]
    preAllocatedVUs: 40
    steps: [{ get: /products, name: products }]
gate:
  warmup: { max: 0s }
  guards: { cpu: 100%, loopLag: 1m, dropped: 50% }
${more}`;

/** The job's outcome, and what it tells of its verdict in each place. */
function told(result, verdict, headline) {
  assert.equal(result.outputs.verdict, verdict, result.log);
  assert.match(result.summary, headline);
  assert.match(fs.readFileSync(result.outputs.report, 'utf8'), headline);
  const measurement = JSON.parse(fs.readFileSync(result.outputs.measurement, 'utf8'));
  assert.equal(typeof measurement, 'object');
}

export function verdicts(loadgate) {
  const place = (t, text) => {
    const it = new Place();
    it.write('loadgate.yml', text);
    t.after(() => it.remove());
    return it;
  };

  test('the released binary passes a fast service', async (t) => {
    const it = place(t, plan(2, 'thresholds: { http_req_duration: ["p(95)<2000"] }'));
    const content = fs.readFileSync(loadgate);
    const releases = await release({ [here().file]: content });
    t.after(() => releases.close());
    it.checksums({ [here().file]: sha256(content) });
    const target = await service(t, () => 5);
    const result = await it.run({ target, comment: 'never', check: 'never' }, { env: { LOADGATE_RELEASES: releases.url } });
    assert.deepEqual(result.outcome, { install: 'success', run: 'success' }, result.log);
    told(result, 'pass', /✓ loadgate: pass/);
    assert.deepEqual(releases.asked.length, 1);
  });

  test('a slow service fails', async (t) => {
    const it = place(t, plan(2, 'thresholds: { http_req_duration: ["p(95)<20"] }'));
    const target = await service(t, () => 40);
    const result = await it.run({ binary: loadgate, target, comment: 'never', check: 'never' });
    assert.deepEqual(result.outcome, { install: 'success', run: 'exit code 1' }, result.log);
    told(result, 'fail', /✗ loadgate: fail/);
  });

  test('a service that wavers is too noisy to judge, which is no fail', async (t) => {
    // Up and down by half, in turns of three seconds.
    const wavering = () => (Math.floor(Date.now() / 3000) % 2 === 0 ? 30 : 13);
    const it = place(t, plan(9, 'reference: { mode: parallel }\n').replace('gate:', 'gate:\n  regression: { metrics: [p50] }'));
    const [target, reference] = [await service(t, wavering), await service(t, () => 20)];
    const result = await it.run({ binary: loadgate, target, reference, comment: 'never', check: 'never' });
    assert.deepEqual(result.outcome, { install: 'success', run: 'success' }, result.log);
    told(result, 'too_noisy', /loadgate: too noisy/);
  });

  test('a service that is not there is not green', async (t) => {
    const it = place(t, plan(1, 'target: { ready: { get: /, within: 1s } }'));
    const result = await it.run({ binary: loadgate, target: 'http://127.0.0.1:9', comment: 'never', check: 'never' });
    assert.deepEqual(result.outcome, { install: 'success', run: 'exit code 4' }, result.log);
    assert.notEqual(result.outputs.verdict, 'pass');
  });

  test('a plan that is wrong is a usage error', async (t) => {
    const it = place(t, 'version: 1\nname: [');
    const result = await it.run({ binary: loadgate, target: 'http://127.0.0.1:9' });
    assert.deepEqual(result.outcome, { install: 'success', run: 'exit code 2' }, result.log);
    assert.equal(result.outputs.verdict, '');
  });
}
