// api: metrics.errors
// expect: checks 0
// expect: exit script
// expect: stderr contains "already exists"
import { Counter, Trend } from 'k6/metrics';

new Counter('items');
new Trend('items');

export default function () {}
