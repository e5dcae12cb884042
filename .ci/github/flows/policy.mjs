// Base's rules: a pull request that loosens a limit passes its own plan, and fails by base's.
import assert from 'node:assert/strict';

import { FAILING, events } from '../job.mjs';
import { REPOSITORY } from '../world.mjs';

export async function aLoosenedLimitFailsByBaseUntilTheLabelIsSet({ world, job, preview }) {
  await world.commit('acme', REPOSITORY, 'main', { 'loadgate.yml': FAILING });
  const pull = await world.pull();
  const run = () => job.step(events.pullRequest(pull), ['run', '--target', preview.url]);
  const failed = await run();
  assert.equal(failed.code, 1, failed.said);
  assert.match(failed.said, /passes this pull request's loosened limit, not base's/);
  // The label is asked for: the event of a run that is started again has the labels of then.
  await world.label(pull.number, 'loadgate-policy');
  const waived = await run();
  assert.equal(waived.code, 0, waived.said);
  assert.match(waived.said, /loadgate-policy/);
  const comments = await world.comments(pull.number);
  assert.equal(comments.length, 1);
}
