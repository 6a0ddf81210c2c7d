import { rmSync } from 'node:fs';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpClient } from '../../src/lib/http/client.ts';
import { Crowsnest, lay } from '../e2e/crowsnest.ts';
import { temporaryFolder } from '../servers/process.ts';
import { BROWSER } from './browser.ts';

const WHY = BROWSER === undefined ? ' (skipped: no Chromium on this machine)' : '';
const WITHIN = 60_000;

describe.skipIf(BROWSER === undefined && process.env.CI !== 'true')(`the console of a real server${WHY}`, () => {
  const folder = temporaryFolder();
  const client = new HttpClient();
  let browser: Browser;
  let server: Crowsnest;

  beforeAll(async () => {
    lay(folder, {
      'c.yaml': `server:
  auth:
    users: [{username: maya, password_file: '${folder}/maya', access: [read]}]
    tokens: [{file: '${folder}/agent', access: [write]}]
  tenants: [{name: shop, username: shop, password_file: '${folder}/shop', matchers: ['namespace="shop"']}]
`,
      maya: 'mast',
      shop: 'cart',
      agent: 'pushes',
    });
    const flags = ['--config', 'c.yaml', '--data', 'data', '--listen', '127.0.0.1:0'];
    [server, browser] = await Promise.all([
      Crowsnest.start(folder, ['server', ...flags]),
      chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] }),
    ]);
    const { status } = await client.request({
      url: `${server.url}/api/v1/import/prometheus`,
      method: 'POST',
      headers: { authorization: 'Bearer pushes', 'content-type': 'text/plain' },
      body: 'orders{namespace="shop"} 3\norders{namespace="bank"} 5\n',
      timeout: WITHIN,
    });
    expect(status).toBe(204);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), server?.kill()]);
    client.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A page of a browser that knows no password; `dialogs` are the browser's own, which must not come. */
  async function open(path: string): Promise<{ readonly page: Page; readonly dialogs: string[] }> {
    const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    page.setDefaultTimeout(WITHIN);
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(server.url + path);
    return { page, dialogs };
  }

  async function signIn(page: Page, user: string, password: string): Promise<void> {
    await page.getByLabel('User').fill(user);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
  const INSTANT = '/explore?q=orders&show=instant';
  const asksAgain = (page: Page) => page.getByRole('heading', { name: 'Sign in to crowsnest' }).waitFor();

  test('one page signs in and leads back to where one was; signing out shows it again', async () => {
    const { page, dialogs } = await open(INSTANT);
    await asksAgain(page);
    await signIn(page, 'maya', 'wrong');
    await page.getByRole('alert').waitFor();
    await signIn(page, 'maya', 'mast');
    await page.getByText('bank').first().waitFor();
    await page.getByText('shop').first().waitFor();
    expect(page.url()).toBe(server.url + INSTANT);
    await page.getByRole('button', { name: /Sign out/ }).click();
    await asksAgain(page);
    await page.reload();
    await asksAgain(page);
    expect(dialogs).toEqual([]);
  });

  test('a tenant sees its own series, and is told what is closed to it', async () => {
    const { page } = await open(INSTANT);
    await signIn(page, 'shop', 'cart');
    await page.getByText('shop').first().waitFor();
    expect(await page.getByText('bank').count()).toBe(0);
    await page.goto(`${server.url}/sources`);
    await page.getByText(/Not open to you here: .*targets/).waitFor();
  });

  test('a server has no rules, and each place says so in place of an empty list', async () => {
    const { page } = await open('/');
    await signIn(page, 'maya', 'mast');
    await page.getByRole('heading', { name: 'No rules are evaluated here' }).waitFor();
    await page.getByText(/samples received since the start/).waitFor();
    expect(await page.getByText('rule_files').count()).toBe(0);
    await page.goto(`${server.url}/alerts?show=rules`);
    await page.getByText(/This process does not have: .*rules/).waitFor();
    expect(await page.getByText('No rule is loaded').count()).toBe(0);
    await page.goto(`${server.url}/sources?show=logs`);
    await page.getByText(/This process does not have: .*log files/).waitFor();
    expect(await page.getByText('No log file is followed').count()).toBe(0);
  });

  test('a password that changes ends the session: one page asks for the new one', async () => {
    const { page, dialogs } = await open('/');
    await signIn(page, 'maya', 'mast');
    await page.getByRole('heading', { name: 'No rules are evaluated here' }).waitFor();
    lay(folder, { maya: 'anchor' });
    await asksAgain(page);
    await signIn(page, 'maya', 'anchor');
    await page.getByRole('heading', { name: 'No rules are evaluated here' }).waitFor();
    expect(dialogs).toEqual([]);
  });
});
