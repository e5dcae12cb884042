// api: cli.--out
// args: --out json=points.json
// expect: checks 3
// expect: file points.json contains "\"metric\":\"http_req_waiting\""
// expect: file points.json contains "\"expected_response\":\"true\",\"group\":\"\",\"method\":\"GET\",\"name\":\"list\",\"proto\":\"HTTP/1.1\",\"scenario\":\"default\",\"status\":\"200\",\"team\":\"red\",\"url\":"
// expect: file points.json contains "\"error_code\":\"1404\",\"expected_response\":\"false\""
// expect: file points.json contains "\"error\":\"dial: connection refused\",\"error_code\":\"1212\",\"expected_response\":\"false\""
// expect: file points.json contains "\"status\":\"0\""
// expect: file points.json contains "\"metric\":\"data_received\""
import http from 'k6/http';
import { check } from 'k6';

export const options = { tags: { team: 'red' } };

export default function () {
  const statuses = [
    http.get(`${__ENV.BASE_URL}/get`, { tags: { name: 'list' } }).status,
    http.get(`${__ENV.BASE_URL}/status/404`).status,
    http.get(`${__ENV.CLOSED_URL}/`, { tags: { name: 'list' } }).status,
  ];
  statuses.forEach((status, at) => check(status, { [`request ${at}`]: (s) => s === [200, 404, 0][at] }));
}
