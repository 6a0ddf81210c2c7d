import { describe, expect, test } from 'vitest';
import { scrapeConfigSchema } from './config.ts';
import { Relabeler } from '../relabel/relabel.ts';
import { offsetOf, resolveTarget } from './targets.ts';

const timing = { interval: 15_000, timeout: 10_000 };

function resolve(settings: object, targets: string[] = ['h:9100'], labels: Record<string, string> = {}) {
  const job = scrapeConfigSchema.parse({ job_name: 'j', ...settings });
  const relabel = new Relabeler(job.relabel_configs);
  const all = targets.map((address) => resolveTarget(job, relabel, { ...labels, __address__: address }, timing));
  return {
    targets: all.flatMap((resolved) => ('target' in resolved ? [resolved.target] : [])),
    dropped: all.flatMap((resolved) => ('dropped' in resolved && !resolved.isFault ? [resolved.dropped] : [])),
    faults: all.flatMap((resolved) => ('dropped' in resolved && resolved.isFault ? [resolved.dropped.reason] : [])),
  };
}

describe('a target', () => {
  test('has job, instance and the labels of its group; what begins with __ is not shown', () => {
    const [target] = resolve({}, ['h:9100'], { zone: 'a', __hidden: 'x' }).targets;
    expect(target.url).toBe('http://h:9100/metrics');
    expect(target.labels.toJSON()).toEqual({ instance: 'h:9100', job: 'j', zone: 'a' });
    expect(target.discoveredLabels.toJSON()).toMatchObject({
      __address__: 'h:9100',
      __metrics_path__: '/metrics',
      __scheme__: 'http',
      __scrape_interval__: '15s',
      __scrape_timeout__: '10s',
      __hidden: 'x',
    });
    expect(target).toMatchObject(timing);
  });

  test.each([
    [{ scheme: 'https', metrics_path: '/m' }, 'https://h:9100/m'],
    [{ params: { module: ['a', 'b'], target: ['x y'] } }, 'http://h:9100/metrics?module=a&target=x+y&module=b'],
    [{ metrics_path: '/m?a=1', params: { b: ['2'] } }, 'http://h:9100/m?a=1&b=2'],
    [{ relabel_configs: [{ target_label: '__param_x', replacement: '1' }] }, 'http://h:9100/metrics?x=1'],
    [{ relabel_configs: [{ target_label: '__address__', replacement: 'k:1' }] }, 'http://k:1/metrics'],
    [{ relabel_configs: [{ target_label: '__metrics_path__', replacement: 'p' }] }, 'http://h:9100/p'],
  ])('with %j is at %s', (settings, url) => {
    expect(resolve(settings).targets.map((target) => target.url)).toEqual([url]);
  });

  test('may have its interval from a label', () => {
    const relabel_configs = [{ target_label: '__scrape_interval__', replacement: '1m' }];
    expect(resolve({ relabel_configs }).targets[0].interval).toBe(60_000);
  });

  test('dropped by relabeling says by which step', () => {
    const relabel_configs = [{ source_labels: ['__address__'], regex: 'x.*', action: 'keep' }];
    expect(resolve({ relabel_configs }, ['x:1', 'y:1'])).toMatchObject({
      targets: [{ url: 'http://x:1/metrics' }],
      dropped: [{ scrapePool: 'j', reason: 'relabel step 1: keep [__address__] by regex "x.*"' }],
    });
  });

  test.each([
    [{}, 'http://h:1/metrics', 'is not host:port'],
    [{}, '', 'no __address__'],
    [{}, 'a b:1', 'is not a URL'],
    [{}, '::1', 'IPv6'],
    [{}, 'fe80::1%eth0', 'IPv6'],
    [{}, 'h:99999', 'port 99999 is above 65535'],
    [{}, '[::1]:70000', 'port 70000 is above 65535'],
    [{ relabel_configs: [{ target_label: '__scrape_timeout__', replacement: '20s' }] }, 'h:1', '__scrape_timeout__'],
    [{ relabel_configs: [{ target_label: '__scrape_interval__', replacement: 'x' }] }, 'h:1', '__scrape_interval__'],
  ])('with %j at %j cannot be used', (settings, address, words) => {
    const { targets, faults } = resolve(settings, [address, 'good:1']);
    expect(faults.join()).toContain(words);
    expect(targets.length).toBeLessThanOrEqual(1);
  });
});

test('a hundred targets spread over the interval, on each node otherwise', () => {
  const { targets } = resolve(
    {},
    Array.from({ length: 100 }, (_, i) => `h${i}:1`),
  );
  const offsets = targets.map((target) => offsetOf(target, 'node-a'));
  const fifths = new Set(offsets.map((offset) => Math.floor((offset / timing.interval) * 5)));
  expect(fifths.size).toBe(5);
  expect(Math.max(...offsets)).toBeLessThan(timing.interval);
  expect(offsetOf(targets[0], 'node-b')).not.toBe(offsets[0]);
});
