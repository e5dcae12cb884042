// api: thresholds.errors
// expect: checks 0
// expect: exit options
// expect: stderr contains "no_such_metric"
export const options = { thresholds: { no_such_metric: ['count>1'] } };

export default function () {}
