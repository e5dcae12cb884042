// Steps of a workflow's job: the real binary with the variables that GitHub Actions sets, and the event's payload.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { REPOSITORY, TOKEN } from './world.mjs';

const FIXTURES = new URL('../../tests/fixtures/events/', import.meta.url);
const ENDS_WITHIN = 40_000;

/** A plan whose load is small and whose verdict is sure: the flows are about GitHub, and no busy machine spoils them. */
export const PLAN = `version: 1
name: shop
scenarios:
  browse: { executor: constant-vus, vus: 2, duration: 300ms, steps: [{ get: /health, name: health }, { think: 10ms }] }
thresholds: { http_req_failed: ["rate<0.01"] }
gate: { guards: { cpu: 100%, loopLag: 10s } }
`;
/** The same, judged by a threshold that nothing passes. */
export const FAILING = PLAN.replace('["rate<0.01"]', '["rate<0.01"], http_reqs: ["count>1000000"]');

/** The payload of GitHub's own example of an event, after `change` had it. */
export function payload(example, change) {
  const event = JSON.parse(fs.readFileSync(new URL(`${example}.json`, FIXTURES), 'utf8'));
  Object.assign(event.repository, { name: REPOSITORY.split('/')[1], full_name: REPOSITORY });
  change(event);
  return event;
}

export const events = {
  pullRequest: (pull) => [
    'pull_request',
    payload('pull_request.synchronize', (event) => Object.assign(event, { number: pull.number, pull_request: pull })),
  ],
  workflowRun: (id, pull) => [
    'workflow_run',
    payload('workflow_run.completed', ({ workflow_run: run }) => {
      const repository = { ...run.head_repository, full_name: pull.head.repo.full_name };
      Object.assign(run, {
        id,
        event: 'pull_request',
        conclusion: 'success',
        head_sha: pull.head.sha,
        head_branch: pull.head.ref,
        head_repository: repository,
      });
    }),
  ],
  comment: (pull, login, body) => [
    'issue_comment',
    payload('issue_comment.created', ({ issue, comment }) => {
      Object.assign(issue, { number: pull.number, pull_request: { url: pull.url, html_url: pull.html_url } });
      Object.assign(comment, { body, user: { ...comment.user, login } });
    }),
  ],
  deploymentStatus: (sha, environment, state, url) => [
    'deployment_status',
    payload('deployment_status.success', ({ deployment, deployment_status: status }) => {
      Object.assign(deployment, { sha, ref: sha, environment, production_environment: false });
      Object.assign(status, { state, environment, environment_url: url, target_url: url });
    }),
  ],
  mergeGroup: (head, base) => [
    'merge_group',
    payload('merge_group', ({ merge_group: group }) => Object.assign(group, { head_sha: head, base_sha: base })),
  ],
  push: (after) => ['push', payload('push.branch', (event) => Object.assign(event, { ref: 'refs/heads/main', after }))],
  schedule: () => ['schedule', { schedule: '17 3 * * *' }],
};

/** A checkout in which steps of jobs run, one after the other. */
export class Job {
  #runs = 0;

  constructor({ binary, folder, apiUrl, graphqlUrl, files }) {
    Object.assign(this, { binary, folder, apiUrl, graphqlUrl });
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name, text) {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }

  remove(name) {
    fs.rmSync(path.join(this.folder, name), { recursive: true, force: true });
  }

  read(name) {
    const file = path.join(this.folder, name);
    return fs.existsSync(file) ? fs.readFileSync(file) : undefined;
  }

  /** Runs loadgate in the job of an event; `{ code, said, summary, output }`. Each run is another workflow run. */
  async step([event, body], args, { sha = '', env = {}, timeout = '10s' } = {}) {
    const run = ++this.#runs;
    const file = (name) => path.join(this.folder, `.job-${run}-${name}`);
    for (const name of ['summary', 'output']) fs.writeFileSync(file(name), '');
    fs.writeFileSync(file('event.json'), JSON.stringify(body));
    const variables = {
      PATH: process.env.PATH,
      HOME: this.folder,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_API_URL: this.apiUrl,
      GITHUB_GRAPHQL_URL: this.graphqlUrl,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_TOKEN: TOKEN,
      GITHUB_ACTOR: 'alice',
      GITHUB_JOB: 'gate',
      GITHUB_RUN_ID: String(1000 + run),
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKFLOW: 'perf',
      GITHUB_WORKSPACE: this.folder,
      GITHUB_SHA: sha,
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: file('event.json'),
      GITHUB_STEP_SUMMARY: file('summary'),
      GITHUB_OUTPUT: file('output'),
      LOADGATE_GITHUB_TIMEOUT: timeout,
      ...env,
    };
    const { code, said } = await ended(this.binary, args, { cwd: this.folder, env: variables });
    const text = (name) => fs.readFileSync(file(name), 'utf8');
    return { code, said, summary: text('summary'), output: text('output') };
  }
}

/** Starts a program that doesn't outlive us, however we end. */
export function start(program, args, options) {
  const child = spawn(program, args, options);
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
  return child;
}

function ended(binary, args, options) {
  const child = start(binary, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  return new Promise((done, failed) => {
    const late = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN);
    child.on('error', failed);
    child.on('close', (code, signal) => {
      clearTimeout(late);
      if (signal) failed(new Error(`loadgate ${args.join(' ')} was ended by ${signal}:\n${said}`));
      else done({ code, said });
    });
  });
}

/** The demo API that the binary has in it: something to load. */
export class Preview {
  #process;

  static async start(binary, args = []) {
    const preview = new Preview();
    preview.#process = start(binary, ['demo', 'serve', '--seed', '1', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    preview.url = await new Promise((ready, failed) => {
      let said = '';
      const late = setTimeout(() => failed(new Error(`the demo API did not start: ${said}`)), 10_000);
      preview.#process.stdout.on('data', (chunk) => {
        said += chunk;
        const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
        if (url) ready(clearTimeout(late) ?? url);
      });
      preview.#process.on('exit', (code) => failed(new Error(`the demo API ended with ${code}: ${said}`)));
    });
    return preview;
  }

  close() {
    this.#process.kill('SIGKILL');
  }
}
