// api: http.cookieJar
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

const [plain, encrypted] = ['http://shop.test', `https://shop.test:${__ENV.TLS_PORT}`];

export const options = {
  insecureSkipTLSVerify: true,
  hosts: { 'shop.test': __ENV.HOST, [`shop.test:${__ENV.TLS_PORT}`]: `127.0.0.1:${__ENV.TLS_PORT}` },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  http.get(`${encrypted}/cookies/set-detailed?name=a&value=1&path=/&secure=1`);
  equal('over TLS', http.get(`${encrypted}/cookies`).json('cookies'), { a: '1' });
  equal('not in the clear', http.get(`${plain}/cookies`).json('cookies'), {});
}
