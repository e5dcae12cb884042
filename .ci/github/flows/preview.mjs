// Finding the preview: by the Deployments API, while it is being built; by the event; and base's deployment beside it.
import assert from 'node:assert/strict';

import { PLAN, Preview, events } from '../job.mjs';

const deploymentsAsked = (standIn) => standIn.seen.filter(({ path }) => /\/deployments(\/|$)/.test(path));

export async function theDeploymentOfTheHeadIsFound({ world, job, preview, standIn }) {
  const pull = await world.pull();
  world.deploy(pull.base.sha, 'Preview', [['success', 'http://127.0.0.1:1']]);
  world.deploy(pull.head.sha, 'Preview', [
    ['success', preview.url],
    ['pending', ''],
  ]);
  const ended = await job.step(events.pullRequest(pull), ['run']);
  assert.equal(ended.code, 0, ended.said);
  assert.equal(measured(job).target, preview.url);
  assert.ok(deploymentsAsked(standIn)[0].query.includes(`sha=${pull.head.sha}`));
}

export async function aDeploymentIsWaitedFor({ world, job, preview, standIn }) {
  const pull = await world.pull();
  const id = world.deploy(pull.head.sha, 'Preview', [['in_progress', '']]);
  // GitHub fails once in between, which is no answer.
  standIn.force('GET', /\/deployments$/, { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' });
  const ready = setInterval(() => {
    if (deploymentsAsked(standIn).length < 3) return;
    clearInterval(ready);
    world.deployments.find((one) => one.id === id).statuses.unshift({ id: 999, state: 'success', url: preview.url });
  }, 20);
  const ended = await job.step(events.pullRequest(pull), ['run']);
  clearInterval(ready);
  assert.equal(ended.code, 0, ended.said);
  assert.equal(measured(job).target, preview.url);
}

export async function aFailedDeploymentIsNotMeasured({ world, job }) {
  const pull = await world.pull();
  world.deploy(pull.head.sha, 'Preview', [['failure', '']]);
  const ended = await job.step(events.pullRequest(pull), ['run']);
  assert.ok(ended.code >= 2, ended.said);
  assert.match(ended.said, /failure/);
}

export async function productionIsRefused({ world, job, preview }) {
  const pull = await world.pull();
  world.deploy(pull.head.sha, 'Production', [['success', preview.url]], { production: true });
  const ended = await job.step(events.deploymentStatus(pull.head.sha, 'Production', 'success', preview.url), ['run']);
  assert.ok(ended.code >= 2, ended.said);
  assert.match(ended.said, /production/i);
  assert.equal(job.read('loadgate-measurement.json'), undefined, 'nothing was measured');
}

/** The event tells the URL; whose pull request it is, GitHub. */
export async function aDeploymentsEventIsMeasuredForItsPullRequest({ world, job, preview }) {
  const pull = await world.pull();
  world.deploy(pull.head.sha, 'Preview', [['success', preview.url]]);
  const ended = await job.step(events.deploymentStatus(pull.head.sha, 'Preview', 'success', preview.url), ['run']);
  assert.equal(ended.code, 0, ended.said);
  assert.equal((await world.comments(pull.number)).length, 1);
  assert.equal((await world.checks(pull.head.sha))[0].conclusion, 'success');
}

/** `reference: auto`: the deployment of the commit that the branches have in common, in the same environment. */
export async function theMergeBaseIsTheReference({ world, job, preview, binary }) {
  const reference = await Preview.start(binary);
  // Neither noise nor doubt makes the run longer.
  const tolerant = PLAN.replace('gate: { ', 'gate: { warmup: { max: 1s }, regression: { tolerance: 90%, floor: 1s }, ');
  const plan = `${tolerant}reference: auto\n`;
  await world.commit('acme', 'acme/shop', 'main', { 'loadgate.yml': plan });
  const pull = await world.pull();
  const mergeBase = await world.head('main');
  await world.commit('acme', 'acme/shop', 'main', { 'README.md': 'further' });
  world.deploy(mergeBase, 'Staging', [['success', 'http://127.0.0.1:1']]);
  world.deploy(mergeBase, 'Preview', [['success', reference.url]]);
  world.deploy(pull.head.sha, 'Preview', [['success', preview.url]]);
  job.write('loadgate.yml', plan);
  const later = { ...pull, base: { ...pull.base, sha: await world.head('main') } };
  const ended = await job.step(events.pullRequest(later), ['run']);
  reference.close();
  assert.equal(ended.code, 0, ended.said);
  assert.equal(measured(job, 'reference').target, reference.url);
}

function measured(job, arm = 'candidate') {
  return JSON.parse(job.read('loadgate-measurement.json'))[arm];
}
