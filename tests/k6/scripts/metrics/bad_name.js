// api: metrics.errors
// expect: checks 0
// expect: exit script
// expect: stderr contains "no-dashes"
import { Counter } from 'k6/metrics';

new Counter('no-dashes');

export default function () {}
