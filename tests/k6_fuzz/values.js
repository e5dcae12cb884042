// What a script may pass, and should not. `pick` is seeded, so that a script repeats itself.
let state = SEED;
const rand = (n) => {
  state = (state * 1103515245 + 12345) % 2147483648;
  return Math.floor(state / 65536) % n;
};
const cyclic = { a: 1 };
cyclic.self = cyclic;
const thrower = () => {
  throw new Error('hostile');
};
const deep = (n) => {
  let value = [];
  for (let i = 0; i < n; i++) value = [value];
  return value;
};
const trap = new Proxy({}, { get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower, set: thrower });
const liar = new Proxy({}, { ownKeys: () => ['a', 'b'], getOwnPropertyDescriptor: () => undefined, get: () => liar });
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const detached = new ArrayBuffer(16);
try {
  detached.transfer();
} catch (error) {}
const view = new Uint8Array(new ArrayBuffer(32), 8, 8);
const gone = new Uint8Array(new ArrayBuffer(8));
try {
  gone.buffer.transfer();
} catch (error) {}
const changing = { get length() { return rand(1e6); }, get 0() { thrower(); } };
const throwing = { get headers() { thrower(); }, get url() { thrower(); }, get tags() { return trap; } };
const VALUES = [
  () => undefined, () => null, () => NaN, () => Infinity, () => -Infinity, () => -0, () => 0, () => 1, () => -1,
  () => 0.5, () => 1e308, () => 2 ** 31, () => 2 ** 32, () => 2 ** 53, () => -(2 ** 63), () => 1e21, () => 10n,
  () => 2n ** 200n, () => true, () => false, () => Symbol('s'), () => Symbol.iterator, () => Symbol.toPrimitive,
  () => '', () => 'a', () => '\0', () => 'a\0b', () => '\ud800', () => '\udc00\ud800', () => '\u202e\u0000\uffff',
  () => 'x'.repeat(70000), () => '::', () => '__proto__', () => 'constructor', () => '1e999', () => '-0', () => '2 s',
  () => '$[?(@.a)]', () => '#.#(a==b)#|@this|@pretty', () => '..', () => 'a.'.repeat(500), () => '{"a":[1,2,{"b":null}]}',
  () => '['.repeat(5000), () => '<p><a href="?x">'.repeat(50), () => '<'.repeat(300), () => 'p:nth-child(2n+1) > a[href]',
  () => ':not('.repeat(40), () => 'sha256', () => 'hex', () => 'base64', () => 'GET', () => 'get ', () => 'G\r\nX: y',
  () => BASE, () => BASE + '/a?b=c#d', () => BASE + '/\r\nX: y', () => BASE + '/' + '%'.repeat(50), () => 'http://',
  () => 'http://[::1', () => '//', () => 'javascript:1', () => 'data:,x', () => 'file:///etc/passwd', () => 'http://a b/',
  () => BASE.replace('127.0.0.1', 'user:pass@127.0.0.1'), () => 'http://127.0.0.1:99999/', () => 'http://127.0.0.1:1/',
  () => [], () => [,], () => [1, , 2], () => [[[]]], () => new Array(1000), () => deep(20), () => deep(3000), () => {},
  () => ({}), () => Object.create(null), () => cyclic, () => trap, () => liar, () => revoked.proxy, () => changing,
  () => throwing, () => ({ toString: thrower }), () => ({ valueOf: thrower }), () => ({ toJSON: thrower }),
  () => ({ toString: () => ({}) , valueOf: () => ({}) }), () => ({ toJSON() { return { toJSON: this.toJSON }; } }),
  () => ({ [Symbol.toPrimitive]: () => Symbol('p') }), () => ({ then: thrower }), () => ({ then(f) { f(this); } }),
  () => ({ headers: { 'X-A': 'b' }, tags: { a: 'b' }, timeout: '1s' }), () => ({ headers: { 'a b': 'c', '': '\r\n' } }),
  () => ({ headers: { 'x': 'y'.repeat(100000) } }), () => ({ timeout: -1, redirects: 1e9 }), () => ({ timeout: NaN }),
  () => ({ cookies: { a: { value: trap, replace: 1 }, b: Symbol('c') } }), () => ({ jar: {} }), () => ({ tags: trap }),
  () => ({ responseType: 'binary' }), () => ({ responseType: 'none' }), () => ({ compression: 'gzip, zstd, br' }),
  () => ({ auth: 'digest' }), () => ({ responseCallback: () => true }), () => ({ throw: true }), () => ({ a: thrower }),
  () => ({ a: () => true, b: () => false, c: thrower, d: 1, '': () => trap }), () => ({ length: 2 ** 32, 0: 1 }),
  () => () => undefined, () => thrower, () => async () => thrower(), () => function* () { yield 1; }, () => class A {},
  () => class extends null {}, () => (x) => x, () => Function.prototype, () => thrower.bind(null), () => Math.max,
  () => new Date(NaN), () => new Date(0), () => /(a+)+$/g, () => new Map([[cyclic, cyclic]]), () => new Set([1, NaN]),
  () => new WeakMap(), () => new ArrayBuffer(0), () => new ArrayBuffer(8), () => detached, () => new ArrayBuffer(100000),
  () => view, () => gone, () => new Float64Array(3), () => new DataView(new ArrayBuffer(4)), () => new Uint8Array(0),
  () => Promise.resolve(1), () => new Promise(() => {}), () => new Error('e'), () => Object.freeze([1]), () => globalThis,
  () => Object.assign(new Error('x'), { message: trap, stack: Symbol('s') }), () => new Proxy(() => 1, {}),
  () => new Proxy([], {}), () => new Proxy(class {}, { construct: () => 1 }), () => (function () { return arguments; })(1),
];
const pick = () => VALUES[rand(VALUES.length)]();
const some = () => Array.from({ length: rand(5) }, pick);
const attempt = (f) => {
  try {
    return f();
  } catch (error) {
    return error;
  }
};
