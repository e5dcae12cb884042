// api: options.errors
// expect: checks 0
// expect: exit options
// expect: stderr contains "stages"
export const options = { iterations: 3, stages: [{ duration: '1s', target: 1 }] };

export default function () {}
