// api: Response.status, Response.status_text
// expect: checks 10
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

http.setResponseCallback(http.expectedStatuses({ min: 200, max: 599 }));

export default function () {
  const texts = { 200: 'OK', 201: 'Created', 204: 'No Content', 404: 'Not Found', 500: 'Internal Server Error' };
  for (const [status, text] of Object.entries(texts)) {
    const res = http.get(`${__ENV.BASE_URL}/status/${status}`);
    equal(`${status}`, res.status, Number(status));
    equal(`text of ${status}`, res.status_text, `${status} ${text}`);
  }
}
