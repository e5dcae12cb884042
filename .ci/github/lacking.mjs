// What emulate 0.12.2 lacks of GitHub's API, or has otherwise than GitHub documents it.
import { json, notFound } from './stand-in.mjs';
import { REPOSITORY } from './world.mjs';

const IN_REPOSITORY = new RegExp(`^/repos/${REPOSITORY}/(.*)$`);

/** The answer, or undefined where emulate has one. */
export async function lacking(standIn, asked, login) {
  const { world } = standIn;
  if (asked.path === '/graphql') return graphql(asked, login);
  const path = IN_REPOSITORY.exec(asked.path)?.[1].split('/').map(decodeURIComponent);
  if (!path) return undefined;
  const [kind, one, more, last] = path;
  if (asked.method !== 'GET') return undefined;
  if (kind === 'deployments') return deployments(world, asked, one, more);
  if (kind === 'actions' && one === 'artifacts' && last === 'zip') return archive(standIn, more);
  if (kind === 'actions' && one === 'runs' && last === 'artifacts') return artifacts(world, asked, more);
  if (kind === 'collaborators' && more === 'permission') return permission(world, one);
  if (kind === 'commits' && more === 'pulls') return pullsOf(world, one);
  return undefined;
}

function graphql({ body }, login) {
  const { query } = JSON.parse(body);
  if (!/^query\s*\{\s*viewer\s*\{\s*login\s*\}\s*\}$/.test(query))
    return json(200, { errors: [{ message: `unknown query ${query}` }] });
  return json(200, { data: { viewer: { login } } });
}

function deployments(world, { query }, id, statuses) {
  const wanted = (deployment) =>
    ['sha', 'environment', 'ref'].every((name) => !query.has(name) || deployment[name] === query.get(name));
  if (id === undefined)
    return json(
      200,
      page(
        world.deployments.filter(wanted).map((one) => world.shown.deployment(one)),
        query,
      ),
    );
  const deployment = world.deployments.find((one) => String(one.id) === id);
  if (!deployment) return notFound();
  if (!statuses) return json(200, world.shown.deployment(deployment));
  return json(
    200,
    page(
      deployment.statuses.map((status) => world.shown.status(deployment, status)),
      query,
    ),
  );
}

function artifacts(world, { query }, run) {
  const all = world.artifacts.filter(
    (artifact) => String(artifact.run) === run && (!query.has('name') || artifact.name === query.get('name')),
  );
  return json(200, {
    total_count: all.length,
    artifacts: page(
      all.map((one) => world.shown.artifact(one)),
      query,
    ),
  });
}

/** Another origin, by this machine's other name: no client takes its token there. The door makes it a `location`. */
function archive(standIn, id) {
  const artifact = standIn.world.artifacts.find((one) => String(one.id) === id);
  if (!artifact) return notFound();
  return { status: 302, headers: { 'x-location': `http://localhost:${standIn.port}/storage/${id}` }, body: '' };
}

/** emulate calls the permission to write `push`, GitHub `write`. */
function permission(world, login) {
  const found = world.permissions[login];
  if (!found) return notFound();
  return json(200, { permission: found, role_name: found, user: { ...world.shown.user(login), role_name: found } });
}

async function pullsOf(world, sha) {
  const pulls = await world.get(`/repos/${REPOSITORY}/pulls?state=all&per_page=100`);
  // GitHub lists no pull request of a fork for its head: that is in no branch of the repository.
  return json(
    200,
    pulls.filter((pull) => pull.head.sha === sha && pull.head.repo.full_name === REPOSITORY),
  );
}

function page(list, query) {
  const size = Math.min(Number(query.get('per_page') ?? 30), 100);
  const first = (Number(query.get('page') ?? 1) - 1) * size;
  return list.slice(first, first + size);
}
