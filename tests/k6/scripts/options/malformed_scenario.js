// api: options.scenarios
// expect: checks 0
// expect: exit options
// expect: stderr contains "no-such-executor"
export const options = { scenarios: { s: { executor: 'no-such-executor' } } };

export default function () {}
