import { describe, expect, test } from 'vitest';
import { Labels } from '../model/labels.ts';
import { relabelSchema, Relabeler, type RelabelConfig } from '../relabel/relabel.ts';
import { ScrapeCache, type CacheOptions } from './scrape-cache.ts';
import { ScrapeError } from './scrape-error.ts';
import type { SeriesRules } from './series-builder.ts';
import { NO_LIMITS } from './testing.ts';

const REPORT = [{ labels: Labels.of({ __name__: 'up', job: 'j' }) }];

function createCache(rules: Partial<SeriesRules> = {}, options: Partial<CacheOptions> = {}): ScrapeCache {
  return new ScrapeCache({
    rules: {
      targetLabels: Labels.of({ job: 'j' }),
      honorLabels: false,
      metricRelabel: new Relabeler([]),
      identity: Labels.EMPTY,
      ...NO_LIMITS,
      ...rules,
    },
    honorTimestamps: true,
    trackTimestampsStaleness: false,
    sampleLimit: 0,
    report: REPORT,
    ...options,
  });
}

function relabeler(...steps: Partial<RelabelConfig>[]): Relabeler {
  return new Relabeler(steps.map((step) => relabelSchema.parse(step)));
}

/** Reads a page and gives its samples as text, those about the scrape left out. */
async function read(cache: ScrapeCache, page: string, time = 1000) {
  const summary = await cache.read(Buffer.from(page), 'text', time);
  const batch = cache.batch(time, [1], summary.exemplars);
  const samples = batch.layout.series
    .slice(0, -1)
    .map((series, i) => `${series.labels.toString()} ${batch.values[i]} @${batch.timestamps[i]}`);
  return { ...summary, samples, layout: batch.layout, batch };
}

const names = (series: readonly { labels: Labels }[]) => series.map(({ labels }) => labels.toString());

