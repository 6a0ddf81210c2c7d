import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectProcessMetrics, registry } from '../../src/lib/metrics.ts';
import { describeWith } from '../servers/process.ts';
import { promtool } from './promtool.ts';

describeWith(['promtool'], 'our own metrics', () => {
  test('have names and words that promtool check metrics has nothing to say against', async () => {
    const src = join(import.meta.dirname, '..', '..', 'src');
    const files = readdirSync(src).map((room) => join(src, room, 'metrics.ts'));
    for (const file of files.filter((path) => existsSync(path))) await import(file);
    collectProcessMetrics();
    const page = await registry.metrics();
    expect(page).toContain('# HELP crowsnest_');
    expect(await promtool(['check', 'metrics'], page)).toEqual({ code: 0, out: '', err: '' });
  });
});
