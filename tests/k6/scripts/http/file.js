// api: http.file, http.post
// expect: checks 6
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const file = http.file('a,b\n1,2\n', 'table.csv', 'text/csv');
  equal('data', file.data, 'a,b\n1,2\n');
  equal('filename', file.filename, 'table.csv');
  equal('content type', file.content_type, 'text/csv');
  const echoed = http.post(`${__ENV.BASE_URL}/post`, { note: 'hello', n: 5, upload: file }).json();
  equal('multipart', echoed.headers['content-type'][0].startsWith('multipart/form-data; boundary='), true);
  equal('fields', echoed.form, { note: ['hello'], n: ['5'] });
  equal('files', echoed.files, {
    upload: [{ filename: 'table.csv', content_type: 'text/csv', size: 8, body: 'a,b\n1,2\n' }],
  });
}
