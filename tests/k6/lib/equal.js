// What the scripts check with: an exact value, told if it is another.
import { check } from 'k6';

function show(value) {
  if (value instanceof ArrayBuffer) {
    return `ArrayBuffer(${Array.from(new Uint8Array(value)).join(',')})`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(show).join(', ')}]`;
  }
  if (value !== null && typeof value === 'object') {
    const pairs = Object.keys(value)
      .sort()
      .map((key) => `${key}: ${show(value[key])}`);
    return `{${pairs.join(', ')}}`;
  }
  if (typeof value === 'string') {
    return JSON.stringify(value);
  }
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

// One check, which passes if both are the same value, however deep.
export function equal(name, actual, expected) {
  const [found, wanted] = [show(actual), show(expected)];
  const same = check(null, { [name]: () => found === wanted });
  if (!same) {
    console.error(`${name}: ${found}, expected ${wanted}`);
  }
  return same;
}

// One check, which passes if the function throws an error whose message contains the text.
export function throws(name, run, text) {
  let message = 'nothing was thrown';
  try {
    run();
  } catch (error) {
    message = String(error.message === undefined ? error : error.message);
  }
  const same = check(null, { [name]: () => message.includes(text) });
  if (!same) {
    console.error(`${name}: ${message}, expected ${text}`);
  }
  return same;
}
