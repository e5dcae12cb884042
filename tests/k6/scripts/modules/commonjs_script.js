// api: modules.require
// expect: checks 2
const http = require('k6/http');
const { check } = require('k6');

exports.options = { iterations: 2, thresholds: { checks: ['rate==1'] } };

exports.default = function () {
  check(http.get(`${__ENV.BASE_URL}/get`), { ok: (res) => res.status === 200 });
};
