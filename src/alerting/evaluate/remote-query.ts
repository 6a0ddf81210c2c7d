import type { AlertingConfig } from '../index.ts';
import { HttpClient } from '../../lib/http/client.ts';
import type { Reloadable } from '../../lib/lifecycle/reload.ts';
import { Labels } from '../../model/labels.ts';
import type { Query, VectorAnswer, VectorSample } from '../../model/query.ts';

interface Answer {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data?: { readonly resultType: string; readonly result: unknown };
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

type QueryConfig = NonNullable<AlertingConfig['query']>;

export interface RemoteQuery extends Reloadable<QueryConfig> {
  readonly query: Query;
}

/**
 * PromQL on any Prometheus-compatible API, for an alert manager apart from the store. A change of its settings holds for the
 * next query; those under way end where they began.
 */
export function createRemoteQuery(config: QueryConfig): RemoteQuery {
  let current = { config, ...connect(config) };
  return {
    query: (expr, at, signal) => current.query(expr, at, signal),
    async prepare(next) {
      if (JSON.stringify(next) === JSON.stringify(current.config)) return { commit() {} };
      const changed = { config: next, ...connect(next) };
      return {
        commit() {
          current.client.close();
          current = changed;
        },
      };
    },
  };
}

function connect(config: QueryConfig): { readonly client: HttpClient; readonly query: Query } {
  const client = new HttpClient(config.http_config);
  return { client, query: queryOn(client, config) };
}

function queryOn(client: HttpClient, { url: base, timeout }: QueryConfig): Query {
  const url = `${base.replace(/\/$/, '')}/api/v1/query`;
  return async (expr, at, signal) => {
    const response = await client.request({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ query: expr, time: String(at / 1000) }).toString(),
      timeout,
      signal,
    });
    return readAnswer(response.body.toString(), `${url} answered ${response.status}`);
  };
}

function readAnswer(text: string, what: string): VectorAnswer {
  let answer: Answer;
  try {
    answer = JSON.parse(text) as Answer;
  } catch {
    throw new Error(`${what} and no JSON`);
  }
  if (answer.status !== 'success' || answer.data === undefined)
    throw new Error(`${what}: ${answer.error ?? 'no data'}`);
  const { resultType, result } = answer.data;
  return { samples: samplesOf(resultType, result), warnings: answer.warnings ?? [], infos: answer.infos ?? [] };
}

function samplesOf(type: string, result: unknown): VectorSample[] {
  if (type === 'scalar') {
    const [at, value] = result as [number, string];
    return [{ labels: Labels.EMPTY, timestamp: at * 1000, value: numberOf(value) }];
  }
  if (type !== 'vector') throw new Error(`a rule needs an instant vector or a scalar, not a ${type}`);
  return (result as { metric: Record<string, string>; value?: [number, string] }[]).flatMap(({ metric, value }) =>
    value === undefined ? [] : [{ labels: Labels.of(metric), timestamp: value[0] * 1000, value: numberOf(value[1]) }],
  );
}

function numberOf(text: string): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}
