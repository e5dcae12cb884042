// api: modules.errors
// k6-skip: it knows the module
// k6-differs: there is no browser
// expect: checks 0
// expect: exit script
// expect: stderr contains "k6/browser"
// expect: stderr contains "browser.js:8"
import { browser } from 'k6/browser';

export default async function () {
  await browser.newPage();
}
