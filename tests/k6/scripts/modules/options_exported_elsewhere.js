// api: modules.local
// expect: checks 3
import { check } from 'k6';

export { options } from './lib/options.js';
export { run as default } from './lib/options.js';