describe('a page', () => {
  test('gives each series with the labels of the target', async () => {
    const { samples, scraped, kept, added, batch } = await read(createCache(), 'a{x="1"} 2\n# TYPE b gauge\nb 3 500\n');
    expect(samples).toEqual(['a{job="j", x="1"} 2 @1000', 'b{job="j"} 3 @500']);
    expect({ scraped, kept, added }).toEqual({ scraped: 2, kept: 2, added: 2 });
    expect(batch.layout.series.at(-1)).toBe(REPORT[0]);
    expect(batch.values.at(-1)).toBe(1);
    expect(batch.timestamps.at(-1)).toBe(1000);
  });

  test('of the same shape has the same layout object, with new values', async () => {
    const cache = createCache();
    const first = await read(cache, 'a 1\n# HELP b\nb{x="1"} 2\n');
    const second = await read(cache, 'a 10\n# HELP b\nb{x="1"} NaN\n', 2000);
    expect(second.layout).toBe(first.layout);
    expect(second.samples).toEqual(['a{job="j"} 10 @2000', 'b{job="j", x="1"} NaN @2000']);
    expect(second.added).toBe(0);
    expect(second.vanished).toEqual([]);
  });

  test('may have its lines in any order and any spacing, and still the same layout', async () => {
    const cache = createCache();
    const lines = Array.from({ length: 50 }, (_, i) => `m{i="${i}"} ${i}`);
    const first = await read(cache, `${lines.join('\n')}\n`);
    for (let round = 1; round < 5; round++) {
      const turned = [...lines.slice(round * 7), ...lines.slice(0, round * 7)].reverse();
      const again = await read(cache, `${turned.join('\n\n').replaceAll('} ', ' } \t')}\n`);
      expect(again.layout).toBe(first.layout);
      expect(again.samples).toEqual(first.samples);
    }
  });

  test('with a series more or less has a new layout in which the others are the same objects', async () => {
    const cache = createCache();
    const first = await read(cache, 'a 1\nb 2\nc 3\n');
    const second = await read(cache, 'a 4\nnew 5\nc 6\n');
    expect(second.layout).not.toBe(first.layout);
    expect(second.samples).toEqual(['a{job="j"} 4 @1000', 'c{job="j"} 6 @1000', 'new{job="j"} 5 @1000']);
    expect(second.layout.series[1]).toBe(first.layout.series[2]);
    expect(names(second.vanished)).toEqual(['b{job="j"}']);
    expect(second.added).toBe(1);
    const third = await read(cache, 'a 7\nb 8\nc 9\n');
    expect(third.samples).toEqual(['a{job="j"} 7 @1000', 'c{job="j"} 9 @1000', 'b{job="j"} 8 @1000']);
    expect(names(third.vanished)).toEqual(['new{job="j"}']);
  });

  test('a name that begins another is not taken for it', async () => {
    const cache = createCache();
    await read(cache, 'up 1\n');
    expect((await read(cache, 'up2 5\n')).samples).toEqual(['up2{job="j"} 5 @1000']);
    expect((await read(cache, 'up{a="b"} 6\n')).samples).toEqual(['up{a="b", job="j"} 6 @1000']);
    expect((await read(cache, 'up{a="b"}7\n')).samples).toEqual(['up{a="b", job="j"} 7 @1000']);
  });

  test('a thousand pages of ever new series keep only what the last one has', async () => {
    const cache = createCache();
    for (let round = 0; round < 1000; round++) {
      const page = Array.from({ length: 20 }, (_, i) => `m{round="${round}",i="${i}"} 1\n`).join('');
      // The series that stay come in the other order each time.
      const stay = round % 2 === 0 ? ['# TYPE x gauge', 'x 1', 'y 2'] : ['y 2', 'x 1', '# TYPE x gauge'];
      const { samples, vanished } = await read(cache, `${page}${stay.join('\n')}\n# comment ${round}\n`);
      expect(samples.length).toBe(22);
      expect(samples).toContain('x{job="j"} 1 @1000');
      expect(samples).toContain('y{job="j"} 2 @1000');
      expect(vanished.length).toBe(round === 0 ? 0 : 20);
    }
  });

  test('of fifty thousand new series leaves the loop to others meanwhile', async () => {
    const page = Buffer.from(Array.from({ length: 50_000 }, (_, i) => `m{i="${i}"} ${i}\n`).join(''));
    let turns = 0;
    let done = false;
    const count = () => {
      turns++;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const summary = await createCache().read(page, 'text', 0);
    done = true;
    expect(summary.kept).toBe(50_000);
    expect(turns).toBeGreaterThan(20);
  });
});

describe('a page without a newline at its end', () => {
  const full = '# TYPE a gauge\na{x="1"} 2 500\n\n# HELP b of b\nb 3\n';

  test.each(Array.from({ length: full.length }, (_, end) => end))(
    'has an end when it is cut at byte %i',
    async (end) => {
      const cache = createCache();
      const whole = createCache();
      const page = full.slice(0, end);
      const outcomes = await Promise.all(
        [read(cache, page), read(whole, `${page}\n`)].map((one) =>
          one.then(
            ({ samples, faults }) => ({ samples, faults }),
            (error: unknown) => (error as Error).message,
          ),
        ),
      );
      expect(outcomes[0]).toEqual(outcomes[1]);
    },
  );

  test('counts its last line also where the page before had the same lines', async () => {
    const cache = createCache();
    await read(cache, 'a 1\nb 2\n');
    const { samples } = await read(cache, 'a 3\nb 4');
    expect(samples).toEqual(['a{job="j"} 3 @1000', 'b{job="j"} 4 @1000']);
  });
});

describe('le and quantile', () => {
  test('stand as Prometheus 3 writes them, where the TYPE says what they are', async () => {
    const cache = createCache();
    await read(cache, '# TYPE h histogram\n# TYPE s summary\n# TYPE g gauge\n');
    const page =
      '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="2500000"} 2\nh_bucket{le="+Inf"} 3\n' +
      '# TYPE s summary\ns{quantile="0"} 1\ns{quantile="0.99"} 2\n# TYPE g gauge\ng{le="1",quantile="1"} 1\n';
    const { layout } = await read(cache, page);
    expect(layout.series.map(({ labels }) => labels.without('job').toString())).toEqual([
      'h_bucket{le="1.0"}',
      'h_bucket{le="2.5e+06"}',
      'h_bucket{le="+Inf"}',
      's{quantile="0.0"}',
      's{quantile="0.99"}',
      'g{le="1", quantile="1"}',
      'up',
    ]);
    expect((await read(cache, page)).layout).toBe(layout);
  });
});

describe('a broken line', () => {
  test('is left out and counted by reason, and the rest of the page holds', async () => {
    const cache = createCache();
    const page = 'a 1\nb{ 2\nc x\nd{e="f"} 1 zz\n{g="h"} 1\ni{j="1",j="2"} 1\na 5\nz 9\n';
    for (let round = 0; round < 2; round++) {
      const { samples, faults, firstFault } = await read(cache, page);
      expect(samples).toEqual(['a{job="j"} 1 @1000', 'z{job="j"} 9 @1000']);
      expect(Object.fromEntries(faults)).toEqual({
        syntax: 1,
        value: 1,
        timestamp: 1,
        no_name: 1,
        duplicate_label: 1,
        duplicate: 1,
      });
      expect(firstFault).toBe('line 2: syntax: "b{ 2"');
    }
  });

  test.each([
    ['<html><body>Not found</body></html>\n', 'garbage'],
    [`${'\u0000\u0001\u0002'.repeat(1000)}\n`, 'garbage'],
    ['no line is good\nneither is this\n', 'garbage'],
  ])('alone on a page fails the scrape: %j', async (page, reason) => {
    await expect(read(createCache(), page)).rejects.toMatchObject({ reason });
  });

  test.each([
    ['an escaped value of 24 MB', `a{b="${'\\"'.repeat(12_000_000)}"} 1`, 'too_long'],
    ['a name of 20 MB', `${'a'.repeat(20_000_000)} 1`, 'too_long'],
    ['a million labels', `a{${Array.from({ length: 1_000_000 }, (_, i) => `l${i}="1"`).join(',')}} 1`, 'too_long'],
    [
      'ten thousand labels',
      `a{${Array.from({ length: 10_000 }, (_, i) => `l${i}="1"`).join(',')}} 1`,
      'too_many_labels',
    ],
    ['a value of 20 million digits', `a ${'1'.repeat(20_000_000)}`, 'value'],
    ['a help text of 20 MB', `# HELP a ${'x'.repeat(20_000_000)}`, 'too_long'],
  ])('%s is left out and costs little', async (_, line, fault) => {
    const { samples, faults, firstFault, metadata } = await read(createCache(), `good 1\n${line}\nbetter 2\n`);
    expect(samples).toEqual(['good{job="j"} 1 @1000', 'better{job="j"} 2 @1000']);
    expect(Object.fromEntries(faults)).toEqual({ [fault]: 1 });
    expect(firstFault.length).toBeLessThan(300);
    expect(metadata).toEqual([]);
  });

  test('a help text that is not UTF-8 is left out; any other comment may hold anything', async () => {
    const cache = createCache();
    const page = Buffer.from('# HELP a \xe9\n# \xe9\na 1\n', 'latin1');
    const { faults, metadata, kept } = await cache.read(page, 'text', 1000);
    expect(Object.fromEntries(faults)).toEqual({ not_utf8: 1 });
    expect({ metadata, kept }).toEqual({ metadata: [], kept: 1 });
  });

  test('an exemplar in a text format is left out and counted, its sample is kept', async () => {
    const cache = createCache();
    const page =
      '# TYPE h histogram\nh_bucket{le="1"} 2 # {id="x"} 0.5 1520879607\nh_bucket{le="+Inf"} 3 # {id="y"} 7\n';
    for (let round = 0; round < 2; round++) {
      const { samples, faults, exemplars } = await read(cache, page);
      expect(samples).toEqual(['h_bucket{job="j", le="1.0"} 2 @1000', 'h_bucket{job="j", le="+Inf"} 3 @1000']);
      expect(Object.fromEntries(faults)).toEqual({ exemplar: 2 });
      expect(exemplars).toEqual([]);
    }
  });

  test('an empty page is a good one', async () => {
    expect((await read(createCache(), '\n')).samples).toEqual([]);
  });
});

describe('a failed scrape', () => {
  test('makes every series stale once; when the target is back its layout is the old one', async () => {
    const cache = createCache();
    const first = await read(cache, 'a 1\nb 2\n');
    expect(names(cache.abandon())).toEqual(['a{job="j"}', 'b{job="j"}']);
    expect(cache.abandon()).toEqual([]);
    expect(cache.seriesCount).toBe(0);
    const back = await read(cache, 'a 3\nb 4\n');
    expect(back.layout).toBe(first.layout);
    expect(back.samples).toEqual(['a{job="j"} 3 @1000', 'b{job="j"} 4 @1000']);
    expect(cache.seriesCount).toBe(2);
  });

  test('in the middle of a page forgets what was new on it', async () => {
    const cache = createCache({}, { sampleLimit: 3 });
    const first = await read(cache, 'a 1\nb 2\n');
    await expect(read(cache, 'a 1\nx 2\ny 3\nb 4\n')).rejects.toMatchObject({ reason: 'sample_limit' });
    expect(names(cache.abandon())).toEqual(['a{job="j"}', 'b{job="j"}']);
    const back = await read(cache, 'a 5\nb 6\n');
    expect(back.layout).toBe(first.layout);
    expect(back.samples).toEqual(['a{job="j"} 5 @1000', 'b{job="j"} 6 @1000']);
    const more = await read(cache, 'a 7\nb 8\nx 9\n');
    expect(more.samples.at(-1)).toBe('x{job="j"} 9 @1000');
  });

  test('with more samples than allowed says how many there were, and which are left after relabeling', async () => {
    const metricRelabel = relabeler({ source_labels: ['__name__'], regex: 'drop.*', action: 'drop' });
    const cache = createCache({ metricRelabel }, { sampleLimit: 5 });
    const page = (count: number) => Array.from({ length: count }, (_, i) => `m${i} 1\ndrop${i} 1\n`).join('');
    const failed = await cache.read(Buffer.from(page(50_000)), 'text', 1000).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      reason: 'sample_limit',
      read: { scraped: 100_000, kept: 50_000, added: 5 },
    });
    cache.abandon();
    expect((await read(cache, page(2))).samples).toHaveLength(2);
  });

  test('a series gone while the target was down is not marked a second time', async () => {
    const cache = createCache();
    await read(cache, 'a 1\nb 2\n');
    cache.abandon();
    expect((await read(cache, 'a 1\n')).vanished).toEqual([]);
  });
});

