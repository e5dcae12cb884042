// api: thresholds.selectors
// expect: checks 4
import http from 'k6/http';
import { check } from 'k6';

export const options = {
  thresholds: {
    'http_reqs{method:POST}': ['count==1'],
    'http_reqs{method:GET,status:200}': ['count==3'],
    'http_reqs{scenario:default}': ['count==4'],
    'http_req_duration{expected_response:true}': ['max<5000'],
    'iterations{scenario:default}': ['count==1'],
    'checks{ check : ok }': ['rate==1'],
  },
};

export default function () {
  const urls = [1, 2, 3].map((id) => `${__ENV.BASE_URL}/anything/${id}`);
  urls.forEach((url) => check(http.get(url), { ok: (res) => res.status === 200 }));
  check(http.post(urls[0]), { ok: (res) => res.status === 200 });
}
