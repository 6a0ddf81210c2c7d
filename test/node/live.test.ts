import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeSchema, type SubjectName } from '../../src/collector/node/config.ts';
import { createNodePage } from '../../src/collector/node/index.ts';
import { nameOf, readPage } from '../../src/collector/node/testing/read-page.ts';
import { HttpClient } from '../../src/lib/http/client.ts';
import { startNodeExporter } from '../servers/node-exporter.ts';
import { type RunningServer, describeWith } from '../servers/process.ts';

const SUBJECTS: readonly SubjectName[] = nodeSchema.parse({}).subjects;

/** About node_exporter itself, not about the machine. */
const ITS_OWN = /^(go_|process_|promhttp_|node_exporter_)/;
/** Gauges that stand still while the test runs; any other may go up and come down again between two readings. */
const CONSTANTS =
  /_info$|^node_(boot_time_seconds|time_zone_offset_seconds|scrape_collector_success|filesystem_(size_bytes|files|readonly|device_error)|memory_(MemTotal|SwapTotal)_bytes)$/;

/** node_exporter knows a fixed list of the fields in /proc/meminfo; ours are all that the kernel gives. */
const NEWER_FIELD = /^node_memory_/;

describeWith(['node_exporter'], 'beside a real node_exporter on this machine', () => {
  let server: RunningServer | undefined;
  const client = new HttpClient();
  beforeAll(async () => {
    const collectors = SUBJECTS.map((name) => `--collector.${name}`);
    server = await startNodeExporter(['--collector.disable-defaults', ...collectors]);
  });
  afterAll(async () => {
    client.close();
    await server?.stop();
  });

  test('the same series with the same help and types; its values lie between two readings of ours', async () => {
    const makePage = createNodePage(nodeSchema.parse({}));
    const before = readPage((await makePage()).toString());
    const answer = await client.request({ url: `${server?.url}/metrics`, timeout: 10_000 });
    const theirs = readPage(answer.body.toString());
    const after = readPage((await makePage()).toString());

    const wanted = [...theirs.samples.keys()].filter((series) => !ITS_OWN.test(series));
    expect(wanted.length).toBeGreaterThan(100);
    const ours = [...after.samples.keys()].filter((series) => theirs.samples.has(series) || !NEWER_FIELD.test(series));
    expect(ours.sort()).toEqual(wanted.sort());
    for (const series of wanted) {
      const name = nameOf(series);
      expect(after.families.get(`HELP ${name}`), name).toBe(theirs.families.get(`HELP ${name}`));
      expect(after.families.get(`TYPE ${name}`), name).toBe(theirs.families.get(`TYPE ${name}`));
      const [low, value, high] = [before, theirs, after].map((page) => page.samples.get(series) ?? NaN);
      const type = theirs.families.get(`TYPE ${name}`);
      // The fields of /proc/vmstat are counters without saying so.
      if (type !== 'counter' && type !== 'untyped' && !CONSTANTS.test(name)) continue;
      // Sums and products of decimals differ in their last digits between Go and JavaScript.
      const tolerance = 1e-12 * Math.abs(value);
      expect(value, series).toBeGreaterThanOrEqual(low - tolerance);
      expect(value, series).toBeLessThanOrEqual(high + tolerance);
    }
  });
});