describe('timestamps of the page', () => {
  test('keep a series from going stale', async () => {
    const cache = createCache();
    await read(cache, 'a 1 500\nb 2\n');
    expect(names((await read(cache, '\n')).vanished)).toEqual(['b{job="j"}']);
  });

  test('unless track_timestamps_staleness is set', async () => {
    const cache = createCache({}, { trackTimestampsStaleness: true });
    await read(cache, 'a 1 500\n');
    expect(names(cache.abandon())).toEqual(['a{job="j"}']);
  });

  test('do not count without honor_timestamps', async () => {
    const cache = createCache({}, { honorTimestamps: false });
    for (let round = 0; round < 2; round++)
      expect((await read(cache, 'a 1 500\n')).samples).toEqual(['a{job="j"} 1 @1000']);
    expect(names((await read(cache, '\n')).vanished)).toEqual(['a{job="j"}']);
  });
});

describe('labels', () => {
  test('of the target win, those of the page are kept as exported_', async () => {
    const { samples } = await read(createCache(), 'a{job="x"} 1\na{job="y",exported_job="z"} 1\n');
    expect(samples).toEqual([
      'a{exported_job="x", job="j"} 1 @1000',
      'a{exported_exported_job="y", exported_job="z", job="j"} 1 @1000',
    ]);
  });

  test('of the page win with honor_labels', async () => {
    const { samples } = await read(createCache({ honorLabels: true }), 'a{job="x"} 1\na{job=""} 2\n');
    expect(samples).toEqual(['a{job="x"} 1 @1000', 'a 2 @1000']);
  });

  test.each([
    [
      'a label of the target is taken away by an empty one of the page',
      true,
      'a{namespace="",pod="x"} 1',
      'a{job="j", pod="x"}',
    ],
    [
      'without honor_labels the target wins over an empty one',
      false,
      'a{namespace="",pod="x"} 1',
      'a{job="j", namespace="n", pod="x"}',
    ],
    ['Pushgateway: a group without instance', true, 'a{instance="",job="batch"} 1', 'a{job="batch", namespace="n"}'],
    ['an empty label the target does not have is none', true, 'a{x=""} 1', 'a{job="j", namespace="n"}'],
  ])('%s', async (_, honorLabels, line, series) => {
    const targetLabels = Labels.of({ job: 'j', namespace: 'n' });
    const { samples } = await read(createCache({ honorLabels, targetLabels }), `${line}\n`);
    expect(samples).toEqual([`${series} 1 @1000`]);
  });

  test('of a hundred names in any order come out sorted', async () => {
    const pairs = Array.from({ length: 100 }, (_, i) => `l${i}="${i}"`).reverse();
    const { batch } = await read(createCache(), `a{${pairs.join(',')}} 1\n`);
    const [{ labels }] = batch.layout.series;
    expect(labels.equals(Labels.of([...labels.entries()].reverse()))).toBe(true);
    expect(labels.size).toBe(102);
  });

  test('of the installation are added where there are none', async () => {
    const identity = Labels.of({ cluster: 'c', region: 'r' });
    const { samples } = await read(createCache({ identity }), 'a{region="own"} 1\n');
    expect(samples).toEqual(['a{cluster="c", job="j", region="own"} 1 @1000']);
  });

  test('after relabeling decide: dropped series are read past, equal ones are duplicates', async () => {
    const metricRelabel = relabeler(
      { source_labels: ['__name__'], regex: 'go_.*', action: 'drop' },
      { regex: 'pod', action: 'labeldrop' },
    );
    const cache = createCache({ metricRelabel });
    for (let round = 0; round < 2; round++) {
      const { samples, scraped, kept, faults } = await read(cache, 'go_x 1\na{pod="1"} 2\na{pod="2"} 3\ngo_y 4\n');
      expect(samples).toEqual(['a{job="j"} 2 @1000']);
      expect({ scraped, kept }).toEqual({ scraped: 4, kept: 1 });
      expect(Object.fromEntries(faults)).toEqual({ duplicate: 1 });
    }
  });

  test('a series that relabeling leaves without a name is left out', async () => {
    const metricRelabel = relabeler({
      source_labels: ['__name__'],
      regex: 'a',
      target_label: '__name__',
      replacement: '',
    });
    const { samples, faults } = await read(createCache({ metricRelabel }), 'a 1\nb 2\n');
    expect(samples).toEqual(['b{job="j"} 2 @1000']);
    expect(Object.fromEntries(faults)).toEqual({ no_name: 1 });
  });

  test('a page that has a series of the scrape itself loses that line only', async () => {
    const cache = createCache();
    for (let round = 0; round < 2; round++) {
      const { samples, faults } = await read(cache, 'up 0\nup{instance="other"} 1\na 1\n');
      expect(samples).toEqual(['up{instance="other", job="j"} 1 @1000', 'a{job="j"} 1 @1000']);
      expect(Object.fromEntries(faults)).toEqual({ duplicate: 1 });
    }
  });

  test.each([
    [{ labelLimit: 2 }, 'a{b="1"} 1\n'],
    [{ labelNameLengthLimit: 8 }, 'a{long_name="1"} 1\n'],
    [{ labelValueLengthLimit: 3 }, 'a{b="1234"} 1\n'],
    [{ labelNameLengthLimit: 8 }, `a{${'n'.repeat(9000)}="1"} 1\n`],
    [{ labelLimit: 2 }, `a{b="${'v'.repeat(9000)}"} 1\n`],
  ])('beyond the limit %j fail the scrape', async (rules, page) => {
    const failed = await read(createCache(rules), page).catch((error: unknown) => error as ScrapeError);
    expect(failed).toMatchObject({ reason: 'label_limit' });
    expect((failed as ScrapeError).message.length).toBeLessThan(300);
  });
});

