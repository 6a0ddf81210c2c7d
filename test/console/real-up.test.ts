import { rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Crowsnest, lay } from '../e2e/crowsnest.ts';
import { temporaryFolder, waitFor } from '../servers/process.ts';
import { BROWSER } from './browser.ts';

const WHY = BROWSER === undefined ? ' (skipped: no Chromium on this machine)' : '';
const WITHIN = 60_000;

describe.skipIf(BROWSER === undefined && process.env.CI !== 'true')(`the console of a real up${WHY}`, () => {
  const folder = temporaryFolder();
  let dial = 7;
  const exporter = http.createServer((_, response) => response.end(`dial ${dial}\nbroken{ 2\ndial 3\n`));
  let browser: Browser;
  let crowsnest: Crowsnest;

  beforeAll(async () => {
    await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
    lay(folder, {
      'c.yaml': `collect:
  scrape_interval: 1s
  scrape_timeout: 1s
  node: {enabled: false}
  scrape_configs:
  - {job_name: dial, static_configs: [{targets: ['127.0.0.1:${(exporter.address() as AddressInfo).port}']}]}
logs: {files: ['${folder}/app.log']}
alerting: {rule_files: [r.yaml], playbooks: playbooks}
`,
      'r.yaml': `groups:
- name: g
  interval: 1s
  rules:
  - {alert: DialHigh, expr: dial > 5, labels: {severity: page}}
  - {alert: DialLong, expr: dial > 0, for: 1h}
  - {alert: DialOver, expr: dial > 30}
  - {alert: DialGone, expr: 'dial{pod="none"} > 1'}
`,
      'playbooks/DialLong.md': '# DialLong\n\nWait for the tide.\n',
      'app.log': 'one\ntwo\n',
    });
    const flags = ['--config', 'c.yaml', '--data', 'data', '--listen', '127.0.0.1:0'];
    [crowsnest, browser] = await Promise.all([
      Crowsnest.start(folder, ['up', ...flags]),
      chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), crowsnest?.kill()]);
    exporter.closeAllConnections();
    exporter.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(path: string): Promise<Page> {
    const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    page.setDefaultTimeout(WITHIN);
    await page.goto(new URL(path, crowsnest.url).href);
    return page;
  }

  test('a pending alert leads to the playbook that is named after it', async () => {
    const page = await open('/alerts');
    const card = page.locator('article', { hasText: 'DialLong' });
    await card
      .getByText(/pending/)
      .first()
      .waitFor();
    await card.locator('summary').click();
    await card.getByText('Wait for the tide.').waitFor();
  });

  test('sources show the lines of a page that were left out, and when a log file was read', async () => {
    const page = await open('/sources');
    await page.getByText(/\d+ lines? of the last page left out, the first: .*broken/).waitFor();
    await page.goto(`${crowsnest.url}/sources?show=logs`);
    const row = page.locator('tr', { hasText: 'app.log' });
    await row.waitFor();
    await expect.poll(() => row.innerText(), { timeout: WITHIN }).not.toContain('never');
    expect(await row.innerText()).toMatch(/\b2\b/);
  });

  test('a rule shows its last value beside its limit, or that it matches no series', async () => {
    const page = await open('/alerts?show=rules');
    const details = (rule: string) => page.locator('details', { hasText: rule });
    await details('DialOver').locator('summary').click();
    await details('DialOver').getByText('Values now, beside the limit of 30').waitFor();
    await details('DialGone').locator('summary').click();
    await details('DialGone').getByText('matches no series now, so the alert cannot fire').waitFor();
  });

  test('the link of a page shows the whole story after the alert is over', async () => {
    const link = () => /Alert\s+(http\S+\/alerts\/\w+)/.exec(crowsnest.output)?.[1];
    expect(await waitFor(() => link() !== undefined, WITHIN)).toBe(true);
    dial = 1;
    const fires = async () => (await crowsnest.alerts()).some(({ labels }) => labels.alertname === 'DialHigh');
    expect(await waitFor(async () => !(await fires()), WITHIN)).toBe(true);
    const page = await open(link() as string);
    await page.getByRole('heading', { name: /DialHigh/ }).waitFor();
    await page
      .getByText(/resolved/)
      .first()
      .waitFor();
    await page
      .getByText(/firing/)
      .first()
      .waitFor();
  });
});
