import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Crowsnest, lay } from '../e2e/crowsnest.ts';
import { type RunningServer, describeWith, temporaryFolder } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';

type Features = Record<string, Record<string, boolean>>;

describeWith(['prometheus'], 'what `up` says it can do, beside what a real Prometheus says', () => {
  const folder = temporaryFolder();
  let crowsnest: Crowsnest;
  let real: RunningServer;
  let mine: Features;
  let theirs: Features;

  beforeAll(async () => {
    lay(folder, { 'crowsnest.yaml': `server: {listen: '127.0.0.1:0'}\n` });
    crowsnest = await Crowsnest.start(folder, ['up', '--config', 'crowsnest.yaml']);
    real = await startPrometheus();
    const answer = await fetch(`${real.url}/api/v1/features`);
    theirs = ((await answer.json()) as { data: Features }).data;
    mine = (await crowsnest.data('/api/v1/features')) as Features;
  });

  afterAll(async () => {
    await real?.stop();
    await crowsnest?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['promql_functions', 'promql_operators', 'templating_functions', 'rules'])('%s are the same', (section) => {
    expect(mine[section]).toEqual(theirs[section]);
  });

  test('nothing is named in other words', () => {
    for (const [section, features] of Object.entries(mine)) {
      expect(Object.keys(theirs[section])).toEqual(expect.arrayContaining(Object.keys(features)));
    }
  });
});