describe('OpenMetrics', () => {
  const readOpen = (cache: ScrapeCache, page: string) => cache.read(Buffer.from(page), 'openmetrics', 1000);

  test('exemplars are passed on once, until they change', async () => {
    const cache = createCache();
    const page = (exemplar: string) => `# TYPE a counter\na_total 17.0 1520879607.789 # ${exemplar}\n# EOF\n`;
    const first = await readOpen(cache, page('{trace_id="KOO5S4vxi0o"} 0.67 1520879607.1'));
    expect(first.exemplars.map(({ labels, value, timestamp }) => [labels.toString(), value, timestamp])).toEqual([
      ['{trace_id="KOO5S4vxi0o"}', 0.67, 1520879607100],
    ]);
    expect(first.exemplars[0].series.labels.get('__name__')).toBe('a_total');
    expect((await readOpen(cache, page('{trace_id="KOO5S4vxi0o"} 0.67 1520879607.1'))).exemplars).toEqual([]);
    expect((await readOpen(cache, page('{} 1'))).exemplars).toMatchObject([{ value: 1 }]);
    expect(Object.fromEntries((await readOpen(cache, page('{oops 1'))).faults)).toEqual({ exemplar: 1 });
  });

  test('a page without # EOF is cut off and fails the scrape', async () => {
    await expect(readOpen(createCache(), 'a 1\n')).rejects.toBeInstanceOf(ScrapeError);
    await expect(readOpen(createCache(), 'a 1\n')).rejects.toMatchObject({ reason: 'truncated' });
  });

  test('_created series and units come through', async () => {
    const summary = await readOpen(
      createCache(),
      '# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total 1\na_seconds_created 2\n# EOF\n',
    );
    expect(summary.kept).toBe(2);
    expect(summary.metadata).toEqual([{ metric: 'a_seconds', type: 'counter', unit: 'seconds', help: '' }]);
  });
});
