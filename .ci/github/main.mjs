// Runs every flow with the real binary against Prism and the stand-in, and holds all requests to GitHub's description.
// Usage: node main.mjs LOADGATE [FLOW…]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import * as comment from './flows/comment.mjs';
import * as forks from './flows/forks.mjs';
import * as policy from './flows/policy.mjs';
import * as trouble from './flows/trouble.mjs';
import { bites } from './bites.mjs';
import { Door, PREFIX } from './door.mjs';
import { Job, PLAN, Preview } from './job.mjs';
import { Operations } from './operations.mjs';
import { Prism } from './prism.mjs';
import { StandIn } from './stand-in.mjs';
import { REPOSITORY, World } from './world.mjs';

const ENDS_WITHIN = 150_000;
const [binary, ...wanted] = process.argv.slice(2);
const flows = Object.entries({ ...comment, ...forks, ...policy, ...trouble }).filter(
  ([name]) => wanted.length === 0 || wanted.includes(name),
);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loadgate-github-'));
const late = setTimeout(() => finish(new Error(`not done within ${ENDS_WITHIN} ms`)), ENDS_WITHIN);
const open = [];
const operations = new Operations();
let failures = 0;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => finish(new Error(`ended by ${signal}`)));

try {
  const standIn = await StandIn.start();
  open.push(standIn);
  const prism = await Prism.start(`http://127.0.0.1:${standIn.port}`, folder);
  open.push(prism);
  const door = await Door.open();
  open.push(door);
  door.lead(prism);
  const preview = await Preview.start(binary);
  open.push(preview);
  let mark = (await prism.log()).mark;
  for (const [name, flow] of flows) {
    const apiUrl = door.url + (flow.onAServerOfItsOwn ? PREFIX : '');
    const world = await World.make(apiUrl);
    await world.commit('acme', REPOSITORY, 'main', { 'loadgate.yml': PLAN });
    standIn.begin(world);
    const checkout = fs.mkdtempSync(path.join(folder, 'checkout-'));
    const job = new Job({
      binary,
      folder: checkout,
      apiUrl,
      graphqlUrl: standIn.graphqlUrl,
      files: { 'loadgate.yml': PLAN },
    });
    const begun = performance.now();
    let failure;
    try {
      await flow({ world, job, preview, standIn, prism, binary });
    } catch (error) {
      failure = error;
    }
    const logged = await prism.log(mark);
    mark = logged.mark;
    const wrong = operations.count(name, logged.exchanges, standIn.seen);
    const time = `${((performance.now() - begun) / 1000).toFixed(1)} s`;
    if (failure || wrong > 0) failures += 1;
    console.log(
      `${failure || wrong ? 'FAILED' : 'ok    '} ${name} (${time}, ${logged.exchanges.length} requests, ${wrong} not GitHub's)`,
    );
    if (failure)
      console.log(
        `${failure.stack}\n${standIn.seen.map((one) => `  ${one.method} ${one.path}${one.query} ${one.status}`).join('\n')}`,
      );
    await world.close();
  }
  if (wanted.length === 0) await bites(prism, standIn, operations);
  operations.print();
  if (failures > 0) throw new Error(`${failures} of ${flows.length} flows failed`);
  await finish();
} catch (error) {
  await finish(error);
}

async function finish(error) {
  clearTimeout(late);
  for (const one of open) await one.close();
  fs.rmSync(folder, { recursive: true, force: true });
  if (error) console.error(`FAILED: ${error.message}`);
  process.exit(error ? 1 : (process.exitCode ?? 0));
}
