// api: k6.group, tags.group
// expect: checks 4
import http from 'k6/http';
import { check, group } from 'k6';

export const options = {
  thresholds: {
    'checks{group:::shop}': ['rate==1'],
    'checks{group:::shop::cart}': ['rate==1'],
    'http_reqs{group:::shop::cart}': ['count==2'],
    'http_reqs{group:::shop}': ['count==1'],
    'group_duration{group:::shop::cart}': ['max<5000'],
  },
};

const get = () => check(http.get(`${__ENV.BASE_URL}/get`), { ok: (res) => res.status === 200 });

export default function () {
  get();
  group('shop', () => {
    get();
    group('cart', () => {
      get();
      get();
    });
  });
}
