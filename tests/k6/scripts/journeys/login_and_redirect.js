// api: http.cookieJar, Response.html
// expect: checks 5
import http from 'k6/http';
import { check, fail } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const page = http.get(`${__ENV.BASE_URL}/html`);
  const token = page.html().find('input[name=token]').val();
  if (!check(token, { 'has a token': (t) => t === 's3cret' })) {
    fail('no token');
  }
  const form = page.submitForm({ formSelector: '#order', fields: { name: 'ada' } });
  check(form, { 'was sent': (r) => r.json('form.name.0') === 'ada' });
  const home = http.get(`${__ENV.BASE_URL}/cookies/set-and-redirect?session=${token}`);
  check(home, {
    'came home': (r) => r.url.endsWith('/cookies'),
    'has a session': (r) => r.json('cookies.session') === token,
  });
  const jar = http.cookieJar();
  jar.clear(__ENV.BASE_URL);
  check(http.get(`${__ENV.BASE_URL}/cookies`), { 'is logged out': (r) => r.json('cookies.session') === undefined });
}
