// A place in which the action is run: a copy of it with checksums of its own, a loopback release, a runner's folders.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { run } from './composite.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
export const VERSION = fs.readFileSync(path.join(ROOT, 'action/VERSION'), 'utf8').trim();

/** What the action may use, and nothing else: not the `gh` that a machine may have. */
const TOOLS = (
  'awk basename bash cat chmod curl cut dirname env grep head mkdir mktemp mv perl printf rm sed sh sha256sum shasum sleep tail ' +
  'touch tr uname'
).split(' ');

const PUSH = {
  ref: 'refs/heads/main',
  before: '0000000000000000000000000000000000000000',
  after: '0123456789abcdef0123456789abcdef01234567',
  deleted: false,
  repository: { full_name: 'acme/shop', default_branch: 'main' },
};

/** A release on the loopback: `files` by name, and the names in the order in which they were asked for. */
export async function release(files) {
  const asked = [];
  const server = http.createServer((request, response) => {
    const name = request.url.split('/').pop();
    if (request.url.startsWith('/stored/')) {
      response.end(files[name]);
      return;
    }
    asked.push(request.url);
    // As GitHub does: the file lies elsewhere.
    if (name in files) response.writeHead(302, { location: `/stored/${name}` }).end();
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { asked, files, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

export const sha256 = (content) => createHash('sha256').update(content).digest('hex');

/** The system and the processor of this machine, as a runner calls them, and the release's file for it. */
export function here() {
  const systems = { linux: ['Linux', 'unknown-linux-gnu'], darwin: ['macOS', 'apple-darwin'] };
  const processors = { x64: ['X64', 'x86_64'], arm64: ['ARM64', 'aarch64'] };
  const [system, vendor] = systems[process.platform];
  const [arch, processor] = processors[process.arch];
  return { os: system, arch, file: `loadgate-${VERSION}-${processor}-${vendor}` };
}

export class Place {
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loadgate-action-'));
    for (const name of ['tools', 'workspace', 'tool cache', 'jobs']) fs.mkdirSync(this.path(name));
    for (const tool of TOOLS) {
      const found = process.env.PATH.split(':').map((folder) => path.join(folder, tool)).find((file) => fs.existsSync(file));
      if (found) fs.symlinkSync(found, this.path('tools', tool));
    }
    // A path with a space, as a runner of one's own may have.
    this.action = this.path('the action');
    fs.mkdirSync(this.action);
    fs.cpSync(path.join(ROOT, 'action.yml'), path.join(this.action, 'action.yml'));
    fs.cpSync(path.join(ROOT, 'action'), path.join(this.action, 'action'), { recursive: true });
    this.checksums({});
  }

  path(...names) {
    return path.join(this.folder, ...names);
  }

  /** Writes the action's checksums: hash by file name. */
  checksums(hashes) {
    const lines = Object.entries(hashes).map(([name, hash]) => `${hash}  ${name}\n`);
    fs.writeFileSync(path.join(this.action, 'action/checksums'), `# SHA-256\n${lines.join('')}`);
  }

  /** Writes an executable. */
  script(name, text) {
    fs.mkdirSync(path.dirname(this.path(name)), { recursive: true });
    fs.writeFileSync(this.path(name), text, { mode: 0o755 });
    return this.path(name);
  }

  write(name, text) {
    fs.writeFileSync(this.path('workspace', name), text);
  }

  /** Everything in a folder of the place, as paths in it. */
  files(name) {
    const entries = fs.readdirSync(this.path(name), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  }

  /** Runs the action in a new job. */
  run(inputs, { path: first = '', env = {}, ...job } = {}) {
    const temp = fs.mkdtempSync(this.path('jobs', 'job-'));
    const event = path.join(temp, 'event.json');
    fs.writeFileSync(event, JSON.stringify(PUSH));
    const { os: system, arch } = here();
    return run(this.action, inputs, {
      temp,
      toolCache: this.path('tool cache'),
      workspace: this.path('workspace'),
      os: system,
      arch,
      repository: 'loadgate/loadgate',
      ...job,
      env: {
        PATH: [first, this.path('tools')].filter(Boolean).join(':'),
        GITHUB_EVENT_NAME: 'push',
        GITHUB_EVENT_PATH: event,
        GITHUB_REPOSITORY: 'acme/shop',
        GITHUB_SHA: PUSH.after,
        // Nobody listens there, which no verdict minds.
        LOADGATE_GITHUB_TIMEOUT: '1s',
        GITHUB_API_URL: 'http://127.0.0.1:9',
        GITHUB_SERVER_URL: 'http://127.0.0.1:9',
        ...env,
      },
    });
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
