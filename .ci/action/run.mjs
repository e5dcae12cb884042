// Runs the composite action by GitHub's own expression engine, against a release on the loopback and small servers.
// Usage: .ci/node VENV .ci/action .ci/action/run.mjs LOADGATE
import path from 'node:path';
import './install.mjs';
import { verdicts } from './verdicts.mjs';

if (process.argv[2] === undefined) {
  console.error('give the binary to test the action with: .ci/node VENV .ci/action .ci/action/run.mjs LOADGATE');
  process.exit(2);
}
verdicts(path.resolve(process.argv[2]));
