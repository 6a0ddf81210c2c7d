import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { BROWSER, ConsoleBrowser, answer, manyRules, refusal } from './browser.ts';

const WHY = BROWSER === undefined ? ' (skipped: no Chromium on this machine)' : '';

describe.skipIf(BROWSER === undefined && process.env.CI !== 'true')(`the console, given what hurts${WHY}`, () => {
  let browser: ConsoleBrowser;
  beforeAll(async () => {
    browser = await ConsoleBrowser.start();
  });
  afterEach(() => browser.closePages());
  afterAll(() => browser?.stop());

  const withRules = (rules: unknown) => (page: Page) => page.route('**/api/v1/rules*', (route) => route.fulfill(answer(rules)));
  const noPages = (page: Page) => page.route('**/api/crowsnest/v1/alerts', (route) => route.fulfill(answer([])));

  test.each(['/', '/alerts', '/alerts?show=rules'])('%s shows an alert whose playbook link has a lone %%', async (path) => {
    const annotations = { summary: 'CPU over 90%', runbook_url: 'https://wiki.example/cpu-over-90%' };
    const { page, trouble } = await browser.open(path, {}, withRules(manyRules({ count: 5, alert: () => ({ annotations }) })));
    await page.getByText(path === '/' ? '5 pages firing' : path === '/alerts' ? 'CPU over 90%' : 'Rule0').first().waitFor();
    if (path === '/') expect(await page.getByRole('link', { name: 'playbook' }).first().getAttribute('href')).toBe(annotations.runbook_url);
    expect(trouble).toEqual([]);
  });

  test('an alert that is silenced is told apart, and no page is counted for it', async () => {
    const { page, trouble } = await browser.open('/', {}, async (page) => {
      await page.route('**/api/crowsnest/v1/alerts', async (route) => {
        const { data } = (await (await route.fetch()).json()) as { data: object[] };
        await route.fulfill(answer(data.map((alert) => ({ ...alert, muted: 'silenced' }))));
      });
    });
    await page.getByRole('heading', { name: /^Nothing firing that notifies, 1 silenced or inhibited/ }).waitFor();
    await page.getByRole('heading', { name: 'Firing, and notifying no one' }).waitFor();
    await page.locator('.incident.off .state', { hasText: 'silenced' }).waitFor();
    expect(trouble).toEqual([]);
  });

  test('an alert without a playbook has no link to one', async () => {
    const { page } = await browser.open('/', {}, async (page) => {
      await page.route('**/api/v1/rules*', (route) => route.fulfill(answer(manyRules({ count: 1, alert: () => ({ annotations: { summary: 'All is slow' } }) }))));
      await page.route('**/api/crowsnest/v1/alerts', async (route) => {
        const labels = { alertname: 'Rule0', severity: 'page', pod: 'pod-0' };
        const fields = { playbook: '', owner: 'maya', region: '', datacenter: '', affected: '' };
        await route.fulfill(answer([{ labels, annotations: {}, startsAt: 1, endsAt: 0, fingerprint: 'f', value: 1, fields, provenance: {} }]));
      });
    });
    await page.getByText('maya').waitFor();
    expect(await page.getByRole('link', { name: 'playbook' }).count()).toBe(0);
  });

  test('addresses with escapes that are none open their pages', async () => {
    for (const path of ['/playbooks/cpu-over-90%25', '/alerts/90%25', '/explore?q=90%']) {
      const { page, trouble } = await browser.open(path);
      await page.locator('h1').first().waitFor({ state: 'attached' });
      expect(trouble).toEqual([]);
    }
  });

  test('an answer that has another shape costs the part that shows it, not the page', async () => {
    const { page } = await browser.open('/', {}, async (page) => {
      await page.route('**/api/crowsnest/v1/status', (route) => route.fulfill(answer({ version: '1', identity: {}, pipelines: [{ name: 'x', state: 'ok', lost: null }] })));
    });
    await page.getByText('The list of pipelines cannot be shown').waitFor();
    await page.getByText('1 page firing').waitFor();
  });

  test('text of others is shown as what it is: no markup, no colours, no turned letters', async () => {
    const summary = '<img src=x onerror=alert(1)> \u202egnp.exe \u001b[31mred\u200b';
    const { page, trouble } = await browser.open('/', {}, withRules(manyRules({ count: 1, alert: () => ({ annotations: { summary } }) })));
    await page.getByText('<img src=x onerror=alert(1)> \\u202egnp.exe \\x1b[31mred\\u200b').first().waitFor();
    expect(trouble).toEqual([]);
  });

  test('a summary of one word of a megabyte is cut, and shown whole where somebody asks', async () => {
    const summary = 'x'.repeat(1_000_000);
    const { page, trouble } = await browser.open('/', {}, withRules(manyRules({ count: 20, alert: () => ({ annotations: { summary } }) })));
    await page.locator('.incident').first().waitFor();
    expect((await page.locator('main').textContent())?.length).toBeLessThan(20_000);
    await page.locator('a.sentence').first().click();
    await page.getByText('show all 1,000,000 characters').click();
    await page.locator('.whole').waitFor();
    expect((await page.locator('.whole').textContent())?.length).toBe(1_000_000);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(trouble).toEqual([]);
  });

  test('a hundred thousand characters pasted into the box leave it usable', async () => {
    const { page, trouble } = await browser.open('/explore');
    const box = page.getByLabel('PromQL expression');
    await box.focus();
    await page.evaluate(() => document.execCommand('insertText', false, 'metric_name_that_is_long + '.repeat(3700)));
    await page.keyboard.type('up');
    expect((await box.inputValue()).endsWith('+ up')).toBe(true);
    await box.fill('up');
    await page.keyboard.press('Enter');
    await page.locator('.chart canvas').waitFor();
    expect(trouble).toEqual([]);
  });

  test('500 firing alerts are a page of few elements, and no playbook is asked for before it is opened', async () => {
    const rules = manyRules({ count: 500, alert: (i) => ({ annotations: { summary: `Sentence ${i}`, runbook_url: `https://x.example/playbooks/Rule${i}` } }) });
    const { page, asked, trouble } = await browser.open('/alerts', {}, withRules(rules));
    await page.getByText('Sentence 0').waitFor();
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(4000);
    // The first that fires stands open.
    expect(new Set(asked.filter((path) => path.includes('/playbooks/'))).size).toBeLessThanOrEqual(2);
    await page.getByLabel('Filter alerts').fill('pod-487');
    await page.getByText('Sentence 487').waitFor();
    await page.getByLabel('Filter alerts').fill('');
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.getByText('Sentence 499').waitFor();
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(6000);
    expect(trouble).toEqual([]);
  });

  test('2000 rules are filtered while one types', async () => {
    const { page } = await browser.open('/alerts?show=rules', {}, withRules(manyRules({ count: 2000 })));
    await page.getByText('2 000 rules in 100 groups').or(page.getByText('2\u202f000 rules in 100 groups')).waitFor();
    await page.getByLabel('Filter rules').pressSequentially('rule1999');
    await page.getByText('1 of 2').waitFor();
    expect(await page.locator('.rules summary').count()).toBe(1);
  });

  test('an infinite value is shown as such', async () => {
    const rules = manyRules({ count: 1, alert: () => ({ annotations: { summary: 'Endless' }, value: '+Inf' }) });
    const { page } = await browser.open('/', {}, async (page) => {
      await withRules(rules)(page);
      await noPages(page);
      await page.route('**/api/crowsnest/v1/alerts/events*', (route) => route.fulfill(answer([
        { at: Date.now() - 1000, fingerprint: 'f', alertname: 'Rule0', labels: {}, kind: 'firing', value: '+Inf', detail: 'held' },
      ]))); // prettier-ignore
    });
    await page.getByText('Endless').click();
    await page.getByText('value +Inf').waitFor();
    await page.locator('td', { hasText: /^\+Inf$/ }).waitFor();
  });

  test('a time that is none is said, and the page is there', async () => {
    const { page, trouble } = await browser.open('/explore?q=up&end=99999999999999999');
    await page.getByText('is no time in milliseconds').waitFor();
    await page.locator('.chart canvas').waitFor();
    expect(trouble).toEqual([]);
  });

  test('a caller with few rights is told once what is closed, and nothing closed is asked twice', async () => {
    const { page, asked } = await browser.open('/', {}, async (page) => {
      await page.clock.install();
      for (const path of ['crowsnest/v1/status', 'crowsnest/v1/alerts', 'v1/targets'])
        await page.route(`**/api/${path}*`, (route) => route.fulfill(refusal(403, 'tenant shop may not use this')));
    });
    await page.getByText('Not open to you here: status, alerts with their owners, targets.').waitFor();
    await page.getByText('1 page firing').waitFor();
    await page.clock.runFor(30_000);
    await expect.poll(() => asked.filter((path) => path.startsWith('/api/v1/rules')).length).toBeGreaterThan(3);
    expect(asked.filter((path) => path.startsWith('/api/v1/targets')).length).toBe(1);
    expect(asked.filter((path) => path.startsWith('/api/crowsnest/v1/alerts')).length).toBe(1);
  });

  test('a live tail that is refused says so; one that finds the server busy is tried again', async () => {
    let tries = 0;
    const { page } = await browser.open('/explore?view=logs&live=1', {}, async (page) => {
      await page.clock.install();
      await page.route('**/logs/tail*', (route) => (++tries === 1 ? route.fulfill(refusal(429, '64 live tails are open')) : route.continue()));
    });
    await page.getByText('64 live tails are open. Next try in 10 s.').waitFor();
    await page.clock.runFor(11_000);
    await page.getByText('live', { exact: true }).waitFor();
    const { page: other } = await browser.open('/explore?view=logs&live=1', {}, (page) =>
      page.route('**/logs/tail*', (route) => route.fulfill(refusal(403, 'tenant shop may not use logs'))),
    );
    await other.getByText('tenant shop may not use logs').waitFor();
    await other.getByText('ended').waitFor();
  });

  test('an answer of 401 leads to one page that signs in, and back to where one was', async () => {
    let signedIn = false;
    const { page, trouble } = await browser.open('/sources', {}, async (page) => {
      await page.route('**/api/**', (route) => (signedIn ? route.fallback() : route.fulfill(refusal(401, 'this server asks for a token'))));
      await page.route('**/-/session', (route) => {
        if (signedIn) return route.fulfill(answer({ name: 'maya', via: 'session' }));
        const body = route.request().postDataJSON() as { password?: string } | null;
        if (body?.password !== 'right') return route.fulfill(refusal(401, 'wrong user or password'));
        signedIn = true;
        return route.fulfill(answer({ name: 'maya', via: 'session' }));
      });
    });
    await page.getByRole('heading', { name: 'Sign in to crowsnest' }).waitFor();
    await page.getByLabel('User').fill('maya');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('wrong user or password').waitFor();
    await page.getByLabel('Password').fill('right');
    await page.keyboard.press('Enter');
    await page.getByText('1 target down').waitFor();
    await page.getByText(/Sign out/).waitFor({ state: 'attached' });
    expect(trouble).toEqual([]);
  });

  test('quick changes of the tab leave one poll', async () => {
    const { page, asked } = await browser.open('/sources', {}, (page) => page.clock.install().then(() => undefined));
    await page.getByText('1 target down').waitFor();
    await page.evaluate(() => {
      for (let i = 0; i < 20; i++) document.dispatchEvent(new Event('visibilitychange'));
    });
    const count = () => asked.filter((path) => path.startsWith('/api/v1/targets')).length;
    await page.waitForLoadState('networkidle');
    const before = count();
    expect(before).toBeLessThanOrEqual(3);
    for (let i = 0; i < 3; i++) {
      await page.clock.runFor(10_000);
      await expect.poll(count, { timeout: 10_000 }).toBeGreaterThan(before + i);
    }
    expect(count()).toBeLessThanOrEqual(before + 4);
  });

  test('links within a playbook lead to headings and to other playbooks', async () => {
    const html = '<h1>One</h1><p><a href="Other.md">other</a> <a href="#what-now">down</a></p><h2>What now?</h2>';
    const { page } = await browser.open('/playbooks/One', { playbook: async (name) => ({ name, html: name === 'One' ? html : '<p>the other</p>' }) });
    await page.getByRole('link', { name: 'down' }).click();
    await page.waitForURL('**/playbooks/One#h-what-now');
    await page.getByRole('link', { name: 'other' }).click();
    await page.getByText('the other', { exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/playbooks/Other');
  });
}); // prettier-ignore
