// npx tsx src/alerting/evaluate/evaluate.bench.ts: rounds of alerting rules with many instances, and of templates.
import { Bench } from 'tinybench';
import { createLogger } from '../../lib/logger.ts';
import { Labels } from '../../model/labels.ts';
import type { VectorSample } from '../../model/query.ts';
import { AggregationGroups } from '../dispatch/aggregation-groups.ts';
import { consoleRouting } from '../routing/routing.ts';
import { parseRuleTemplate } from '../template/expand.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { GroupRunner } from './group.ts';

const INSTANCES = 10_000;
const samples: VectorSample[] = Array.from({ length: INSTANCES }, (_, i) => ({
  labels: Labels.of({
    __name__: 'up',
    job: 'node',
    instance: `10.0.${i >> 8}.${i & 255}:9100`,
    namespace: `ns-${i % 100}`,
  }),
  timestamp: 0,
  value: i,
}));
const query = () => Promise.resolve({ samples, warnings: [], infos: [] });

const runner = new GroupRunner({
  group: {
    name: 'g', file: 'f', interval: 60_000, queryOffset: 0, limit: 0, labels: {},
    rules: [{ kind: 'alerting', alert: 'Down', expr: 'up == 0', for: 0, keepFiringFor: 0, labels: { severity: 'page' }, line: 1,
      annotations: { summary: '{{ $labels.instance }} of {{ $labels.job }} is down', description: 'value {{ $value | humanize }}' } }],
  },
  context: { query, externalLabels: {}, externalUrl: 'http://nest' },
  write: (batch) => Promise.resolve({ accepted: batch.values.length, refused: {} }),
  readable: 'at_once',
  logger: createLogger({ quiet: true }),
  onAlerts: () => undefined,
}); // prettier-ignore

const template = parseRuleTemplate(
  'Down',
  'Disk {{ $labels.instance }} at {{ $value | humanizePercentage }} ({{ printf "%.2f" $value }})',
);
const data = { labels: { instance: 'a:1' }, externalLabels: {}, externalUrl: '', value: 0.5 };

const groups = new AggregationGroups(consoleRouting().route, () => true);
const alerts = samples.map(({ labels }) => ({
  labels, annotations: {}, startsAt: 0, endsAt: Infinity, generatorURL: '', fingerprint: fingerprintOf(labels), value: 1, provenance: {},
  fields: { playbook: '', owner: '', region: '', datacenter: '', affected: '' },
})); // prettier-ignore

let at = 0;
const bench = new Bench({ time: 500 })
  .add(`a round of one rule with ${INSTANCES} firing alerts`, () => runner.evaluate((at += 60_000)))
  .add(`${INSTANCES} alerts into groups and out`, () => {
    groups.update(alerts, (at += 300_000));
    groups.due(at);
  })
  .add('one template', () => template.expand(data, { at: 0, query }));
await bench.run();
console.table(bench.table());
