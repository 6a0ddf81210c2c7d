import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../servers/process.ts';
import { lay, run } from './crowsnest.ts';

describe('config', () => {
  const folder = temporaryFolder();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('init writes an example that means the defaults, as it is and with every key in use, and is found by itself', async () => {
    expect(await run(folder, ['config', 'init'])).toMatchObject({ code: 0 });
    const { code, out } = await run(folder, ['check']);
    expect({ code, out: out.split('\n')[0] }).toEqual({ code: 0, out: '✓ crowsnest.yaml: good' });
    const example = readFileSync(join(folder, 'crowsnest.yaml'), 'utf8');
    const used = example.replaceAll(/^## .*\n/gm, '').replaceAll(/^# /gm, '');
    expect(used).toContain('scrape_interval: 15s');
    writeFileSync(join(folder, 'used.yaml'), used);
    expect((await run(folder, ['check', 'used.yaml'])).out).toContain('✓ used.yaml: good');
  });

  test('init does not overwrite a file', async () => {
    lay(folder, { 'own.yaml': 'log_level: debug\n' });
    const { code, err } = await run(folder, ['config', 'init', 'own.yaml']);
    expect({ code, err: err.trim() }).toEqual({ code: 2, err: 'own.yaml exists already' });
    expect(readFileSync(join(folder, 'own.yaml'), 'utf8')).toBe('log_level: debug\n');
  });

  test('what show prints is a file that check takes, secrets hidden', async () => {
    lay(folder, {
      'own.yaml': `
collect:
  scrape_configs:
    - {job_name: a, scrape_interval: 5s, static_configs: [{targets: ['h:1']}], basic_auth: {username: u, password: hunter2}}
ship:
  metrics: [{url: 'https://u:hunter2@mimir/api/v1/push?token=hunter2', queue_config: {min_backoff: 1s}}]
`,
    });
    const shown = await run(folder, ['config', 'show', '--config', 'own.yaml']);
    expect(shown.out).not.toContain('hunter2');
    expect(shown.out).toContain('scrape_interval: 5s');
    writeFileSync(join(folder, 'shown.yaml'), shown.out);
    expect((await run(folder, ['check', 'shown.yaml'])).out).toContain('✓ shown.yaml: good');
  });
});
