import { HttpClient } from '../../../lib/http/client.ts';
import { Ticker } from '../../../lib/time/ticker.ts';
import { parseGroups, toGroups } from '../group-file.ts';
import { type CreateDiscoverer, emptied } from '../kind.ts';
import type { HttpSdConfig } from './config.ts';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;
const JSON_TYPE = /^application\/json\s*(;\s*charset=("utf-8"|utf-8)\s*)?$/i;

/** Targets from an HTTP endpoint. One that fails, or answers with something else, keeps those it had. */
export const discoverHttp: CreateDiscoverer<HttpSdConfig> = (config, { clock, emit, fault }) => {
  const { url, refresh_interval: interval } = config;
  const client = new HttpClient(config);
  const abort = new AbortController();
  const headers = {
    accept: 'application/json',
    'user-agent': 'crowsnest',
    'x-prometheus-refresh-interval-seconds': String(interval / 1000),
  };
  let known = new Set<string>();

  async function refresh(): Promise<void> {
    try {
      const response = await client.request({
        url,
        headers,
        timeout: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        signal: abort.signal,
      });
      const type = response.headers['content-type'] ?? '';
      if (response.status !== 200) throw new Error(`${url}: server returned HTTP status ${response.status}`);
      if (!JSON_TYPE.test(type.trim()))
        throw new Error(`${url}: expected Content-Type application/json, not ${JSON.stringify(type)}`);
      const groups = toGroups(parseGroups(response.body, url), url, { __meta_url: url });
      const gone = known;
      known = new Set(groups.map(({ source }) => source));
      for (const source of known) gone.delete(source);
      emit([...groups, ...emptied(gone)]);
      fault([]);
    } catch (error) {
      if (!abort.signal.aborted) fault([(error as Error).message]);
    }
  }

  const ticker = new Ticker({ interval, clock }, refresh);
  return {
    async start() {
      await refresh();
      ticker.start();
    },
    async stop() {
      abort.abort();
      await ticker.stop();
      client.close();
    },
  };
};
