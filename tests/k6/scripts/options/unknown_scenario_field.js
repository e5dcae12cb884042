// api: options.scenarios
// expect: checks 0
// expect: exit options
// expect: stderr contains "iteration"
export const options = { scenarios: { s: { executor: 'per-vu-iterations', iteration: 3 } } };

export default function () {}
