// api: crypto.hmac
// expect: checks 5
import crypto from 'k6/crypto';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal(
    'sha256',
    crypto.hmac('sha256', 'key', 'loadgate', 'hex'),
    'f1fad0c8504402c838387e001d4e05379657ba6f33046a6fae92bb4b36a8bcd9',
  );
  equal('sha1', crypto.hmac('sha1', 'key', 'loadgate', 'hex'), '522b230d16467455096e48a3fc1fb4391a582eaf');
  equal('md5', crypto.hmac('md5', 'key', 'loadgate', 'hex'), 'ad7d8a67d9e10c89b6289f733a53a262');
  equal(
    'sha512 as base64',
    crypto.hmac('sha512', 'key', 'loadgate', 'base64'),
    'Uy2km1bFW40Cs3kLYoY0JiSJ5Ya/hnE+9ZgQBkWq890+SBwf2ku7BYBQcXueZUJrDu0ANtKtslg0w7CZXvQ3mw==',
  );
  equal(
    'bytes',
    crypto.hmac('sha256', new Uint8Array([107, 101, 121]).buffer, 'loadgate', 'hex'),
    'f1fad0c8504402c838387e001d4e05379657ba6f33046a6fae92bb4b36a8bcd9',
  );
}
