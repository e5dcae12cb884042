// api: lifecycle.setup
// expect: checks 0
// expect: exit setup
// expect: output contains "no stock today"
// expect: metric iterations absent
export function setup() {
  throw new Error('no stock today');
}

export default function () {}
