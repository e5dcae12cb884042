// What GitHub knows in one flow: a repository with a plan, its collaborators, a pull request and one from a fork.
import { createEmulator } from 'emulate';

import { conforming } from './conforming.mjs';
import { freePort } from './free-port.mjs';
import { shown } from './shown.mjs';

export const REPOSITORY = 'acme/shop';
export const FORK = 'visitor/shop';
export const BOT = 'github-actions[bot]';
/** A job's token. */
export const TOKEN = 'ghs_joB5tok3nThatMayWrite';
/** Who a token is. */
export const TOKENS = { [TOKEN]: BOT, ghp_acme: 'acme', ghp_alice: 'alice', ghp_visitor: 'visitor' };
const TOKEN_OF = Object.fromEntries(Object.entries(TOKENS).map(([token, login]) => [login, token]));

export class World {
  /** Newest first, as GitHub lists them. */
  deployments = [];
  artifacts = [];
  permissions = { acme: 'admin', alice: 'write', visitor: 'read', [BOT]: 'write' };
  #emulator;
  #url;
  #publicUrl;

  /** A world whose links lead to `publicUrl`. */
  static async make(publicUrl) {
    const world = new World();
    const port = await freePort();
    const tokens = Object.fromEntries(
      Object.entries(TOKENS).map(([token, login]) => [token, { login, scopes: ['repo'] }]),
    );
    const users = Object.values(TOKENS).map((login) => ({ login }));
    const [owner, name] = REPOSITORY.split('/');
    const seed = { tokens, github: { users, repos: [{ owner, name }] } };
    world.#emulator = await createEmulator({ service: 'github', port, baseUrl: publicUrl, seed });
    world.#publicUrl = publicUrl;
    world.#url = `http://127.0.0.1:${port}`;
    world.shown = shown(publicUrl, REPOSITORY);
    for (const login of [BOT, 'alice']) {
      await world.ask('acme', 'PUT', `/repos/${REPOSITORY}/collaborators/${encodeURIComponent(login)}`, {
        permission: 'push',
      });
    }
    return world;
  }

  close() {
    return this.#emulator.close();
  }

