// api: options.scenarios
// expect: checks 0
// expect: exit options
// expect: stderr contains "missing"
export const options = { scenarios: { s: { executor: 'per-vu-iterations', exec: 'missing' } } };

export default function () {}
