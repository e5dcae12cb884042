// GitHub refuses, fails, limits, or loses an answer: the verdict stays what it was, and nothing is written twice.
import assert from 'node:assert/strict';

import { FAILING, events } from '../job.mjs';
import { LOST, refusal } from '../stand-in.mjs';
import { BOT, REPOSITORY } from '../world.mjs';

const inSeconds = (seconds) => String(Math.floor(Date.now() / 1000) + seconds);

// What is forced, on which request of the comment; whether there is a comment afterwards; what is said.
const CASES = [
  [
    'no permission',
    'POST',
    () => refusal(403, 'Resource not accessible by integration'),
    {},
    false,
    /403.*pull-requests: write/,
  ],
  ['not found', 'GET', () => refusal(404, 'Not Found'), {}, false, /404.*check the repository/],
  ['refused content', 'POST', () => refusal(422, 'Validation Failed'), {}, false, /422/],
  ['a failure that passes', 'POST', () => refusal(502, 'Server Error'), {}, true, /comment/],
  [
    'a failure after the comment was made',
    'POST',
    () => refusal(500, 'Server Error'),
    { carriedOut: true },
    true,
    /comment/,
  ],
  ['a lost answer', 'POST', () => LOST, { carriedOut: true }, true, /comment/],
  ['two failures', 'GET', () => refusal(503, 'Service Unavailable'), { times: 2 }, true, /comment/],
  ['a failure that stays', 'GET', () => refusal(503, 'Service Unavailable'), { times: 99 }, false, /503.*githubstatus/],
  ['retry-after', 'POST', () => refusal(429, 'Too many requests', { 'retry-after': '1' }), {}, true, /comment/],
  [
    'a secondary limit',
    'POST',
    () => refusal(403, 'You have exceeded a secondary rate limit.', { 'retry-after': '1' }),
    {},
    true,
    /comment/,
  ],
  [
    'a primary limit',
    'GET',
    () => refusal(403, 'API rate limit exceeded', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(1) }),
    {},
    true,
    /comment/,
  ],
  [
    'a limit that outlasts the job',
    'POST',
    () => refusal(429, 'Too many requests', { 'retry-after': '3600' }),
    {},
    false,
    /rate limit.*3600 s/,
  ],
];

export async function aVerdictOutlivesGitHubsTrouble({ world, job, preview, standIn }) {
  const run = async ([what, method, answer, how, written, said], index) => {
    const pull = await world.pull({ 'app.js': what }, `branch-${index}`);
    const comments = new RegExp(`/issues/${pull.number}/comments$`);
    standIn.force(method, comments, answer(), how);
    // The verdict of every other run is a failure: neither may change.
    const failing = index % 2 === 1;
    const plan = failing ? 'failing.yml' : 'loadgate.yml';
    const ended = await job.step(
      events.pullRequest(pull),
      ['run', plan, '--target', preview.url, '--out', `run-${index}.json`],
      { timeout: how.times > 9 ? '6s' : '20s' },
    );
    assert.equal(ended.code, failing ? 1 : 0, `${what}: ${ended.said}`);
    assert.match(ended.said.replaceAll('\n', ' '), said, `${what}: ${ended.said}`);
    assert.match(ended.summary, failing ? /fail/ : /pass/, what);
    const ours = (await world.comments(pull.number)).filter(({ user }) => user.login === BOT);
    assert.equal(ours.length, written ? 1 : 0, `${what}: ${ended.said}`);
  };
  job.write('failing.yml', FAILING);
  await world.commit('acme', REPOSITORY, 'main', { 'failing.yml': FAILING });
  const cases = [...CASES.entries()];
  // Most of it is waiting.
  const lanes = Array.from({ length: 6 }, async () => {
    for (let next = cases.shift(); next; next = cases.shift()) await run(next[1], next[0]);
  });
  const failed = (await Promise.allSettled(lanes)).find(({ reason }) => reason);
  if (failed) throw failed.reason;
}

export async function aTokenThatIsNoneChangesNoVerdict({ world, job, preview, standIn }) {
  const pull = await world.pull();
  const ended = await job.step(events.pullRequest(pull), ['run', '--target', preview.url], {
    env: { GITHUB_TOKEN: 'ghs_expired' },
  });
  assert.equal(ended.code, 0, ended.said);
  assert.match(ended.said, /doesn't accept the token/);
  assert.ok(!ended.said.includes('ghs_expired'), 'the token is printed');
  assert.deepEqual(standIn.writes, []);
}

// As above, of what is not the comment: the check run, and base's plan.
const OTHERS = [
  [
    'no permission to check',
    'POST',
    /\/check-runs$/,
    refusal(403, 'Resource not accessible by integration'),
    {},
    0,
    /403.*checks: write/,
  ],
  ['a lost check run', 'POST', /\/check-runs$/, LOST, { carriedOut: true }, 1, /check/],
  ['a check run that fails first', 'POST', /\/check-runs$/, refusal(502, 'Server Error'), {}, 1, /check/],
  [
    "base's plan",
    'GET',
    /\/contents\//,
    refusal(403, 'Resource not accessible by integration'),
    {},
    1,
    /could not be checked.*contents: read/,
  ],
];

export async function aCheckRunAndBasesPlanHaveTheirTroubleToo({ world, job, preview, standIn }) {
  for (const [index, [what, method, path, answer, how, checks, said]] of OTHERS.entries()) {
    const pull = await world.pull({ 'app.js': what }, `branch-${index}`);
    standIn.force(method, path, answer, how);
    const ended = await job.step(events.pullRequest(pull), ['run', '--target', preview.url]);
    assert.equal(ended.code, 0, `${what}: ${ended.said}`);
    assert.match(ended.said.replaceAll('\n', ' '), said, what);
    assert.equal((await world.checks(pull.head.sha)).length, checks, `${what}: ${ended.said}`);
    assert.equal((await world.comments(pull.number)).length, 1, `${what}: ${ended.said}`);
  }
}
