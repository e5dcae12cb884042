// The stand-in of GitHub behind Prism: emulate keeps repositories, and lacking.mjs has what emulate lacks. In front of
// both it checks the token, keeps a log, and answers with what a flow forces.
import http from 'node:http';

import { lacking } from './lacking.mjs';
import { TOKENS } from './world.mjs';

export class StandIn {
  /** Every request that came, as `{ method, path, query, status, forced }`. */
  seen = [];
  /** What GitHub knows now: each flow has a world of its own. */
  world = null;
  #all = [];
  #forced = [];
  #server;

  static async start() {
    const standIn = new StandIn();
    standIn.#server = http.createServer((request, response) => standIn.#serve(request, response));
    await new Promise((ready) => standIn.#server.listen(0, '127.0.0.1', ready));
    return standIn;
  }

  get port() {
    return this.#server.address().port;
  }

  /** Prism's description has no GraphQL: the binary asks here. */
  get graphqlUrl() {
    return `http://127.0.0.1:${this.port}/graphql`;
  }

  /** Another world, in which nothing is forced and nothing was asked. */
  begin(world) {
    this.world = world;
    this.#forced = [];
    this.seen = [];
  }

  /**
   * Answers the next `times` requests of `method` on a path that matches with something else. With `carriedOut` the
   * request does what it should all the same, and only its answer is lost.
   */
  force(method, path, answer, { times = 1, carriedOut = false } = {}) {
    this.#forced.push({ method, path, answer, times, carriedOut });
  }

  /** Everything that was asked since this was called last, in whatever world. */
  take() {
    return this.#all.splice(0);
  }

  /** `POST /repos/…` of the requests that change something. */
  get writes() {
    return this.seen
      .filter(({ method, path }) => method !== 'GET' && path !== '/graphql')
      .map(({ method, path }) => `${method} ${path}`);
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(done));
  }

  async #serve(request, response) {
    const url = new URL(request.url, `http://127.0.0.1:${this.port}`);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const asked = {
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    const forced = this.#forced.find(
      ({ method, path, times }) => times > 0 && method === asked.method && path.test(asked.path),
    );
    if (forced) forced.times -= 1;
    let answer;
    try {
      answer = forced && !forced.carriedOut ? forced.answer : await this.#answer(asked);
    } catch (error) {
      // A mistake of the stand-in's own must not look like one of GitHub's failures, which loadgate forgives.
      answer = json(599, { message: `the stand-in is broken: ${error.stack}` });
      console.error(`the stand-in failed at ${asked.method} ${asked.path}: ${error.stack}`);
      process.exitCode = 1;
    }
    if (forced) answer = forced.answer;
    // GitHub's description has no 401 for most operations.
    const exchange = {
      method: asked.method,
      path: asked.path,
      query: url.search,
      status: answer.status,
      forced: Boolean(forced) || answer.status === 401,
    };
    this.seen.push(exchange);
    this.#all.push(exchange);
    if (answer.status === 0) return response.destroy();
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  async #answer(asked) {
    const token = /^Bearer (.+)$/.exec(asked.headers.authorization ?? '')?.[1];
    if (asked.path.startsWith('/storage/')) return this.#storage(asked, token);
    if (!TOKENS[token])
      return json(401, {
        message: 'Bad credentials',
        documentation_url: 'https://docs.github.com/rest',
        status: '401',
      });
    if (!asked.headers['user-agent']) return json(403, { message: 'Request forbidden by administrative rules.' });
    return (await lacking(this, asked, TOKENS[token])) ?? this.world.emulate(asked);
  }

  /** Where artifacts lie is another host's matter: it takes no token. */
  #storage(asked, token) {
    if (token) return json(400, { message: 'a token went to the host of the artifacts' });
    const artifact = this.world.artifacts.find(({ id }) => asked.path === `/storage/${id}`);
    return artifact ? { status: 200, headers: { 'content-type': 'application/zip' }, body: artifact.zip } : notFound();
  }
}

export function json(status, body, headers = {}) {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** A refusal as GitHub words them. */
export function refusal(status, message, headers = {}) {
  return json(status, { message, documentation_url: 'https://docs.github.com/rest', status: String(status) }, headers);
}

export function notFound() {
  return refusal(404, 'Not Found');
}

/** An answer that never comes: the connection breaks. */
export const LOST = { status: 0 };
