// api: options.errors
// expect: checks 0
// expect: exit options
// expect: stderr contains "soon"
export const options = { vus: 1, duration: 'soon' };

export default function () {}
