// api: other.k6/browser
// k6-skip: it knows the module
// expect: checks 0
// expect: exit script
// expect: stderr contains "k6/browser"
// expect: stderr contains "browser.js:7"
import { browser } from 'k6/browser';

export default async function () {
  await browser.newPage();
}
