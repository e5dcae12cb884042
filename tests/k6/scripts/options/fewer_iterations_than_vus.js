// api: options.errors
// expect: checks 0
// expect: exit options
// expect: stderr contains "iterations"
export const options = { vus: 5, iterations: 3 };

export default function () {}
