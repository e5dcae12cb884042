// api: lifecycle.open
// expect: checks 0
// expect: exit script
// expect: stderr contains "nowhere.csv"
open('./nowhere.csv');

export default function () {}
