// The nightly job: a run is measured, lands where it was asked to, and what the history shows becomes one issue.
import assert from 'node:assert/strict';
import http from 'node:http';

import { events } from '../job.mjs';
import { LOST, refusal } from '../stand-in.mjs';
import { BOT, REPOSITORY } from '../world.mjs';

const BRANCH = 'loadgate-baselines';
const RUN = /^baselines\/shop\/.*\.json$/;

const refresh = async ({ world, job }, target, ...more) =>
  job.step(events.schedule(), ['baseline', 'refresh', '--target', target, ...more], { sha: await world.head('main') });

const runs = async (world, branch) => (await world.files(branch)).filter((path) => RUN.test(path));

export async function runsLandOnABranchOfTheirOwn(flow) {
  const { world, job, preview, standIn } = flow;
  const main = await world.head('main');
  const first = await refresh(flow, preview.url);
  assert.equal(first.code, 0, first.said);
  assert.match(first.said, /landed on the branch loadgate-baselines: baselines\/shop\//);
  assert.equal((await runs(world, BRANCH)).length, 1);
  // The next night has a fresh checkout: the history is the branch's.
  job.remove('baselines');
  const second = await refresh(flow, preview.url, '--land', 'branch');
  assert.equal(second.code, 0, second.said);
  assert.equal((await runs(world, BRANCH)).length, 2);
  assert.equal(await world.head('main'), main, 'the default branch is as it was');
  // A pull request's run reads it.
  job.remove('baselines');
  const before = standIn.seen.length;
  const pull = await world.pull();
  const gated = await job.step(events.pullRequest(pull), ['run', '--target', preview.url]);
  assert.equal(gated.code, 0, gated.said);
  assert.match(gated.said, /2 of 10 runs/);
  const written = standIn.seen
    .slice(before)
    .filter(({ method, path }) => method === 'PUT' || (path.includes('/git/') && method === 'POST'));
  assert.deepEqual(written, [], 'a pull request lands nothing');
}

export async function jobsThatLandAtOnceLoseNothing(flow) {
  const { world, preview, another } = flow;
  const jobs = [flow.job, another(), another(), another()];
  const ended = await Promise.all(jobs.map((job) => refresh({ world, job }, preview.url)));
  for (const { code, said } of ended) assert.equal(code, 0, said);
  assert.equal((await runs(world, BRANCH)).length, jobs.length, ended.map(({ said }) => said).join('\n'));
}

export async function runsLandOnTheDefaultBranchWhereThatIsAskedFor(flow) {
  const ended = await refresh(flow, flow.preview.url, '--land', 'commit');
  assert.equal(ended.code, 0, ended.said);
  assert.equal((await runs(flow.world, 'main')).length, 1);
  assert.deepEqual(
    (await flow.world.branches()).filter((name) => name !== 'main'),
    [],
  );
}

export async function runsLandByOnePullRequest(flow) {
  const { world, preview } = flow;
  for (const count of [1, 2]) {
    const ended = await refresh(flow, preview.url, '--land', 'pull-request');
    assert.equal(ended.code, 0, ended.said);
    const pulls = await world.pulls();
    assert.equal(pulls.length, 1, 'one pull request');
    assert.deepEqual([pulls[0].state, pulls[0].base.ref, pulls[0].user.login], ['open', 'main', BOT]);
    assert.ok(ended.said.includes(pulls[0].html_url), ended.said);
    assert.equal((await runs(world, pulls[0].head.ref)).length, count);
  }
  assert.deepEqual(await runs(world, 'main'), []);
}

/** Somebody has renamed the pull request: the next run brings it up to date, as it does with its comment. */
export async function anOpenPullRequestOfRunsIsBroughtUpToDate(flow) {
  const { world, preview } = flow;
  await refresh(flow, preview.url, '--land', 'pull-request');
  const [{ number, title }] = await world.pulls();
  await world.ask('acme', 'PATCH', `/repos/${REPOSITORY}/pulls/${number}`, { title: 'Something else' });
  await refresh(flow, preview.url, '--land', 'pull-request');
  assert.deepEqual(
    (await world.pulls()).map((pull) => [pull.number, pull.title]),
    [[number, title]],
  );
}

// Where GitHub fails or loses an answer on the way, and how many runs are on the branch afterwards.
const TROUBLE = [
  ['another job was faster', 'PUT', /\/contents\//, refusal(409, 'is at 1 but expected 2'), {}, 1],
  ['a lost commit', 'PUT', /\/contents\//, LOST, { carriedOut: true }, 1],
  ['a lost branch', 'POST', /\/git\/refs$/, LOST, { carriedOut: true }, 1],
  ['a failing tree', 'POST', /\/git\/trees$/, refusal(502, 'Server Error'), {}, 1],
  ['no permission', 'PUT', /\/contents\//, refusal(403, 'Resource not accessible by integration'), { times: 9 }, 0],
];

export async function aRunLandsOnceWhateverGetsLost(flow) {
  const { preview, standIn, fresh } = flow;
  for (const [what, method, path, answer, how, count] of TROUBLE) {
    const world = await fresh();
    standIn.force(method, path, answer, how);
    const ended = await refresh({ world, job: flow.another() }, preview.url);
    assert.equal(ended.code, 0, `${what}: ${ended.said}`);
    assert.equal((await runs(world, BRANCH)).length, count, `${what}: ${ended.said}`);
    if (count === 0) assert.match(ended.said, /did not land.*403.*contents: write/s, what);
  }
}

/** Five quiet nights, then two slow ones: one issue, which is brought up to date, and closed when all is settled. */
export async function aSuspectRunOpensOneIssue(flow) {
  const { world, job } = flow;
  job.write('loadgate.yml', HISTORY);
  const night = await Nights.begin();
  try {
    for (let each = 0; each < 5; each++) await refresh(flow, night.url(20));
    assert.deepEqual(await world.issues(), []);
    const quiet = await runs(world, BRANCH);
    const bodies = [];
    for (const word of ['opened', 'updated']) {
      const slow = await refresh(flow, night.url(80));
      assert.equal(slow.code, 1, slow.said);
      assert.match(slow.said, new RegExp(`issue ${word}: `));
      const issues = await world.issues();
      assert.equal(issues.length, 1, 'one issue');
      assert.deepEqual(
        [issues[0].state, issues[0].user.login, issues[0].labels.map(({ name }) => name)],
        ['open', BOT, ['loadgate']],
      );
      assert.match(issues[0].body, /Suspect/);
      bodies.push(issues[0].body);
    }
    assert.notEqual(bodies[0], bodies[1]);
    for (const path of (await runs(world, BRANCH)).filter((path) => !quiet.includes(path))) {
      const { sha } = await world.file(path, BRANCH);
      const body = { message: 'Remove a run', sha, branch: BRANCH };
      await world.ask('acme', 'DELETE', `/repos/${REPOSITORY}/contents/${path}`, body);
    }
    job.remove('baselines');
    const settled = await refresh(flow, night.url(20));
    assert.match(settled.said, /issue closed: /);
    assert.deepEqual(
      (await world.issues()).map(({ state, state_reason: why }) => [state, why]),
      [['closed', 'completed']],
    );
  } finally {
    night.end();
  }
}

/** What GitHub knows as production is not loaded: neither where it is found, nor where somebody names its address. */
export async function productionIsNotRefreshedFrom({ world, job, standIn }) {
  const sha = await world.head('main');
  world.deploy(sha, 'Production', [['success', 'https://shop.example']], { production: true });
  for (const named of [[], ['--target', 'https://shop.example/']]) {
    const ended = await job.step(events.schedule(), ['baseline', 'refresh', ...named], { sha });
    assert.ok(ended.code >= 2, ended.said);
    assert.match(ended.said, /is production \(environment `Production`\), which is not loaded/);
  }
  assert.deepEqual(standIn.writes, []);
}

const HISTORY = `version: 1
name: shop
scenarios:
  browse: { executor: constant-vus, vus: 4, duration: 500ms, steps: [{ get: /health, name: health }] }
thresholds: { http_req_failed: ["rate<0.01"] }
gate:
  baseline: { window: 10, min: 5 }
  regression: { tolerance: 50%, metrics: [p50] }
  guards: { cpu: 100%, loopLag: 10s }
`;

/** A deployment whose answers take as long as the night wants. */
class Nights {
  static async begin() {
    const nights = new Nights();
    nights.delay = 0;
    nights.server = http.createServer((_, response) => setTimeout(() => response.end('{}'), nights.delay));
    await new Promise((ready) => nights.server.listen(0, '127.0.0.1', ready));
    return nights;
  }

  url(delay) {
    this.delay = delay;
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  end() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
