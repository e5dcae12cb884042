// Runs every flow with the real binary against Prism and the stand-in, and holds all requests to GitHub's description.
// Usage: node main.mjs LOADGATE [FLOW…]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { bites } from './bites.mjs';
import { Door, PREFIX } from './door.mjs';
import * as comment from './flows/comment.mjs';
import * as forks from './flows/forks.mjs';
import * as nightly from './flows/nightly.mjs';
import * as policy from './flows/policy.mjs';
import * as preview from './flows/preview.mjs';
import * as trouble from './flows/trouble.mjs';
import { Job, PLAN, Preview } from './job.mjs';
import { Operations } from './operations.mjs';
import { Prism } from './prism.mjs';
import { StandIn } from './stand-in.mjs';
import { REPOSITORY, World } from './world.mjs';

const ENDS_WITHIN = 150_000;
const [binary, ...wanted] = process.argv.slice(2);
const all = Object.entries({ ...comment, ...preview, ...forks, ...policy, ...nightly, ...trouble });
const flows = all.filter(([name]) => wanted.length === 0 || wanted.includes(name));

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loadgate-github-'));
const open = [];
const late = setTimeout(() => finish(new Error(`not done within ${ENDS_WITHIN} ms`)), ENDS_WITHIN);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => finish(new Error(`ended by ${signal}`)));

try {
  if (flows.length === 0) throw new Error(`there is no flow ${wanted.join(', ')}`);
  const lab = await start();
  const operations = new Operations();
  let failures = 0;
  for (const [name, flow] of flows) failures += (await holds(name, flow, lab, operations)) ? 0 : 1;
  if (wanted.length === 0) await bites(lab.prism, lab.standIn);
  operations.print(wanted.length === 0);
  await finish(failures > 0 ? new Error(`${failures} of ${flows.length} flows failed`) : undefined);
} catch (error) {
  await finish(error);
}

async function start() {
  const keep = (one) => (open.unshift(one), one);
  const standIn = keep(await StandIn.start());
  const prism = keep(await Prism.start(`http://127.0.0.1:${standIn.port}`, folder));
  const door = keep(await Door.open(prism));
  const preview = keep(await Preview.start(binary));
  return { standIn, prism, door, preview };
}

/** Runs a flow in a world of its own; whether it did what it should, in requests that are GitHub's. */
async function holds(name, flow, { standIn, prism, door, preview }, operations) {
  const apiUrl = door.url + (flow.onAServerOfItsOwn ? PREFIX : '');
  const worlds = [];
  const fresh = async () => {
    const world = await World.make(apiUrl);
    worlds.push(world);
    await world.commit('acme', REPOSITORY, 'main', { 'loadgate.yml': PLAN });
    standIn.begin(world);
    return world;
  };
  const another = () => {
    const checkout = fs.mkdtempSync(path.join(folder, 'checkout-'));
    const files = { 'loadgate.yml': PLAN };
    return new Job({ binary, folder: checkout, apiUrl, graphqlUrl: standIn.graphqlUrl, files });
  };
  const begun = performance.now();
  const { mark } = await prism.log();
  standIn.take();
  let failure;
  try {
    await flow({ world: await fresh(), job: another(), fresh, another, preview, standIn, binary });
  } catch (error) {
    failure = error;
  }
  const seen = standIn.take().filter(({ path }) => !path.startsWith('/sentinel-'));
  const { exchanges } = await prism.log(mark);
  const wrong = operations.count(name, exchanges, seen);
  const time = `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  const holds = !failure && wrong === 0;
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${name} (${time}, ${exchanges.length} requests, ${wrong} not GitHub's)`);
  if (failure) console.log(failure.stack);
  if (!holds)
    console.log(seen.map(({ method, path, query, status }) => `  ${method} ${path}${query} ${status}`).join('\n'));
  for (const world of worlds) await world.close();
  return holds;
}

async function finish(error) {
  clearTimeout(late);
  for (const one of open) await one.close();
  fs.rmSync(folder, { recursive: true, force: true });
  if (error) console.error(`FAILED: ${error.message}`);
  process.exit(error ? 1 : (process.exitCode ?? 0));
}
