// api: modules.errors
// expect: checks 0
// expect: exit script
// expect: stderr contains "./nowhere.js"
import { a } from './nowhere.js';

export default function () {
  a();
}
