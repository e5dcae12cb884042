// api: modules.errors
// expect: checks 0
// expect: exit script
// expect: stderr contains "syntax.js"
export default function () {
  const a = ;
}
