// Calls whatever it finds, with whatever there is.
const SKIPPED = ['abort', 'sleep', 'setInterval'];
const seen = [];
const walk = (value, depth) => {
  if (left-- <= 0 || depth > 3 || value === null || !['object', 'function'].includes(typeof value)) return;
  for (let object = value; object && object !== Object.prototype; object = attempt(() => Object.getPrototypeOf(object))) {
    const keys = attempt(() => Reflect.ownKeys(object));
    if (!Array.isArray(keys)) return;
    for (let i = 0; i < 6 && keys.length; i++) {
      const key = keys[rand(keys.length)];
      if (left <= 0 || SKIPPED.includes(key)) continue;
      const member = attempt(() => value[key]);
      if (typeof member === 'function') {
        left--;
        const self = rand(5) ? value : pick();
        const result = attempt(() => rand(6) ? Reflect.apply(member, self, some()) : Reflect.construct(member, some()));
        if (result && typeof result.then === 'function') attempt(() => result.then(() => {}, () => {}));
        if (!rand(4)) attempt(() => JSON.stringify(result));
        if (!rand(12)) attempt(() => console.log(result, pick()));
        walk(result, depth + 1);
      } else {
        walk(member, depth + 1);
        if (!rand(8)) attempt(() => { value[key] = pick(); });
        if (!rand(16)) attempt(() => delete value[key]);
        if (!rand(16)) attempt(() => Object.defineProperty(value, key, { get: thrower, configurable: true }));
      }
    }
    if (!object.constructor || rand(2)) break;
  }
};
