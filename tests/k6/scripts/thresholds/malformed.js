// api: thresholds.errors
// expect: checks 0
// expect: exit options
// expect: stderr contains "p95<100"
export const options = { thresholds: { http_req_duration: ['p95<100'] } };

export default function () {}
