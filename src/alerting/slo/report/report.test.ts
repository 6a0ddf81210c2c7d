import { describe, expect, test } from 'vitest';
import { Labels } from '../../../model/labels.ts';
import type { Query } from '../../../model/query.ts';
import { asVectorAnswer, createEngine } from '../../../promql/index.ts';
import { SeriesStore } from '../../test-rules/series-store.ts';
import { reportCsv } from './csv.ts';
import { objectiveFigures } from './figures.ts';
import { reportMarkdown } from './markdown.ts';
import { monthBefore, monthNamed } from './period.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOVEMBER = monthNamed('2026-11')!;

/** One value each five minutes of the month, by what `value` says of the day; undefined writes nothing. */
function record(store: SeriesStore, series: Record<string, string>, value: (day: number) => number | undefined): void {
  const labels = Labels.of(series);
  for (let at = NOVEMBER.from + 5 * MINUTE; at <= NOVEMBER.to; at += 5 * MINUTE) {
    const given = value(Math.ceil((at - NOVEMBER.from) / DAY));
    if (given !== undefined) store.append(labels, at, given);
  }
}

function objective(store: SeriesStore, slo: string, goal: number, burn: (day: number) => number | undefined): void {
  const ids = { sloth_id: `shop-${slo}`, sloth_service: 'shop', sloth_slo: slo };
  record(store, { __name__: 'slo:objective:ratio', ...ids }, () => goal);
  record(store, { __name__: 'slo:current_burn_rate:ratio', owner: 'maya', ...ids }, burn);
}

function queryOf(store: SeriesStore): Query {
  const engine = createEngine({ select: store.select });
  return async (expr, at) => asVectorAnswer(await engine.instant(expr, at));
}

describe('a report on objectives', () => {
  test('says what was reached, spent and left, by the days', async () => {
    const store = new SeriesStore();
    // Half of the budget of a day on each but the tenth, which spends nine days' worth.
    objective(store, 'availability', 0.99, (day) => (day === 10 ? 9 : 0.5));
    const [one] = await objectiveFigures(queryOf(store), NOVEMBER, NOVEMBER.to);
    expect(one).toMatchObject({ service: 'shop', slo: 'availability', cluster: '', goal: 0.99 });
    expect(one.spent).toBeCloseTo((29 * 0.5 + 9) / 30, 10);
    expect(one.reached).toBeCloseTo(1 - 0.01 * one.spent, 10);
    expect(one.covered).toBe(1);
    expect(one.days).toHaveLength(30);
    expect(one.days[9].day).toBe('2026-11-10');
    expect(one.days[9].spent).toBeCloseTo(9 / 30, 10);
    expect(one.days[29].left).toBeCloseTo(1 - one.spent, 10);
  });

  test('counts times without events as spending nothing, and times without data as not covered', async () => {
    const store = new SeriesStore();
    objective(store, 'latency', 0.9, (day) => (day <= 10 ? 1 : day <= 20 ? NaN : undefined));
    const [one] = await objectiveFigures(queryOf(store), NOVEMBER, NOVEMBER.to);
    expect(one.covered).toBeCloseTo(1 / 3, 2);
    expect(one.reached).toBeCloseTo(0.9, 3);
    expect(one.days[14].spent).toBe(0);
    expect(reportMarkdown([one], NOVEMBER)).not.toContain('NaN');
  });

  test('counts the minutes of its pages and tickets', async () => {
    const store = new SeriesStore();
    objective(store, 'availability', 0.99, () => 0.1);
    const ids = { sloth_id: 'shop-availability', sloth_service: 'shop', sloth_slo: 'availability' };
    const page = Labels.of({ __name__: 'ALERTS', alertstate: 'firing', sloth_severity: 'page', ...ids });
    for (let minute = 1; minute <= 30; minute++) store.append(page, NOVEMBER.from + minute * MINUTE, 1);
    store.append(page, NOVEMBER.from + 31 * MINUTE, 'stale');
    const [one] = await objectiveFigures(queryOf(store), NOVEMBER, NOVEMBER.to);
    expect(one).toMatchObject({ paged: 30, ticketed: 0 });
  });

  test('of a month that is not over ends now', async () => {
    const store = new SeriesStore();
    objective(store, 'availability', 0.99, (day) => (day <= 15 ? 1 : undefined));
    const [one] = await objectiveFigures(queryOf(store), NOVEMBER, NOVEMBER.from + 15 * DAY);
    expect(one.spent).toBeCloseTo(0.5, 10);
    expect(one.reached).toBeCloseTo(0.99, 10);
    expect(one.days).toHaveLength(15);
    expect(await objectiveFigures(queryOf(store), NOVEMBER, NOVEMBER.from)).toEqual([]);
  });

  test('keeps an objective of two clusters apart', async () => {
    const store = new SeriesStore();
    for (const [cluster, burn] of [['a', 0.5], ['b', 2]] as const) {
      const ids = { sloth_id: 'shop-x', sloth_service: 'shop', sloth_slo: 'x', cluster };
      record(store, { __name__: 'slo:objective:ratio', ...ids }, () => 0.99);
      record(store, { __name__: 'slo:current_burn_rate:ratio', ...ids }, () => burn);
    } // prettier-ignore
    const figures = await objectiveFigures(queryOf(store), NOVEMBER, NOVEMBER.to);
    expect(figures.map(({ cluster, spent }) => [cluster, Number(spent.toFixed(6))])).toEqual([['a', 0.5], ['b', 2]]); // prettier-ignore
    expect(reportMarkdown(figures, NOVEMBER)).toContain(
      '1 of 2 objectives were met. Missed:\n\n- **shop x \\(b\\)**: 200 % of its budget was spent',
    );
  });

  test('lets no name begin a cell, a link or a formula', async () => {
    const store = new SeriesStore();
    objective(store, '=SUM(a|b)\n# <img src=x> [x](javascript:1), "y"', 0.99, () => 0.1);
    const figures = await objectiveFigures(queryOf(store), NOVEMBER, NOVEMBER.to);
    const row = reportMarkdown(figures, NOVEMBER)
      .split('\n')
      .find((line) => line.includes('SUM'))!;
    expect(row.match(/(?<!\\)\|/g)).toHaveLength(9);
    expect(row).toContain(String.raw`\<img src=x\> \[x\]\(javascript:1\)`);
    expect(reportCsv(figures, NOVEMBER)).toContain(`"'=SUM(a|b)\n# <img src=x> [x](javascript:1), ""y"""`);
  });
});

test('a month is told by its name, or is the one before', () => {
  expect(NOVEMBER).toEqual({
    name: '2026-11',
    title: 'November 2026',
    from: Date.UTC(2026, 10, 1),
    to: Date.UTC(2026, 11, 1),
  });
  expect(monthBefore(Date.UTC(2027, 0, 1)).name).toBe('2026-12');
  expect(['2026-13', '2026-1', 'May'].map(monthNamed)).toEqual([undefined, undefined, undefined]);
});
