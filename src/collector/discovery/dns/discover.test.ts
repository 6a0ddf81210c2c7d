import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../lib/time/clock.ts';
import type { TargetGroup } from '../kind.ts';
import { dnsSdSchema } from './config.ts';
import { discoverDns } from './discover.ts';

class DnsError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`querySrv ${code}`);
    this.code = code;
  }
}

/** What the name server has; a text is the code of an error. */
type Records = Readonly<Record<string, readonly unknown[] | string>>;

async function discover(settings: object, records: Records) {
  const emitted: TargetGroup[] = [];
  let faults: readonly string[] = [];
  const answer = <T>(name: string): Promise<T[]> => {
    const found = records[name];
    return typeof found === 'string' ? Promise.reject(new DnsError(found)) : Promise.resolve((found ?? []) as T[]);
  };
  const context = {
    clock: new ManualClock(),
    emit: (groups: readonly TargetGroup[]) => void emitted.push(...groups),
    fault: (messages: readonly string[]) => void (faults = messages),
  };
  const lookup = {
    resolveSrv: answer,
    resolve4: answer,
    resolve6: answer,
    resolveMx: answer,
    resolveNs: answer,
    cancel() {},
  };
  const discoverer = discoverDns(dnsSdSchema.parse(settings), context, lookup);
  await discoverer.start();
  await discoverer.stop();
  return { emitted, faults };
}

describe('records of a name are targets:', () => {
  test.each([
    [
      { names: ['_x._tcp.a.'] },
      { '_x._tcp.a.': [{ name: 'h1.a.', port: 9100, priority: 0, weight: 0 }] },
      { __address__: 'h1.a:9100', __meta_dns_srv_record_target: 'h1.a.', __meta_dns_srv_record_port: '9100' },
    ],
    [{ names: ['n'], type: 'A', port: 80 }, { n: ['10.0.0.1'] }, { __address__: '10.0.0.1:80' }],
    [{ names: ['n'], type: 'aaaa', port: 80 }, { n: ['fe80::1'] }, { __address__: '[fe80::1]:80' }],
    [
      { names: ['n'], type: 'MX', port: 25 },
      { n: [{ exchange: 'm.', priority: 1 }] },
      { __address__: 'm:25', __meta_dns_mx_record_target: 'm.' },
    ],
    [
      { names: ['n'], type: 'NS', port: 53 },
      { n: ['ns.'] },
      { __address__: 'ns:53', __meta_dns_ns_record_target: 'ns.' },
    ],
  ])('%j', async (settings, records, target) => {
    const [name] = settings.names;
    const { emitted } = await discover(settings, records);
    expect(emitted).toEqual([{ source: name, targets: [target], labels: { __meta_dns_name: name } }]);
  });
});

test('a name without records has no targets; one that cannot be asked keeps those it had', async () => {
  const settings = { names: ['gone', 'empty', 'broken'], type: 'A', port: 80 };
  const { emitted, faults } = await discover(settings, { gone: 'ENOTFOUND', empty: 'ENODATA', broken: 'ESERVFAIL' });
  expect(emitted.map(({ source, targets }) => [source, targets.length])).toEqual([
    ['gone', 0],
    ['empty', 0],
  ]);
  expect(faults).toEqual(['broken: querySrv ESERVFAIL']);
});

test('records without a port of their own need one', () => {
  expect(dnsSdSchema.safeParse({ names: ['n'], type: 'A' }).success).toBe(false);
  expect(dnsSdSchema.safeParse({ names: ['n'] }).success).toBe(true);
});
