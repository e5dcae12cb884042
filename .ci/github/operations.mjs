// Counts what was asked of which operation, and what of it GitHub's description doesn't have.
import fs from 'node:fs';
import zlib from 'node:zlib';

export class Operations {
  #templates = [];
  #counted = new Map();
  #violations = [];
  #answers = [];

  constructor() {
    const { paths } = JSON.parse(zlib.gunzipSync(fs.readFileSync(new URL('description.json.gz', import.meta.url))));
    for (const [template, item] of Object.entries(paths)) {
      const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`);
      // The fewer parameters, the better it fits.
      const loose = template.match(/\{/g)?.length ?? 0;
      for (const [method, { operationId, parameters }] of Object.entries(item)) {
        const names = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
        this.#templates.push({
          method: method.toUpperCase(),
          pattern,
          loose,
          names,
          operation: operationId.replace(/ \+\d$/, ''),
        });
      }
    }
    this.#templates.sort((a, b) => a.loose - b.loose);
  }

  /** How many things in these requests and answers are not GitHub's. Answers that were forced are forgiven. */
  count(flow, exchanges, seen) {
    const before = this.#wrong;
    const forced = seen.filter((one) => one.forced).map(({ method, path }) => `${method} ${path}`);
    for (const { method, path, request, response, broken } of exchanges) {
      const operation = this.#of(method, path)?.operation ?? `${method} ${path} (unknown to GitHub)`;
      this.#counted.set(operation, (this.#counted.get(operation) ?? 0) + 1);
      for (const text of request) this.#violations.push(`${flow}: ${method} ${path}: Violation: ${text}`);
      const lost = forced.includes(`${method} ${path}`);
      if (broken && !lost) this.#violations.push(`${flow}: ${method} ${path}: ${broken}`);
      for (const text of lost ? [] : response) {
        this.#answers.push(`${flow}: ${method} ${path}: Violation: ${text}`);
      }
    }
    const inside = seen.filter(({ path }) => path.startsWith('/repos/')).length;
    if (inside !== exchanges.filter(({ path }) => path.startsWith('/repos/')).length) {
      this.#violations.push(`${flow}: the stand-in had ${inside} requests, and Prism has not seen them all`);
    }
    // Prism lets a query's parameter that GitHub doesn't know pass, as GitHub does.
    for (const { method, path, query } of seen) {
      const known = this.#of(method, path)?.names;
      for (const name of known ? new URLSearchParams(query).keys() : []) {
        if (!known.includes(name))
          this.#violations.push(`${flow}: ${method} ${path}: GitHub knows no query parameter ${name}`);
      }
    }
    return this.#wrong - before;
  }

  /** An answer that GitHub would not give proves as little as a request that it would not take. */
  get #wrong() {
    return this.#violations.length + this.#answers.length;
  }

  get violations() {
    return this.#violations;
  }

  /** Prints it all; with `complete`, which operations nobody has asked for. */
  print(complete) {
    const sum = (counts) => [...counts.values()].reduce((total, one) => total + one, 0);
    console.log(`\nrequests by operation, ${sum(this.#counted)} in all:`);
    for (const [operation, count] of [...this.#counted].sort())
      console.log(`${String(count).padStart(5)}  ${operation}`);
    console.log(`Violation: request  ${this.#violations.length}`);
    for (const text of this.#violations) console.log(`  ${text}`);
    console.log(`Violation: response ${this.#answers.length} (the stand-in's answers)`);
    for (const text of this.#answers) console.log(`  ${text}`);
    if (!complete) return;
    const all = new Set(this.#templates.map(({ operation }) => operation));
    const idle = [...all].filter((operation) => !this.#counted.has(operation));
    if (idle.length > 0) console.log(`never asked: ${idle.join(', ')}`);
  }

  #of(method, path) {
    return this.#templates.find((one) => one.method === method && one.pattern.test(path));
  }
}
