import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { alertingSchema } from './config.ts';
import { loadFiles } from './files.ts';
import { withFolder } from './testing.ts';

const RULES = `groups:
  - name: g
    rules:
      - record: job:slow:sum
        expr: sum by (job) (slow)
      - alert: Slow
        expr: job:slow:sum > 1
`;

const config = alertingSchema.parse({ rule_files: ['rules.yml'] });

test('a recording rule without a store to write to is refused by file and line, with what to do', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'rules.yml'), RULES);
    await expect(loadFiles({ config, configDir: folder, writes: false })).rejects.toThrow(
      /rules\.yml:4\b.*the recording rule job:slow:sum has no place to write to: set ship\.metrics/,
    );
    expect((await loadFiles({ config, configDir: folder, writes: true })).rules.groups).toHaveLength(1);
  }));

test('alerting rules alone need no store', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'rules.yml'), 'groups: [{name: g, rules: [{alert: Slow, expr: slow > 1}]}]');
    const { rules } = await loadFiles({ config, configDir: folder, writes: false });
    expect(rules.groups[0].rules).toHaveLength(1);
  }));