  /** What emulate answers. */
  async emulate({ method, path, query, headers, body }) {
    const kept = ['authorization', 'accept', 'content-type'].filter((name) => headers[name]);
    const answer = await fetch(`${this.#url}${path}${query.size ? `?${query}` : ''}`, {
      method,
      headers: Object.fromEntries(kept.map((name) => [name, headers[name]])),
      body: method === 'GET' ? undefined : body,
      redirect: 'manual',
      signal: AbortSignal.timeout(5_000),
    });
    const names = [
      'content-type',
      'link',
      'location',
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
    ];
    // Its links lead to where it listens, past Prism.
    const held = names
      .filter((name) => answer.headers.has(name))
      .map((name) => [name, answer.headers.get(name).replaceAll(this.#url, this.#publicUrl)]);
    return {
      status: answer.status,
      headers: Object.fromEntries(held),
      body: conforming(answer, Buffer.from(await answer.arrayBuffer())),
    };
  }

  /** Asks emulate as somebody, past Prism: to set the scene, and to look at it afterwards. */
  async ask(login, method, path, body) {
    const url = new URL(path, this.#url);
    const headers = { authorization: `Bearer ${TOKEN_OF[login]}`, 'content-type': 'application/json' };
    const asked = { method, path: url.pathname, query: url.searchParams, headers, body: body && JSON.stringify(body) };
    const answer = await this.emulate(asked);
    if (answer.status >= 300) throw new Error(`${login}: ${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.body.length ? JSON.parse(answer.body) : undefined;
  }

  get(path) {
    return this.ask('acme', 'GET', path);
  }

  /** Commits files to a branch, one each; the branch's head afterwards. */
  async commit(login, repository, branch, files) {
    for (const [path, text] of Object.entries(files)) {
      const there = await this.file(path, branch, repository);
      const content = Buffer.from(text).toString('base64');
      const body = { message: `Change ${path}`, content, branch, ...(there && { sha: there.sha }) };
      await this.ask(login, 'PUT', `/repos/${repository}/contents/${path}`, body);
    }
    return this.head(branch, repository);
  }

  async head(branch, repository = REPOSITORY) {
    return (await this.get(`/repos/${repository}/git/ref/heads/${branch}`)).object.sha;
  }

  /** The branches' names. */
  async branches() {
    return (await this.get(`/repos/${REPOSITORY}/branches?per_page=100`)).map(({ name }) => name);
  }

  /** A file as GitHub shows it, with its `text`; none where there is none. */
  async file(path, branch = 'main', repository = REPOSITORY) {
    try {
      const file = await this.get(`/repos/${repository}/contents/${path}?ref=${encodeURIComponent(branch)}`);
      return { ...file, text: Buffer.from(file.content, 'base64').toString() };
    } catch (error) {
      if (error.message.includes(': 404 ')) return undefined;
      throw error;
    }
  }

  /** Paths of all files of a branch. */
  async files(branch) {
    const { tree } = await this.get(`/repos/${REPOSITORY}/git/trees/${await this.head(branch)}?recursive=1`);
    return tree.filter(({ type }) => type === 'blob').map(({ path }) => path);
  }

  /** A pull request of a branch of the repository's own, with a commit of these files. */
  async pull(files = { 'app.js': 'faster()' }, branch = 'faster') {
    await this.ask('alice', 'POST', `/repos/${REPOSITORY}/git/refs`, {
      ref: `refs/heads/${branch}`,
      sha: await this.head('main'),
    });
    await this.commit('alice', REPOSITORY, branch, files);
    return this.ask('alice', 'POST', `/repos/${REPOSITORY}/pulls`, {
      title: 'Faster seats',
      head: branch,
      base: 'main',
    });
  }

  /** A pull request from a fork. As on GitHub, both repositories know its commits; emulate's forks share none. */
  async pullFromFork(files = { 'app.js': 'faster()' }, branch = 'faster') {
    await this.ask('visitor', 'POST', `/repos/${REPOSITORY}/forks`, {});
    const base = await this.head('main');
    await this.#copy(base, REPOSITORY, FORK);
    await this.ask('visitor', 'POST', `/repos/${FORK}/git/refs`, { ref: `refs/heads/${branch}`, sha: base });
    await this.#copy(await this.commit('visitor', FORK, branch, files), FORK, REPOSITORY);
    return this.ask('visitor', 'POST', `/repos/${REPOSITORY}/pulls`, {
      title: 'Faster seats',
      head: `visitor:${branch}`,
      base: 'main',
    });
  }

  /** Copies a commit with its ancestors. Equal commits have equal names, as in git. */
  async #copy(sha, from, to) {
    const owner = to === FORK ? 'visitor' : 'acme';
    if (
      await this.ask(owner, 'GET', `/repos/${to}/git/commits/${sha}`).then(
        () => true,
        () => false,
      )
    )
      return;
    const { message, author, committer, parents, tree } = await this.get(`/repos/${from}/git/commits/${sha}`);
    for (const parent of parents) await this.#copy(parent.sha, from, to);
    const { tree: entries } = await this.get(`/repos/${from}/git/trees/${tree.sha}?recursive=1`);
    const files = [];
    for (const { path, mode, sha: blob } of entries.filter(({ type }) => type === 'blob')) {
      const { content } = await this.get(`/repos/${from}/git/blobs/${blob}`);
      files.push({ path, mode, type: 'blob', content: Buffer.from(content, 'base64').toString() });
    }
    const copy = await this.ask(owner, 'POST', `/repos/${to}/git/trees`, { tree: files });
    const commit = { message, tree: copy.sha, parents: parents.map((parent) => parent.sha), author, committer };
    const copied = await this.ask(owner, 'POST', `/repos/${to}/git/commits`, commit);
    if (copied.sha !== sha) throw new Error(`commit ${sha} of ${from} is ${copied.sha} in ${to}`);
  }

  /** The comments of a pull request or an issue, oldest first. */
  comments(number) {
    return this.get(`/repos/${REPOSITORY}/issues/${number}/comments?per_page=100`);
  }

  async checks(sha) {
    return (await this.get(`/repos/${REPOSITORY}/commits/${sha}/check-runs`)).check_runs;
  }

  /** Issues that are no pull requests. */
  async issues() {
    return (await this.get(`/repos/${REPOSITORY}/issues?state=all&per_page=100`)).filter(
      (issue) => !issue.pull_request,
    );
  }

  pulls() {
    return this.get(`/repos/${REPOSITORY}/pulls?state=all&per_page=100`);
  }

  label(number, name) {
    return this.ask('alice', 'POST', `/repos/${REPOSITORY}/issues/${number}/labels`, { labels: [name] });
  }

  /** Deploys a commit: a deployment with a status for each of `[state, url]`, newest first. */
  deploy(sha, environment, statuses, { production = false } = {}) {
    const id = this.deployments.length + 1;
    this.deployments.unshift({
      id,
      sha,
      ref: sha,
      environment,
      production,
      statuses: statuses.map(([state, url], index) => ({ id: 100 * id - index, state, url })),
    });
    return id;
  }

  upload(run, name, zip) {
    const id = this.artifacts.length + 1;
    this.artifacts.push({ id, run, name, zip });
    return id;
  }
}
