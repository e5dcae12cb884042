// api: metrics.errors
// expect: checks 0
// expect: exit script
// expect: stderr contains "already exists"
import { Counter, Trend } from 'k6/metrics';

new Counter('c');
new Trend('c');

export default function () {}
