// A fork's pull request: its own run may only read; what it measured is told by a workflow of the default branch; and a
// commit that somebody has looked at is measured on their word.
import assert from 'node:assert/strict';

import { events } from '../job.mjs';
import { refusal } from '../stand-in.mjs';
import { BOT } from '../world.mjs';
import { zip } from '../zip.mjs';

const RUN = 4711;
const FILE = 'loadgate-measurement.json';

/** What GitHub answers to a token that may only read. */
function readOnly(standIn) {
  for (const method of ['POST', 'PATCH', 'PUT']) {
    standIn.force(method, /^\/repos\//, refusal(403, 'Resource not accessible by integration'), { times: 99 });
  }
}

/** A fork's run measures; its artifact. */
async function measured({ world, job, preview, standIn }) {
  const pull = await world.pullFromFork();
  readOnly(standIn);
  const ended = await job.step(events.pullRequest(pull), ['run', '--target', preview.url, '--out', FILE]);
  standIn.begin(world);
  assert.equal(ended.code, 0, ended.said);
  assert.match(ended.summary, /pass/);
  assert.match(ended.said, /fork/);
  assert.deepEqual(await world.comments(pull.number), []);
  return { pull, measurement: job.read(FILE) };
}

export async function aForksRunIsToldByTheDefaultBranch(flow) {
  const { world, job, standIn } = flow;
  const { pull, measurement } = await measured(flow);
  world.upload(RUN, 'loadgate', zip({ [FILE]: measurement, 'report.md': Buffer.from('# @everyone') }));
  for (const word of ['commented', 'comment updated']) {
    const ended = await job.step(events.workflowRun(RUN, pull), ['comment']);
    assert.equal(ended.code, 0, ended.said);
    assert.match(ended.said, new RegExp(`${word}: `));
    assert.doesNotMatch(ended.output, /\npass\n/, 'a claim is no pass');
  }
  const comments = await world.comments(pull.number);
  assert.equal(comments.length, 1, 'one comment');
  assert.equal(comments[0].user.login, BOT);
  assert.match(comments[0].body, /fork/);
  assert.doesNotMatch(comments[0].body, /@everyone/);
  assert.deepEqual(await world.checks(pull.head.sha), [], 'a claim makes no check');
  assert.ok(
    standIn.seen.some(({ path }) => path === '/storage/1'),
    'the artifact was fetched',
  );
}

export async function anArtifactThatIsNotOfTheRunIsNotTold(flow) {
  const { world, job, standIn } = flow;
  const { pull, measurement } = await measured(flow);
  const forged = JSON.parse(measurement);
  forged.candidate.commit = 'f'.repeat(40);
  const artifacts = [
    zip({ [FILE]: Buffer.from(JSON.stringify(forged)) }),
    zip({ [`../${FILE}`]: measurement }),
    zip({ 'report.md': Buffer.from('x') }),
    zip({ [FILE]: measurement.subarray(0, measurement.length / 2) }),
    Buffer.from('<html>'),
  ];
  for (const [index, artifact] of artifacts.entries()) {
    world.upload(RUN + index, 'loadgate', artifact);
    const ended = await job.step(events.workflowRun(RUN + index, pull), ['comment']);
    assert.notEqual(ended.code, 0, ended.said);
    assert.match(ended.said, /nothing was posted/);
  }
  const missing = await job.step(events.workflowRun(99, pull), ['comment']);
  assert.match(missing.said, /no comment: run 99 has uploaded no artifact/);
  assert.deepEqual(standIn.writes, []);
}

export async function aCommentOrdersAMeasurementOfTheCommitThatItNames({ world, job, preview, standIn }) {
  const pull = await world.pullFromFork();
  const order = (login, sha) =>
    job.step(events.comment(pull, login, `/loadgate ${sha}`), ['run', '--target', preview.url], {
      sha: 'f'.repeat(40),
    });
  for (const [login, sha, said] of [
    ['visitor', pull.head.sha, /no write access/],
    ['stranger', pull.head.sha, /no write access/],
    ['alice', 'abcdef0', /by now/],
    ['alice', 'HEAD', /names no commit/],
  ]) {
    const refused = await order(login, sha);
    assert.notEqual(refused.code, 0, refused.said);
    assert.match(refused.said, said);
  }
  assert.deepEqual(standIn.writes, [], 'nothing was measured');
  const ended = await order('alice', pull.head.sha.slice(0, 10));
  assert.equal(ended.code, 0, ended.said);
  const [check] = await world.checks(pull.head.sha);
  assert.equal(check.conclusion, 'success');
  const comments = await world.comments(pull.number);
  assert.equal(comments.length, 1);
  assert.match(comments[0].body, /pass/);
}
