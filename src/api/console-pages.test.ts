import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testApi } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'crowsnest-console-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>crowsnest</title>');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['/graph?g0.expr=up%7Ba%3D%22b%22%7D+%3E+1&g0.tab=1', '/explore?q=up%7Ba%3D%22b%22%7D+%3E+1'],
  ['/graph?g0.expr=up&g0.range_input=2h', '/explore?q=up&range=2h'],
  ['/query?g0.expr=up', '/explore?q=up'],
  ['/graph', '/explore'],
  ['/rules', '/alerts'],
  ['/targets', '/sources'],
])("a link into Prometheus' pages, %s, leads to %s", async (url, to) => {
  const app = await testApi({ consoleFolder: folder });
  const response = await app.inject(url);
  expect([response.statusCode, response.headers.location]).toEqual([302, to]);
});
