import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { shopApi } from './fixture.ts';

const BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

const WHY = BROWSER === undefined ? ' (skipped: no Chromium on this machine)' : '';

describe.skipIf(BROWSER === undefined && process.env.CI !== 'true')(`the console in a browser${WHY}`, () => {
  let folder = '';
  let url = '';
  let browser: Browser;
  let shop: Awaited<ReturnType<typeof start>>;
  /** What the browser complained of, and requests that left the server. */
  const trouble: string[] = [];

  async function start() {
    const { app, addLine } = shopApi(folder);
    const listening = await app;
    url = await listening.listen({ host: '127.0.0.1', port: 0 });
    return { app: listening, addLine };
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'console-'));
    await build({
      configFile: new URL('../../src/console/vite.config.ts', import.meta.url).pathname,
      build: { outDir: folder },
      logLevel: 'warn',
    });
    shop = await start();
    browser = await chromium.launch({ executablePath: BROWSER, args: FLAGS.split(' ') });
  });

  afterAll(async () => {
    await browser?.close();
    await shop?.app.close();
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  async function open(path: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    const page = await context.newPage();
    page.on('pageerror', (error) => trouble.push(`${path}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') trouble.push(`${path}: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) trouble.push(`${path} asked ${request.url()}`);
    });
    await page.goto(`${url}${path}`);
    return page;
  }

  const title = (page: Page) => page.locator('h1').first().textContent();

  test('Now says first whether anything is wrong, and for whom', async () => {
    const page = await open('/');
    await page.getByText('1 page firing').waitFor();
    const incident = page.locator('.incident').first();
    expect(await incident.textContent()).toContain('maya (rota shop)');
    expect(await incident.textContent()).toContain('eu-west-1');
    expect(await page.locator('.pipelines tbody tr').count()).toBe(5);
    expect(await page.locator('.pipelines').textContent()).toContain('1 file skipped: no permission');
    // The README's picture: CROWSNEST_SCREENSHOT=docs/console.png
    if (process.env.CROWSNEST_SCREENSHOT !== undefined)
      await page.screenshot({ path: process.env.CROWSNEST_SCREENSHOT });
  });

  test('Now without an alert says what was checked', async () => {
    const quiet = shopApi(folder, { ruleGroups: () => [], alerts: () => [] });
    const app = await quiet.app;
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(await app.listen({ host: '127.0.0.1', port: 0 }));
    await page.getByText('No alert rule is loaded').waitFor();
    await app.close();
  });

  test('keys lead from place to place and to the search box', async () => {
    const page = await open('/');
    await page.locator('.incident').first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForURL('**/sources');
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.waitForURL('**/explore');
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('PromQL expression');
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.waitForURL('**/alerts');
  });

  test('a metric is found in the list, drawn, and its address can be shared', async () => {
    const page = await open('/explore');
    await page.getByRole('link', { name: 'http_requests_total' }).click();
    await page.locator('.chart canvas').waitFor();
    await page.waitForURL('**/explore?q=rate*');
    expect(await page.locator('.legend tbody tr').count()).toBe(5);
    await page.getByText('In words, 1 step').click();
    await page.getByText('the newest sample of each series').waitFor();
    const again = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    await again.locator('.chart canvas').waitFor();
    expect(await again.getByLabel('PromQL expression').inputValue()).toBe('rate(http_requests_total[5m])');
  });

  test('words are completed while typing', async () => {
    const page = await open('/explore');
    await page.getByLabel('PromQL expression').pressSequentially('sum(http_req');
    await page.locator('.offers li').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.getByLabel('PromQL expression').inputValue()).toMatch(/^sum\(http_request/);
  });

  test('a faulty expression is shown with its place', async () => {
    const page = await open('/explore?q=up%7B');
    const failure = page.locator('.failure');
    await failure.waitFor();
    expect(await failure.textContent()).toContain('up{\n   ^1:4: parse error: unexpected end of input inside braces');
    await page.context().close();
    expect(trouble.splice(0).filter((text) => !text.includes('400'))).toEqual([]);
  });

  test('log lines are searched, opened and filtered by a field', async () => {
    const page = await open('/explore?view=logs');
    await page.locator('.log-line').first().waitFor();
    await page.locator('.log-line.error > button').first().click();
    await page.getByLabel('Only log.level error').click();
    await page.waitForURL('**logs=*');
    expect(await page.getByLabel('Log query').inputValue()).toBe('log.level: "error"');
    await page.getByText(/^24 records$/).waitFor();
  });

  test('a new line is there while one looks on', async () => {
    const page = await open('/explore?view=logs&live=1');
    await page.getByText('live ·').waitFor();
    shop.addLine('the <b>new</b> line');
    await page.getByText('the <b>new</b> line').waitFor({ timeout: 5000 });
  });

  test('an alert has its value, its playbook and its record on a page of its own', async () => {
    const page = await open('/alerts');
    await page.getByRole('link', { name: /Checkout answers slowly/ }).click();
    await page.locator('.chart canvas').waitFor();
    expect(await title(page)).toContain('Checkout answers slowly');
    expect(await page.locator('.prose').textContent()).toContain('kubectl -n shop rollout undo');
    expect(await page.locator('.fields').textContent()).toContain('annotation on Deployment shop/checkout');
    await page.getByText('alertmanager.yml:14').waitFor();
  });

  test('notifications are listed with what became of them', async () => {
    const page = await open('/alerts?show=sent');
    await page.getByText('email sent').first().waitFor();
    expect(await page.locator('tbody').textContent()).toContain('gave up after 6 tries');
  });

  test('sources name what is not covered, and why', async () => {
    const page = await open('/sources');
    await page.getByText('connect ECONNREFUSED 10.0.0.6:9100').waitFor();
    await page.getByRole('link', { name: 'Log files' }).click();
    await page.getByText('no permission to read it').waitFor();
  });

  const PLACES = ['/', '/explore', '/explore?q=up', '/explore?view=logs', '/alerts', '/alerts?show=rules', '/alerts?show=sent', '/alerts/a1b2c3d4e5f60718', '/sources', '/sources?show=store']; // prettier-ignore

  test.each(PLACES)('%s can be read by day and by night, and on a narrow screen', async (path) => {
    const page = await open(path);
    await page.locator('h1').first().waitFor();
    await page.waitForLoadState('networkidle');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await page.evaluate(faintTexts)).toEqual([]);
    }
    await page.setViewportSize({ width: 360, height: 780 });
    await page.waitForFunction(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
  });

  test('the browser found nothing to complain of and asked nobody else', () => {
    expect(trouble).toEqual([]);
  });
});

/** Texts whose contrast with what lies behind them is below WCAG AA. Runs in the page. */
function faintTexts(): string[] {
  const channel = (value: number) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const parse = (colour: string) => {
    const srgb = colour.startsWith('color(srgb');
    const [r, g, b, a = 1] = (colour.replace(/^color\(srgb/, '').match(/[\d.]+/g) ?? []).map(Number);
    const scale = srgb ? 1 : 255;
    return { rgb: [r / scale, g / scale, b / scale], alpha: a };
  };
  const luminance = ([r, g, b]: number[]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element: Element | null): number[] => {
    for (let at = element; at !== null; at = at.parentElement) {
      const { rgb, alpha } = parse(getComputedStyle(at).backgroundColor);
      if (alpha > 0.99) return rgb;
    }
    return [1, 1, 1];
  };
  const faint: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim() ?? '';
    if (element === null || text === '' || element.closest('button:disabled, option, noscript, textarea') !== null)
      continue;
    const style = getComputedStyle(element);
    if (style.visibility === 'hidden' || element.getClientRects().length === 0) continue;
    const [a, b] = [luminance(parse(style.color).rgb), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${text.slice(0, 40)} (${ratio.toFixed(2)})`);
  }
  return faint;
}
