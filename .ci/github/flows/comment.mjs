// A pull request's job with a target of its own: one comment, which later runs update.
import assert from 'node:assert/strict';

import { FAILING, events } from '../job.mjs';
import { BOT, REPOSITORY } from '../world.mjs';

export async function theFirstRunCommentsAndLaterOnesUpdate({ world, job, preview, standIn }) {
  const pull = await world.pull();
  // Somebody else's copy of the marker is not ours, and more comments than a page has lie before it.
  const quoted = '<!-- loadgate:shop -->\nquoted';
  await world.ask('visitor', 'POST', `/repos/${REPOSITORY}/issues/${pull.number}/comments`, { body: quoted });
  for (let each = 0; each < 100; each++) {
    await world.ask('alice', 'POST', `/repos/${REPOSITORY}/issues/${pull.number}/comments`, {
      body: `comment ${each}`,
    });
  }
  const first = await job.step(events.pullRequest(pull), ['run', '--target', preview.url]);
  assert.equal(first.code, 0, first.said);
  assert.match(first.summary, /pass/);
  assert.match(first.output, /^verdict<<(\S+)\npass\n\1$/m);
  const [check] = await world.checks(pull.head.sha);
  assert.deepEqual([check.conclusion, check.status, check.head_sha], ['success', 'completed', pull.head.sha]);

  job.write('loadgate.yml', FAILING);
  const second = await job.step(events.pullRequest(pull), ['run', '--target', preview.url]);
  assert.equal(second.code, 1, second.said);
  const comments = await world.get(`/repos/${REPOSITORY}/issues/${pull.number}/comments?per_page=100&page=2`);
  const ours = comments.filter(({ user }) => user.login === BOT);
  assert.equal(ours.length, 1, 'one comment');
  assert.match(ours[0].body, /^<!-- loadgate:shop -->\n.*fail/);
  assert.equal((await world.comments(pull.number))[0].body, quoted, 'the copy is left as it is');
  const pages = standIn.seen
    .filter(({ method, path }) => method === 'GET' && path.endsWith('/comments'))
    .map(({ query }) => query);
  assert.deepEqual(pages, ['?per_page=100', '?per_page=100&page=2', '?per_page=100', '?per_page=100&page=2']);
  const writes = standIn.writes.filter((line) => line.includes('/comments'));
  assert.deepEqual(writes, [
    `POST /repos/${REPOSITORY}/issues/${pull.number}/comments`,
    `PATCH /repos/${REPOSITORY}/issues/comments/${ours[0].id}`,
  ]);
}

/** Two steps of one job write one check run, and the worse one stands. */
export async function aCheckRunIsOfTheHeadAndKeepsTheWorst({ world, job, preview }) {
  await world.commit('acme', REPOSITORY, 'main', { 'failing.yml': FAILING });
  job.write('failing.yml', FAILING);
  const pull = await world.pull();
  const env = { GITHUB_RUN_ID: '77', GITHUB_RUN_ATTEMPT: '1' };
  const merge = 'f'.repeat(40);
  const step = (plan) =>
    job.step(events.pullRequest(pull), ['run', plan, '--target', preview.url, '--comment', 'never'], {
      sha: merge,
      env,
    });
  const conclusions = [];
  for (const plan of ['loadgate.yml', 'failing.yml', 'loadgate.yml']) {
    const ended = await step(plan);
    assert.equal(ended.code, plan === 'failing.yml' ? 1 : 0, ended.said);
    const checks = await world.checks(pull.head.sha);
    assert.equal(checks.length, 1, 'one check run');
    conclusions.push(checks[0].conclusion);
  }
  assert.deepEqual(conclusions, ['success', 'failure', 'failure']);
  assert.deepEqual(await world.comments(pull.number), []);
}

/** GitHub Enterprise Server: the API is under a prefix, and so are the links from page to page. */
export async function aServerOfOnesOwnIsAskedUnderItsPrefix(flow) {
  await theFirstRunCommentsAndLaterOnesUpdate(flow);
}
aServerOfOnesOwnIsAskedUnderItsPrefix.onAServerOfItsOwn = true;

/** A merge queue's commit is nobody's head: it gets the check that the queue waits for, and no comment. */
export async function aMergeGroupAndAPushGetACheckAlone({ world, job, preview, standIn }) {
  const pull = await world.pull();
  const base = pull.base.sha;
  for (const [event, sha] of [
    [events.mergeGroup(pull.head.sha, base), pull.head.sha],
    [events.push(base), base],
  ]) {
    const ended = await job.step(event, ['run', '--target', preview.url], { sha });
    assert.equal(ended.code, 0, ended.said);
    const checks = await world.checks(sha);
    assert.deepEqual(
      checks.map(({ conclusion }) => conclusion),
      ['success'],
      ended.said,
    );
  }
  assert.deepEqual(
    standIn.writes.filter((line) => line.includes('/comments')),
    [],
  );
}
