// api: lifecycle.init
// expect: checks 0
// expect: exit script
// expect: stderr contains "init context"
import http from 'k6/http';

http.get(`${__ENV.BASE_URL}/get`);

export default function () {}
