// Deliberately bad requests: a check that finds nothing in them would find nothing in ours.
import { Operations } from './operations.mjs';
import { TOKEN, World } from './world.mjs';

const IN = '/repos/acme/shop';
const BAD = [
  ['a comment without a body', 'POST', `${IN}/issues/1/comments`, {}],
  ['a comment with a misspelt field', 'POST', `${IN}/issues/1/comments`, { body: 'hello', boddy: 'hello' }],
  ['a file without a message', 'PUT', `${IN}/contents/baselines/shop/run.json`, { content: 'e30=' }],
  [
    'a check run with a conclusion of its own',
    'POST',
    `${IN}/check-runs`,
    { name: 'loadgate', head_sha: 'a'.repeat(40), status: 'completed', conclusion: 'fine' },
  ],
  ['a pull request without a head', 'POST', `${IN}/pulls`, { title: 'Baselines', base: 'main' }],
  ['a page that is no number', 'GET', `${IN}/deployments?per_page=all`],
  ['a query parameter that GitHub has not', 'GET', `${IN}/deployments?commit=abc`],
  ['an operation that GitHub has not', 'GET', `${IN}/previews`],
];

/** Every bad request must be counted; it says so of each. */
export async function bites(prism, standIn) {
  const world = await World.make(prism.url);
  try {
    for (const [what, method, path, body] of BAD) {
      standIn.begin(world);
      const { mark } = await prism.log();
      const headers = {
        authorization: `Bearer ${TOKEN}`,
        'content-type': 'application/json',
        'user-agent': 'a bad client',
      };
      const answer = await fetch(prism.url + path, {
        method,
        headers,
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(5_000),
      });
      await answer.arrayBuffer();
      const { exchanges } = await prism.log(mark);
      const strict = new Operations();
      strict.count('bad', exchanges, standIn.take());
      if (strict.violations.length === 0)
        throw new Error(`the check doesn't bite: it found nothing wrong with ${what}`);
      console.log(`bites  ${what}: ${strict.violations[0].split(': ').slice(2).join(': ')}`);
    }
  } finally {
    await world.close();
  }
}
