import { describe, expect, test } from 'vitest';
import { shownIntegration } from '../../model/alert.ts';
import type { Alert, Notification } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';
import type { Query } from '../../model/query.ts';
import { BUILT_IN_TEMPLATES } from '../receivers/templates.ts';
import { START, sample } from '../testing.ts';
import { askBurns, burnWords } from './burn.ts';
import { renderHtml } from './html.ts';
import { type PageContext, buildPage } from './page.ts';
import { renderForTerminal, renderText } from './text.ts';

function alert(labels: Record<string, string>, more: Partial<Alert> = {}): Alert {
  return {
    labels: Labels.of({ alertname: 'Burn', ...labels }), annotations: { summary: 'checkout burns its budget' }, startsAt: START - 600_000,
    endsAt: START + 60_000, generatorURL: '', fingerprint: labels.f ?? 'f', value: 0.0630906, provenance: {},
    fields: { playbook: '', owner: 'maya', region: '', datacenter: '', affected: '' }, ...more,
  }; // prettier-ignore
}

function page(alerts: readonly Alert[], more: Partial<PageContext> = {}) {
  const resolved = alerts.every(({ endsAt }) => endsAt <= START);
  const notification: Notification = {
    id: 'n', receiver: 'team', groupKey: 'g', groupLabels: Labels.EMPTY, status: resolved ? 'resolved' : 'firing', reason: 'first notification',
    alerts, createdAt: START,
  }; // prettier-ignore
  return buildPage(notification, {
    externalUrl: 'http://nest', playbook: () => undefined, templates: BUILT_IN_TEMPLATES, now: START, ...more,
  }); // prettier-ignore
}

const OBJECTIVE = { sloth_id: 'shop-checkout', sloth_service: 'shop' };

describe('a page about an objective', () => {
  const query: Query = async (expr) => {
    expect(expr).toContain('sloth_id="shop-checkout"');
    const series = (name: string, value: number, cluster = 'eu') => sample({ __name__: name, ...OBJECTIVE, cluster }, value);
    return {
      samples: [
        series('slo:current_burn_rate:ratio', 99, 'us'), series('slo:current_burn_rate:ratio', 14.4), series('slo:time_period:days', 30),
        series('slo:period_error_budget_remaining:ratio', 0.6),
      ],
      warnings: [], infos: [],
    };
  }; // prettier-ignore

  test('says how fast its budget is spent, what is left and when it is gone', async () => {
    const firing = alert({ ...OBJECTIVE, cluster: 'eu' });
    const burns = await askBurns([firing], query, START);
    const words = 'Spends its error budget 14.4 times as fast as it may. 60 % of the budget of 30 days is left, gone in 1 d 6 h at this pace.';
    expect(renderText(page([firing], { burns }))).toMatch(new RegExp(`^checkout burns its budget\n${words}\nSince 2026`));
    expect(renderHtml(page([firing], { burns }))).toContain(words);
    const two = renderText(page([firing, alert({ f: 'g' })], { burns }));
    expect(two.split(words)).toHaveLength(3);
  }); // prettier-ignore

  test('goes out without its figures where they are not there, or not in time', async () => {
    const firing = alert(OBJECTIVE);
    expect(await askBurns([firing], () => Promise.reject(new Error('away')), START)).toEqual(new Map());
    expect(await askBurns([alert({})], () => Promise.reject(new Error('not asked')), START)).toEqual(new Map());
    expect(renderText(page([firing], { burns: new Map() }))).toMatch(/^checkout burns its budget\nSince 2026/);
  });

  test.each([
    [{ factor: 2, left: -0.1, days: 30 }, 'Spends its error budget 2 times as fast as it may. The budget of 30 days is used up.'],
    [{ factor: 0, left: 0.5, days: 7 }, 'Spends its error budget 0 times as fast as it may. 50 % of the budget of 7 days is left.'],
  ])('%j reads %s', (burn, words) => {
    expect(burnWords(burn)).toBe(words);
  }); // prettier-ignore
});

describe('a resolved page', () => {
  const resolved = alert({}, { endsAt: START - 1000 });

  test('says where nobody may have heard that it was firing', () => {
    const words = 'That it was firing may not have reached you: no delivery of it was confirmed.';
    expect(renderText(page([resolved], { heard: () => false }))).toContain(words);
    expect(renderHtml(page([resolved], { heard: () => false }))).toContain(words);
    expect(renderText(page([resolved], { heard: () => true }))).not.toContain('may not have reached you');
    expect(renderText(page([resolved]))).not.toContain('may not have reached you');
    const [several] = [page([resolved, alert({ f: 'g' })], { heard: () => false })];
    expect(renderText(several)).toContain('That Burn was firing may not have reached you');
  });

  test('of a firing alert says nothing of it', () => {
    expect(renderText(page([alert({})], { heard: () => false }))).not.toContain('may not have reached you');
  });
});

test('the terminal shows the title once', () => {
  const shown = renderForTerminal(page([alert({ severity: 'page' })]));
  expect(shown).toMatch(/^\[PAGE\] checkout burns its budget\nSince 2026/);
  expect(shown.split('checkout burns its budget')).toHaveLength(2);
  expect(shown).toContain('value 0.06309\n');
});

test.each([
  ['hook/webhook/0', 'hook (webhook)'],
  ['team/shop/email/1', 'team/shop (email 2)'],
  ['console', 'console'],
])('the integration %s is shown as %s', (name, shown) => {
  expect(shownIntegration(name)).toBe(shown);
});
