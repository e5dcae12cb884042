// api: http.file, lifecycle.open
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const text = open('./files/note.txt');
const bytes = open('./files/dot.bin', 'b');

export default function () {
  const form = { note: http.file(text, 'note.txt', 'text/plain'), dot: http.file(bytes, 'dot.bin') };
  const echoed = http.post(`${__ENV.BASE_URL}/post`, form).json();
  equal('text', echoed.files.note[0].body, 'Read twice.\n');
  equal('size of the bytes', echoed.files.dot[0].size, 4);
}
