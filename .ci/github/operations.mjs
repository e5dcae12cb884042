// Counts what was asked of which operation, and what of it GitHub's description doesn't have.
import fs from 'node:fs';
import zlib from 'node:zlib';

export class Operations {
  #templates = [];
  #counted = new Map();
  #violations = [];
  #answers = new Map();

  constructor() {
    const { paths } = JSON.parse(zlib.gunzipSync(fs.readFileSync(new URL('description.json.gz', import.meta.url))));
    for (const [template, item] of Object.entries(paths)) {
      const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`);
      // The fewer parameters, the better it fits.
      const loose = template.match(/\{/g)?.length ?? 0;
      for (const [method, { operationId, parameters }] of Object.entries(item)) {
        const names = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
        this.#templates.push({ method: method.toUpperCase(), pattern, loose, names, operation: operationId.replace(/ \+\d$/, '') });
      }
    }
    this.#templates.sort((a, b) => a.loose - b.loose);
  }

  /** How many things in these requests are not GitHub's. Answers that are not are counted, but forgiven where they were forced. */
  count(flow, exchanges, seen) {
    const before = this.#violations.length;
    const forced = seen.filter((one) => one.forced).map(({ method, path }) => `${method} ${path}`);
    // Where jobs overlap, the log may have a forced status at a neighbour's request.
    const forgiven = (text) => forced.length > 0 && text.includes('Unable to match the returned status code');
    for (const { method, path, request, response, broken } of exchanges) {
      const operation = this.#of(method, path)?.operation ?? `${method} ${path} (unknown to GitHub)`;
      this.#counted.set(operation, (this.#counted.get(operation) ?? 0) + 1);
      for (const text of request) this.#violations.push(`${flow}: ${method} ${path}: Violation: ${text}`);
      const lost = forced.includes(`${method} ${path}`);
      if (broken && !lost) this.#violations.push(`${flow}: ${method} ${path}: ${broken}`);
      for (const text of lost ? [] : response.filter((text) => !forgiven(text))) {
        const line = `${operation}: ${text}`;
        this.#answers.set(line, (this.#answers.get(line) ?? 0) + 1);
      }
    }
    // Prism lets a query's parameter that GitHub doesn't know pass, as GitHub does.
    for (const { method, path, query } of seen) {
      const known = this.#of(method, path)?.names;
      for (const name of known ? new URLSearchParams(query).keys() : []) {
        if (!known.includes(name)) this.#violations.push(`${flow}: ${method} ${path}: GitHub knows no query parameter ${name}`);
      }
    }
    return this.#violations.length - before;
  }

  get violations() {
    return this.#violations;
  }

  print() {
    const sum = (counts) => [...counts.values()].reduce((total, one) => total + one, 0);
    console.log(`\nrequests by operation, ${sum(this.#counted)} in all:`);
    for (const [operation, count] of [...this.#counted].sort()) console.log(`${String(count).padStart(5)}  ${operation}`);
    console.log(`Violation: request  ${this.#violations.length}`);
    for (const text of this.#violations) console.log(`  ${text}`);
    console.log(`Violation: response ${sum(this.#answers)} (the stand-in's answers, not loadgate's doing)`);
    for (const [text, count] of this.#answers) console.log(`${String(count).padStart(5)}  ${text}`);
    const all = new Set(this.#templates.map(({ operation }) => operation));
    const idle = [...all].filter((operation) => !this.#counted.has(operation));
    if (idle.length > 0) console.log(`never asked: ${idle.join(', ')}`);
  }

  #of(method, path) {
    return this.#templates.find((one) => one.method === method && one.pattern.test(path));
  }
}
