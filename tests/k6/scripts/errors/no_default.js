// api: lifecycle.default
// expect: checks 0
// expect: exit options
// expect: stderr contains "default"
export function other() {}
