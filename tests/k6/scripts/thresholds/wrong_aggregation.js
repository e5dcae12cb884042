// api: thresholds.errors
// expect: checks 0
// expect: exit options
// expect: stderr contains "p(95)"
export const options = { thresholds: { http_reqs: ['p(95)<100'] } };

export default function () {}
