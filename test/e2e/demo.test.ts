import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findProgram } from '../servers/cache.ts';
import { describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { Crowsnest } from './crowsnest.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describeWith(['chromium'], 'the demo leads a newcomer from the metric to the page, its playbook and the log', () => {
  const folder = temporaryFolder();
  let crowsnest: Crowsnest;
  let browser: Browser;

  beforeAll(async () => {
    crowsnest = await Crowsnest.start(folder, ['up', '--demo', '--data', 'data', '--listen', '127.0.0.1:0']);
    browser = await chromium.launch({ executablePath: findProgram('chromium'), args: FLAGS });
  });

  afterAll(async () => {
    await browser?.close();
    await crowsnest?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the objective burns, the page goes out and stands in the console within two minutes', async () => {
    const sent = async () => {
      const deliveries = await crowsnest.data<{ state: string }[]>('/api/crowsnest/v1/deliveries');
      return deliveries.some(({ state }) => state === 'sent');
    };
    expect(await waitFor(sent, 110_000)).toBe(true);
    expect(crowsnest.output).toMatch(/\[PAGE\] checkout fails/i);
    expect((await crowsnest.logs('service.name: checkout and log.level: error and timeout')).length).toBeGreaterThan(0);

    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(crowsnest.url);
    await page.getByText('checkout fails for too many').first().waitFor();
    // For the README: CROWSNEST_SCREENSHOT=1 npx vitest run --project whole test/e2e/demo.test.ts
    if (process.env.CROWSNEST_SCREENSHOT)
      await page.screenshot({ path: join(import.meta.dirname, '../../docs/console.png') });
    await page.goto(`${crowsnest.url}/alerts`);
    await page.getByText('fifteen seconds after the start').first().waitFor();
  });
});
