import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { BROWSER, ConsoleBrowser, answer } from './browser.ts';

const WHY = BROWSER === undefined ? ' (skipped: no Chromium on this machine)' : '';

/** A matrix of so many series, one sample a step, in the form of `/api/v1/query_range`. */
function matrix(url: string, count: number) {
  const params = new URL(url).searchParams;
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(params.get(name)));
  const times = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, i) => start + i * step);
  return answer({
    resultType: 'matrix',
    result: Array.from({ length: count }, (_, i) => ({
      metric: { __name__: 'http.server.duration', 'http.route': `/r${i}` },
      values: times.map((time) => [time, String(1_796_234_567.25 + i)]),
    })),
  });
}

const withSeries = (count: number) => (page: Page) =>
  page.route('**/api/v1/query_range*', (route) => route.fulfill(matrix(route.request().url(), count)));

describe.skipIf(BROWSER === undefined && process.env.CI !== 'true')(`Explore in a browser${WHY}`, () => {
  let browser: ConsoleBrowser;
  beforeAll(async () => {
    browser = await ConsoleBrowser.start();
  });
  afterEach(() => browser.closePages());
  afterAll(() => browser?.stop());

  const box = (page: Page) => page.getByLabel('PromQL expression', { exact: true });

  test('the arrow and Enter take a suggestion, Enter alone runs what is typed', async () => {
    const { page } = await browser.open('/explore');
    await box(page).pressSequentially('node_lo');
    await page.locator('.offers li').first().waitFor();
    expect(await box(page).getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('ArrowDown');
    const chosen = await box(page).getAttribute('aria-activedescendant');
    expect(await page.locator(`[id="${chosen}"]`).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Enter');
    expect(await box(page).inputValue()).toBe('node_load1');
    expect(new URL(page.url()).search).toBe('');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/explore?q=node_load1');
  });

  test('values of a label come from the server, for what is typed and the other matchers', async () => {
    const { page, asked } = await browser.open('/explore', {}, (page) =>
      page.route('**/api/v1/label/user/values*', (route) => {
        const match = new URL(route.request().url()).searchParams.get('match[]') ?? '';
        return route.fulfill(answer(match.includes('user-004') ? ['user-00400', 'user-00401'] : []));
      }),
    );
    await box(page).pressSequentially('vals{job="a", user="user-004');
    await page.getByRole('option', { name: 'user-00400' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await box(page).inputValue()).toBe('vals{job="a", user="user-00400"');
    const own = asked.filter((path) => path.includes('/label/user/values'));
    expect(own.every((path) => path.includes('limit=12'))).toBe(true);
    expect(decodeURIComponent(own.at(-1) ?? '').replaceAll('+', ' ')).toContain('vals{job="a", user=~');
  });

  test('a metric with dots is quoted in the list, the completion and the legend', async () => {
    const { page } = await browser.open('/explore', { labelValues: async () => ['http.server.duration', 'up'] }, withSeries(3));
    await page.getByRole('link', { name: 'http.server.duration' }).click();
    await page.waitForURL((url) => url.searchParams.get('q') === '{"http.server.duration"}');
    await page.getByRole('link', { name: '/r1' }).click();
    await page.waitForURL((url) => url.searchParams.get('q') === '{"http.server.duration", "http.route"="/r1"}');
    await box(page).fill('');
    await box(page).pressSequentially('sum(http.server.du');
    await page.locator('.offers li').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await box(page).inputValue()).toBe('sum({"http.server.duration"}');
  });

  test('after a zoom and Back, with the mouse over the chart, the page still answers', async () => {
    const { page, trouble } = await browser.open('/explore?q=up&range=1h');
    const over = page.locator('.chart .u-over');
    await over.waitFor();
    const area = await over.boundingBox();
    if (area === null) throw new Error('the chart has no place');
    await page.mouse.move(area.x + area.width * 0.2, area.y + 50);
    await page.mouse.down();
    await page.mouse.move(area.x + area.width * 0.4, area.y + 50, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL('**end=*');
    await page.mouse.move(area.x + area.width - 5, area.y + 60);
    await page.goBack();
    await page.mouse.move(area.x + area.width - 3, area.y + 60);
    await page.getByLabel('Length').selectOption('5m');
    await page.mouse.move(area.x + area.width - 4, area.y + 61);
    await page.waitForURL('**range=5m*');
    await page.getByRole('columnheader', { name: /:\d\d/ }).waitFor();
    expect(trouble).toEqual([]);
  });

  test('all series are drawn where somebody asks, each value with all its digits', async () => {
    const { page, trouble } = await browser.open('/explore?q=up', {}, withSeries(200));
    await page.getByText('Drawn are the 40 with the highest values of 200 series.').waitFor();
    await page.getByRole('button', { name: 'Draw all 200' }).click();
    await page.getByText('All 200 series are drawn.').waitFor();
    await page.getByRole('button', { name: 'Exact values' }).click();
    await page.getByText('1796234567.25').first().waitFor();
    await page.getByRole('button', { name: 'Stacked' }).click();
    await page.waitForURL('**stack=1*');
    await page.locator('.chart canvas').waitFor();
    const colours = await page.locator('.swatch span').evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor + getComputedStyle(one).backgroundImage));
    expect(new Set(colours.slice(0, 25)).size).toBe(25);
    expect(trouble).toEqual([]);
  });

  test('values are a table by time, and at one time a range vector and a string are shown too', async () => {
    const { page } = await browser.open('/explore?q=up&show=table', {}, async (page) => {
      await withSeries(2)(page);
      await page.route('**/api/v1/query?*', (route) => {
        const query = new URL(route.request().url()).searchParams.get('query');
        if (query === '"text"') return route.fulfill(answer({ resultType: 'string', result: [1, 'text'] }));
        return route.fulfill(answer({ resultType: 'matrix', result: [{ metric: { job: 'a' }, values: [[1_700_000_000, '0.063090680958'], [1_700_000_015, '+Inf']] }] }));
      });
    });
    await page.locator('.by-time td', { hasText: '1796234567.25' }).first().waitFor();
    await page.getByRole('link', { name: 'Instant' }).click();
    await page.getByText('0.063090680958').waitFor();
    await page.getByText('+Inf').waitFor();
    await box(page).fill('"text"');
    await page.keyboard.press('Enter');
    await page.getByText('string "text"').waitFor();
  });

  test('two times of one’s own are looked at, in UTC where one likes; a second query has a chart of its own', async () => {
    const { page } = await browser.open('/explore?q=up');
    await page.getByRole('button', { name: 'UTC' }).click();
    await page.getByText('from … to …').click();
    await page.getByLabel('from').fill('2026-11-01T10:00:00');
    await page.getByLabel('to', { exact: true }).fill('2026-11-01T12:00:00');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL((url) => url.searchParams.get('range') === '2h' && url.searchParams.get('end') === String(Date.UTC(2026, 10, 1, 12)));
    await page.getByRole('button', { name: '+ Query' }).click();
    await page.getByLabel('PromQL expression 2').fill('node_load1');
    await page.keyboard.press('Enter');
    await page.waitForURL('**q2=node_load1*');
    await page.locator('.chart').nth(1).waitFor();
    await page.reload();
    expect(await page.getByRole('button', { name: 'UTC' }).getAttribute('aria-pressed')).toBe('true');
    await page.getByText('History').click();
    await page.getByRole('button', { name: 'node_load1' }).waitFor();
  });

  test('a faulty log query has a mark under its place', async () => {
    const { page } = await browser.open('/explore?view=logs&logs=a%20and%20)', {}, (page) =>
      page.route('**/api/crowsnest/v1/logs?*', (route) =>
        route.fulfill({ ...answer(null), status: 400, body: JSON.stringify({ status: 'error', error: 'query, character 7: unexpected ")"' }) }),
      ),
    );
    expect(await page.locator('.failure').textContent()).toContain('a and )\n      ^');
  });

  test('fields of a JSON line narrow the search, and the lines around it are one click away', async () => {
    const record = { timestamp: Date.now() - 5000, nanos: 0, stream: '', level: 'error', source: 's', offset: 1, fields: { 'log.file.path': '/a.log' }, message: '{"msg":"refused","code":503,"route":"/orders"}' };
    const { page } = await browser.open('/explore?view=logs&logs=x%20or%20y', {}, (page) =>
      page.route('**/api/crowsnest/v1/logs?*', (route) => route.fulfill(answer({ records: [record, { ...record, offset: 0, message: 'the line before' }], cursor: '1', more: false }))),
    );
    await page.getByText('refused code=503 route=/orders').click();
    await page.getByRole('button', { name: 'Lines around it' }).click();
    await page.locator('.log-context').getByText('the line before').waitFor();
    await page.getByRole('button', { name: 'Download' }).waitFor();
    await page.getByLabel('Only code 503').click();
    await page.waitForURL((url) => url.searchParams.get('logs') === '(x or y) and code: "503"');
  });

  test('the place has the focus on its heading and a name of its own', async () => {
    const { page } = await browser.open('/');
    await page.waitForFunction(() => document.title === '(1) Now · crowsnest');
    await page.getByRole('link', { name: 'Sources' }).click();
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await page.waitForFunction(() => document.title === 'Sources · crowsnest');
  });

  const PLACES = ['/', '/explore', '/explore?q=up', '/explore?q=up&show=table', '/explore?q=up&show=instant', '/explore?view=logs', '/alerts', '/alerts?show=rules', '/alerts?show=sent', '/alerts?show=history', '/alerts/a1b2c3d4e5f60718', '/sources', '/sources?show=logs', '/sources?show=store', '/playbooks/CheckoutLatencyBudgetBurn', '/nowhere/at/all'] as const;

  test.each(PLACES)('axe has nothing to say of %s', async (path) => {
    const { page } = await browser.open(path === '/nowhere/at/all' ? '/' : path);
    await page.locator('h1').first().waitFor({ state: 'attached' });
    await page.waitForLoadState('networkidle');
    expect(await axeFindings(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 780 });
    expect(await axeFindings(page)).toEqual([]);
  });
}); // prettier-ignore

interface Findings {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** Faults that axe-core sees in the page, of all its rules. A script tag would be refused by our own policy. */
async function axeFindings(page: Page): Promise<string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  // ARIA's combobox pattern on a text area, which HTML names no role for: a query has several lines.
  const rules = '{ rules: { "aria-allowed-role": { enabled: false } }, resultTypes: ["violations"] }';
  const { violations } = await page.evaluate<Findings>(`axe.run(document, ${rules})`);
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}
