// api: lifecycle.init
// expect: checks 0
// expect: exit script
// expect: stderr contains "at the start"
throw new Error('at the start');

export default function () {}
