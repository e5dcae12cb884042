// Trims GitHub's own OpenAPI description to the operations that loadgate uses, and lets Prism serve it.
// Usage: node trim.mjs API.GITHUB.COM.JSON > description.json
//
// What is changed, and why:
// - Only the operations of operations.json stay, with the components that they refer to; examples and prose go.
// - A parameter that may have slashes (`/contents/{path}`) becomes paths of one to six segments, which Prism matches by.
// - Answers are JSON for GitHub's own media types too, which is what GitHub sends for them.
// - A URL that is empty by default may be empty.
// - A request's body may have no property that GitHub doesn't document: it ignores a misspelt one without a word.
import fs from 'node:fs';

const SEGMENTS = 6;
const [source] = process.argv.slice(2);
const github = JSON.parse(fs.readFileSync(source, 'utf8'));
const { operations, withSlashes } = JSON.parse(fs.readFileSync(new URL('operations.json', import.meta.url), 'utf8'));

const resolve = (node) => {
  while (node.$ref)
    node = node.$ref
      .split('/')
      .slice(1)
      .reduce((at, name) => at[name], github);
  return node;
};

const paths = {};
for (const operation of operations) {
  const [method, path] = operation.split(' ');
  const found = github.paths[path]?.[method.toLowerCase()];
  if (!found) throw new Error(`GitHub has no ${operation}`);
  const parameters = (found.parameters ?? []).map((parameter) => structuredClone(resolve(parameter)));
  const one = { ...structuredClone(found), parameters, operationId: operation };
  const long = parameters.find(
    (parameter) => parameter['x-multi-segment'] || withSlashes.includes(`${path} ${parameter.name}`),
  );
  for (let more = 0; more < (long ? SEGMENTS : 1); more++) {
    const segments = Array.from({ length: more }, (_, index) => `segment${index}`);
    const longer = long
      ? path.replace(`{${long.name}}`, [...segments, long.name].map((name) => `{${name}}`).join('/'))
      : path;
    const added = segments.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
    (paths[longer] ??= {})[method.toLowerCase()] = {
      ...structuredClone(one),
      parameters: [...added, ...parameters],
      operationId: more ? `${operation} +${more}` : operation,
    };
  }
}

const PROSE = [
  'description',
  'summary',
  'example',
  'examples',
  'externalDocs',
  'x-github',
  'x-octokit',
  'tags',
  'title',
];
function withoutProse(node, isMap = false) {
  if (Array.isArray(node)) return node.map((item) => withoutProse(item));
  if (node === null || typeof node !== 'object') return node;
  const kept = Object.entries(node).filter(([name]) => isMap || !PROSE.includes(name));
  const maps = ['properties', 'paths', 'responses', 'schemas', 'parameters', 'headers', 'content'];
  const inside = ([name, value]) => [name, withoutProse(value, !isMap && maps.includes(name))];
  const bare = Object.fromEntries(kept.map(inside));
  if (bare.format === 'uri' && bare.default === '') delete bare.format;
  // OpenAPI asks for one.
  if (!isMap && 'content' in node && 'description' in node) bare.description = '';
  return bare;
}

function close(schema) {
  if (!schema || typeof schema !== 'object') return;
  if (schema.type === 'object' && schema.properties && !('additionalProperties' in schema)) {
    const choices = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
    const names = choices.flatMap((choice) => Object.keys(choice.properties ?? {}));
    if (names.every((name) => name in schema.properties)) schema.additionalProperties = false;
  }
  Object.values(schema.properties ?? {}).forEach(close);
  close(schema.items);
}

/** A file itself is an answer too; the description says so in prose alone. */
const RAW = 'GET /repos/{owner}/{repo}/contents/{path}';
const MEDIA = ['application/vnd.github+json', 'application/vnd.github.v3+json'];
for (const item of Object.values(paths)) {
  for (const operation of Object.values(item)) {
    for (const [status, response] of Object.entries(operation.responses)) {
      const full = structuredClone(resolve(response));
      full.description = '';
      const json = full.content?.['application/json'];
      if (json) for (const media of MEDIA) full.content[media] ??= json;
      if (status === '200' && operation.operationId.startsWith(RAW)) {
        full.content['application/octet-stream'] = { schema: { type: 'string' } };
      }
      operation.responses[status] = full;
    }
    for (const body of Object.values(operation.requestBody?.content ?? {})) close(body.schema);
  }
}

const components = {};
function collect(node) {
  if (node === null || typeof node !== 'object') return;
  if (typeof node.$ref === 'string') {
    const [, , kind, name] = node.$ref.split('/');
    if (!components[kind]?.[name])
      collect(((components[kind] ??= {})[name] = withoutProse(github.components[kind][name])));
  }
  Object.values(node).forEach(collect);
}
const trimmed = withoutProse(paths, true);
collect(trimmed);
const info = { title: 'GitHub', version: github.info.version, license: github.info.license };
process.stdout.write(JSON.stringify({ openapi: github.openapi, info, servers: [], paths: trimmed, components }));
