// api: summary.handleSummary
// expect: checks 3
// expect: file facts.txt contains "keys metrics,options,root_group,setup_data,state"
// expect: file facts.txt contains "state isStdErrTTY,isStdOutTTY,testRunDurationMs"
// expect: file facts.txt contains "duration true"
// expect: file facts.txt contains "setup {\"a\":1}"
// expect: file facts.txt contains "options noColor,summaryTimeUnit,summaryTrendStats"
// expect: file facts.txt contains "trend avg,max,med,min,p(90),p(95)"
// expect: file facts.txt contains "groups shop: ::shop, checks in it"
// expect: file facts.txt contains "checks of the root at the root 1/0"
// expect: file facts.txt contains "inner cart ::shop::cart"
import { check, group } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export function setup() {
  return { a: 1 };
}

export default function () {
  check(1, { 'at the root': true });
  group('shop', () => {
    check(1, { 'in it': true });
    group('cart', () => check(1, { deep: true }));
  });
}

export function handleSummary(data) {
  const [shop] = data.root_group.groups;
  const [top] = data.root_group.checks;
  const keys = (object) => Object.keys(object).sort().join(',');
  const facts = [
    `keys ${keys(data)}`,
    `state ${keys(data.state)}`,
    `duration ${data.state.testRunDurationMs > 0}`,
    `setup ${JSON.stringify(data.setup_data)}`,
    `options ${keys(data.options)}`,
    `trend ${keys(data.metrics.iteration_duration.values)}`,
    `groups ${shop.name}: ${shop.path}, checks ${shop.checks[0].name}`,
    `checks of the root ${top.name} ${top.passes}/${top.fails}`,
    `inner ${shop.groups[0].name} ${shop.groups[0].path}`,
  ];
  return { 'facts.txt': facts.join('\n') };
}
