// api: executors.externally-controlled
// k6-skip: it knows the executor
// k6-differs: the load is declared
// expect: checks 0
// expect: exit options
// expect: stderr contains "externally-controlled"
export const options = { scenarios: { s: { executor: 'externally-controlled', vus: 1, duration: '1s' } } };

export default function () {}
