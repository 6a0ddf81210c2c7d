import { Relabeler } from '../../../src/relabel/relabel.ts';
import { ScrapeCache } from '../../../src/collector/scrape-cache.ts';
import { ScrapeError } from '../../../src/collector/scrape-error.ts';
import { NO_LIMITS } from '../../../src/collector/testing.ts';
import { importText } from '../../../src/ingest/text/import-text.ts';
import { Labels } from '../../../src/model/labels.ts';
import { type FuzzTarget, NOTHING_TO_CLOSE, refusedBy } from '../target.ts';

const SEEDS = [
  '# HELP a An "a" with \\\\ and \\n.\n# TYPE a counter\na 1\na{b="c"} 2.5e3 1700000000000\n',
  '# TYPE h histogram\nh_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 3\nh_sum 4\nh_count 3\n',
  '# TYPE a counter\n# UNIT a seconds\na_total{x="y"} 1.5 1700000000.5 # {trace_id="abc"} 0.5 1700000000\na_created 17e8\n# EOF\n',
  '{"utf.8 name", "la bel"="v\\"al"} NaN\nb{x="\\n\\\\"} -Inf\nc{} 0x1p-3\n',
  '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 2\ns_count 2\n# EOF\n',
];

/** A page of the text form or of OpenMetrics: scraped twice, as the second time is another path, and imported. */
export const exposition: FuzzTarget = {
  seeds: () => Promise.resolve(SEEDS),
  words: ['# TYPE ', '# HELP ', '# UNIT ', '# EOF\n', ' # {', '_total', '_bucket', 'le="', 'quantile="', '} 1', '\n', ' 1700000000000', '{"', '"}'], // prettier-ignore
  async open() {
    const rules = { targetLabels: Labels.EMPTY, honorLabels: false, metricRelabel: new Relabeler([]), identity: Labels.EMPTY, ...NO_LIMITS }; // prettier-ignore
    const cache = () =>
      new ScrapeCache({
        rules,
        honorTimestamps: true,
        trackTimestampsStaleness: true,
        sampleLimit: 0,
        report: [{ labels: Labels.of({ __name__: 'up' }) }],
      });
    // One cache lives through all pages of a form, as that of a target does.
    const caches = { text: cache(), openmetrics: cache() };
    let time = 1_700_000_000_000;
    const read = async (format: 'text' | 'openmetrics', page: Buffer): Promise<void> => {
      const one = caches[format];
      try {
        await one.read(page, format, (time += 1000));
        const { layout, values } = one.batch(time, [1], []);
        if (layout.series.length !== values.length) throw new Error(`${layout.series.length} series, ${values.length} values`); // prettier-ignore
      } catch (error) {
        one.abandon();
        refusedBy(error, ScrapeError);
      }
    };
    const store = {
      backfill: ({ values }: { values: Float64Array }) => Promise.resolve({ accepted: values.length, refused: {} }),
      writeMetadata: () => undefined,
    };
    return {
      async run(input) {
        // A scrape ends every page with a line end.
        const page = input.at(-1) === 10 ? input : Buffer.concat([input, Buffer.from('\n')]);
        for (const format of ['text', 'openmetrics'] as const) {
          await read(format, page);
          await read(format, page);
        }
        const { status } = await importText(store, input, {});
        if (status !== 204 && status !== 400) throw new Error(`the import answers ${status}`);
      },
      close: NOTHING_TO_CLOSE,
    };
  },
};
