// api: execution.vu.tags, execution.vu.metrics.tags
// expect: checks 4
import exec from 'k6/execution';
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  thresholds: {
    'http_reqs{step:one}': ['count==1'],
    'http_reqs{step:two}': ['count==2'],
    'checks{step:two}': ['rate==1'],
    'http_reqs{number:5}': ['count==1'],
  },
};

const get = () => http.get(`${__ENV.BASE_URL}/get`);

export default function () {
  exec.vu.metrics.tags.step = 'one';
  equal('read', exec.vu.metrics.tags.step, 'one');
  get();
  exec.vu.metrics.tags.step = 'two';
  get();
  exec.vu.tags.number = 5;
  equal('as text', exec.vu.tags.number, '5');
  get();
  delete exec.vu.metrics.tags.number;
  equal('deleted', exec.vu.metrics.tags.number, undefined);
  equal('the scenario is one', exec.vu.metrics.tags.scenario, 'default');
}
