// emulate 0.12.2's answers, made to be what GitHub's description says.

/** The body of an answer of emulate's. */
export function conforming(answer, body) {
  if (!answer.ok || !answer.headers.get('content-type')?.includes('json') || body.length === 0) return body;
  return JSON.stringify(amend(JSON.parse(body)));
}

function amend(value) {
  if (Array.isArray(value)) return value.map(amend);
  if (value === null || typeof value !== 'object') return uri(value);
  const amended = Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, amend(inside)]));
  // A check run's output tells where its annotations are.
  if ('annotations_count' in amended) amended.annotations_url ??= 'https://api.github.com/annotations';
  // A repository tells of its network, and who watches it.
  if ('allow_forking' in amended) Object.assign(amended, { network_count: 0, subscribers_count: 0 });
  return amended;
}

/** A bot's name has brackets, which have no place in a URL. */
function uri(value) {
  return typeof value === 'string' && /^https?:\S*\[bot\]\S*$/.test(value)
    ? value.replaceAll('[bot]', '%5Bbot%5D')
    : value;
}
