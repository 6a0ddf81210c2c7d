import type { Random } from '../promql/random.ts';

/** Routes with `continue`, groups, inhibition, silences and mute intervals: what random alerts go through. */
export function routingFile(hook: string): string {
  const receivers = ['root', 'pager', 'chat', 'night', 'all'];
  return `
global: {resolve_timeout: 10m}
route:
  receiver: root
  group_by: [alertname]
  group_wait: 300ms
  group_interval: 500ms
  repeat_interval: 4h
  labels: {tier: base}
  routes:
  - {matchers: ['severity="page"'], receiver: pager, group_by: [alertname, cluster], continue: true}
  - {matchers: ['severity="page"'], receiver: chat, continue: true, labels: {tier: chat}}
  - {matchers: ['night="yes"'], receiver: night, mute_time_intervals: [always]}
  - {matchers: ['cluster=~"eu|us"'], receiver: all, group_by: ['...'], active_time_intervals: [always]}
inhibit_rules:
- {source_matchers: ['severity="page"'], target_matchers: ['severity="warning"'], equal: [alertname, cluster]}
- {source_matchers: ['alertname="A"'], target_matchers: ['alertname="D"'], equal: []}
time_intervals: [{name: always, time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]}]
receivers:
${receivers.map((name) => `- {name: ${name}, webhook_configs: [{url: '${hook}/${name}'}]}`).join('\n')}
`;
}

export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** One change; each is one request, so that no flush falls between its parts. Silences are named by their place in the stream. */
export type Step =
  | { readonly kind: 'alerts'; readonly fire: readonly Labels[]; readonly resolve: readonly Labels[] }
  | { readonly kind: 'silence'; readonly matchers: readonly Matcher[] }
  | { readonly kind: 'expire'; readonly silence: number }
  | { readonly kind: 'restart' };

type Labels = Readonly<Record<string, string>>;

const VALUES = {
  alertname: ['A', 'B', 'C', 'D'],
  severity: ['page', 'warning', 'info'],
  cluster: ['eu', 'us', ''],
  night: ['yes', '', '', ''],
  instance: ['1', '2', '3'],
};

/** A stream of `length` steps. */
export function randomStream(length: number, random: Random): Step[] {
  const firing = new Map<string, Labels>();
  const active: number[] = [];
  let silences = 0;
  const steps: Step[] = [];
  const alerts = (): Step => {
    const fire = Array.from({ length: random.int(1, 4) }, () => {
      const all = Object.entries(VALUES).map(([name, values]) => [name, random.pick(values)]);
      return Object.fromEntries(all.filter(([, value]) => value !== '')) as Labels;
    });
    const resolve = [...firing.values()].filter(() => random.chance(0.4));
    for (const labels of resolve) firing.delete(JSON.stringify(labels));
    for (const labels of fire) firing.set(JSON.stringify(labels), labels);
    const fired = new Set(fire.map((labels) => JSON.stringify(labels)));
    return { kind: 'alerts', fire, resolve: resolve.filter((labels) => !fired.has(JSON.stringify(labels))) };
  };
  while (steps.length < length) {
    const chance = random.next();
    if (chance < 0.15) {
      const name = random.pick(['alertname', 'cluster', 'instance'] as const);
      const value = random.pick(VALUES[name]) || 'eu';
      steps.push({ kind: 'silence', matchers: [{ name, value, isRegex: false, isEqual: true }] });
      active.push(silences++);
    } else if (chance < 0.25 && active.length > 0) {
      steps.push({ kind: 'expire', silence: active.shift() as number });
    } else if (chance < 0.32 && steps.length > 2) {
      steps.push({ kind: 'restart' });
    } else {
      steps.push(alerts());
    }
  }
  return steps;
}
