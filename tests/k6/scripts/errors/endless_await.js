// api: lifecycle.init
// expect: checks 0
// expect: exit script
// expect: stderr contains "the init context awaits what never happens"
// k6-skip: it waits for ever
// It waits for itself.
await import('./endless_await.js');

export default function () {}
