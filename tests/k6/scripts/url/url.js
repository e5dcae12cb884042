// api: globals.URL
// k6-skip: it has no URL
// expect: checks 7
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const url = new URL('https://ada:pw@shop.example:8443/a/../b/c?x=1&y=2#top');
  equal('href', url.href, 'https://ada:pw@shop.example:8443/b/c?x=1&y=2#top');
  equal('origin', url.origin, 'https://shop.example:8443');
  equal(
    'parts',
    [url.protocol, url.username, url.password, url.host, url.hostname, url.port],
    ['https:', 'ada', 'pw', 'shop.example:8443', 'shop.example', '8443'],
  );
  equal('rest', [url.pathname, url.search, url.hash], ['/b/c', '?x=1&y=2', '#top']);
  equal('relative', new URL('../d?z', 'http://shop.example/a/b/c').href, 'http://shop.example/a/d?z');
  equal('as text', `${url}`, url.href);
  throws('no URL', () => new URL('nowhere'), '');
}
