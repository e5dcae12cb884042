// Prism, as a proxy that holds every request and answer to GitHub's own description.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

import { freePort } from './free-port.mjs';
import { start } from './job.mjs';

const STARTS_WITHIN = 20_000;

export class Prism {
  #process;
  #text = '';

  /** Starts Prism in front of `upstream`; the description goes to `folder`. */
  static async start(upstream, folder) {
    const prism = new Prism();
    const description = path.join(folder, 'description.json');
    fs.writeFileSync(description, zlib.gunzipSync(fs.readFileSync(new URL('description.json.gz', import.meta.url))));
    const port = await freePort();
    prism.url = `http://127.0.0.1:${port}`;
    const cli = path.join(process.env.PACKAGES, 'node_modules/@stoplight/prism-cli/dist/index.js');
    const options = ['--host', '127.0.0.1', '--port', String(port), '--cors=false'];
    prism.#process = start(process.execPath, [cli, 'proxy', description, upstream, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const listening = new Promise((ready, failed) => {
      const late = setTimeout(
        () => failed(new Error(`Prism did not start within ${STARTS_WITHIN} ms:\n${prism.#text}`)),
        STARTS_WITHIN,
      );
      const read = (chunk) => {
        prism.#text += chunk;
        if (prism.#text.includes('Prism is listening')) ready(clearTimeout(late));
      };
      prism.#process.stdout.on('data', read);
      prism.#process.stderr.on('data', read);
      prism.#process.on('exit', (code) => failed(new Error(`Prism ended with ${code}:\n${prism.#text}`)));
    });
    await listening;
    return prism;
  }

  /** What Prism logged since `mark`, once it has logged the end of all requests until then. */
  async log(mark = 0) {
    // The violations of a request are logged before its answer goes out; the pipe may be a moment behind.
    const sentinel = `/sentinel-${Math.random().toString(36).slice(2)}`;
    await fetch(`${this.url}${sentinel}`, { signal: AbortSignal.timeout(5_000) });
    const within = Date.now() + 5_000;
    while (!new RegExp(`${sentinel} has returned[^]*Selected route not found`).test(this.#text)) {
      if (Date.now() > within) throw new Error(`Prism's log has no ${sentinel}`);
      await new Promise((wait) => setTimeout(wait, 5));
    }
    const text = this.#text.slice(mark);
    const lines = text.split('\n').map((line) => line.replace(/\x1b\[[0-9;]*m/g, ''));
    return {
      mark: this.#text.length,
      exchanges: exchanges(lines).filter(({ path: at }) => !at.startsWith('/sentinel-')),
    };
  }

  async close() {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((done) => this.#process.once('exit', done));
    this.#process.kill('SIGKILL');
    await ended;
  }
}

/** Requests with their violations: `{ method, path, request: [text], response: [text] }`. */
function exchanges(lines) {
  const all = [];
  let answered;
  for (const line of lines) {
    const received = /\[HTTP SERVER\] (\w+) (\S+) .*Request received/.exec(line);
    if (received) all.push({ method: received[1].toUpperCase(), path: received[2], request: [], response: [] });
    // Jobs overlap: violations follow on the answer from upstream.
    const answer = /The upstream call to (\S+) has returned/.exec(line);
    if (answer) answered = all.find(({ path: at, done }) => at === answer[1] && !done);
    if (answered) answered.done = true;
    const violation = /Violation: ((request|response)\b.*)$/.exec(line);
    if (violation) answered[violation[2]].push(violation[1].trim());
    const broken = /\[HTTP SERVER\] (\w+) (\S+) .*Request terminated with error: (.*)$/.exec(line);
    if (broken)
      Object.assign(
        all.find(({ path: at, done }) => at === broken[2] && !done),
        { done: true, broken: broken[3] },
      );
  }
  return all;
}
