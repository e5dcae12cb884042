// What the binary takes for GitHub: a door before Prism, for two things that Prism can't do.
//
// - Prism follows a redirect itself. The stand-in calls the place of one `x-location`, and here it gets its name back.
// - A GitHub server of one's own has its API under `/api/v3`, which GitHub's description knows nothing of.
import http from 'node:http';

export const PREFIX = '/api/v3';

export class Door {
  #server;
  #prism;

  static async open(prism) {
    const door = new Door();
    door.#prism = new URL(prism.url);
    door.#server = http.createServer((request, response) => door.#pass(request, response));
    await new Promise((ready) => door.#server.listen(0, '127.0.0.1', ready));
    door.url = `http://127.0.0.1:${door.#server.address().port}`;
    return door;
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(done));
  }

  #pass(request, response) {
    const path = request.url.startsWith(`${PREFIX}/`) ? request.url.slice(PREFIX.length) : request.url;
    const { hostname, port } = this.#prism;
    const onward = http.request({
      hostname,
      port,
      path,
      method: request.method,
      headers: request.headers,
      timeout: 30_000,
    });
    onward.on('response', (answer) => {
      const { 'x-location': location, ...headers } = answer.headers;
      response.writeHead(answer.statusCode, { ...headers, ...(location && { location }) });
      answer.pipe(response);
    });
    onward.on('timeout', () => onward.destroy());
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}
