// Takes docs/console.png anew: the console during `up --demo`, when the page about the checkout fires. `npx tsx scripts/console-picture.ts`, after a build.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { BROWSER } from '../test/console/browser.ts';
import { Crowsnest } from '../test/e2e/crowsnest.ts';

/** Milliseconds within which the demo's page fires, with time to spare. */
const FIRES_WITHIN = 300_000;

const target = join(import.meta.dirname, '..', 'docs', 'console.png');
const folder = mkdtempSync(join(tmpdir(), 'picture-'));
const crowsnest = await Crowsnest.start(folder, ['up', '--demo', '--listen', '127.0.0.1:0']);
const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme: 'light', locale: 'en-GB' });
  page.setDefaultTimeout(FIRES_WITHIN);
  await page.goto(crowsnest.url);
  await page
    .getByText(/\d+ pages? firing/)
    .first()
    .waitFor();
  // Objectives are asked for once a minute: they are there after a reload.
  await page.reload();
  await page.locator('.incident').first().waitFor();
  await page.getByRole('heading', { name: 'Objectives' }).waitFor();
  await page.screenshot({ path: target });
  console.log(`wrote ${target}`);
} finally {
  await browser.close();
  await crowsnest.stop();
  rmSync(folder, { recursive: true, force: true });
}
