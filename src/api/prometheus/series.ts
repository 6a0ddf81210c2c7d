import type { FastifyInstance, FastifyReply } from 'fastify';
import { Labels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/sample.ts';
import { clientSignal } from '../requests/client-signal.ts';
import { TRUNCATED, cut, success } from '../answers/answer.ts';
import { ApiError } from '../answers/errors.ts';
import { documented } from '../openapi.ts';
import { MAX_TIME, MIN_TIME, limitParam, matcherSets, paramsOf, timeParam } from '../requests/params.ts';
import type { ApiContext } from '../context.ts';
import type { QueryLanguage, SeriesRequest } from '../types.ts';
import { inPieces, sendPieces } from '../answers/chunked-writer.ts';
import { labelsJson } from '../answers/result.ts';
import { unescapeName } from './escaped-name.ts';

const GET_AND_POST = ['GET', 'POST'];

const RANGE = { start: 'Samples from this time on', end: 'Samples up to this time', limit: 'The most to answer' };

/** What series there are: `series`, `labels`, `label/<name>/values`, `metadata`. */
export function seriesRoutes(app: FastifyInstance, context: ApiContext): void {
  app.route({
    method: GET_AND_POST,
    url: '/api/v1/labels',
    config: { permission: 'query' },
    schema: documented('Names of labels', { 'match[]': 'Of these series only', ...RANGE }),
    async handler(request, reply) {
      const queries = context.groupOf(request, 'queries');
      const asked = requestOf(paramsOf(request), context.groupOf(request, 'language'), false);
      return sendNames(reply, await queries.labelNames(withOneMore(asked), clientSignal(reply)), asked.limit);
    },
  });

  app.get<{ Params: { name: string } }>(
    '/api/v1/label/:name/values',
    {
      config: { permission: 'query' },
      schema: documented('Values of a label', { 'match[]': 'Of these series only', ...RANGE }),
    },
    async (request, reply) => {
      const queries = context.groupOf(request, 'queries');
      const name = unescapeName(request.params.name);
      if (name === '') throw new ApiError('bad_data', 'invalid label name: ""');
      const asked = requestOf(paramsOf(request), context.groupOf(request, 'language'), false);
      return sendNames(reply, await queries.labelValues(name, withOneMore(asked), clientSignal(reply)), asked.limit);
    },
  );

  app.route({
    method: GET_AND_POST,
    url: '/api/v1/series',
    config: { permission: 'query' },
    schema: documented('Label sets of series', { 'match[]': 'Selector, repeatable', ...RANGE }),
    async handler(request, reply) {
      const queries = context.groupOf(request, 'queries');
      const params = paramsOf(request);
      if (!params.has('match[]')) throw new ApiError('bad_data', 'no match[] parameter provided');
      const asked = requestOf(params, context.groupOf(request, 'language'), true);
      const isMerged = asked.matcherSets.length > 1;
      const found = await queries.series(isMerged ? { ...asked, limit: 0 } : withOneMore(asked), clientSignal(reply));
      // As in Prometheus: what several selectors found is merged by labels, and only then cut.
      const merged = isMerged ? found.toSorted(Labels.compare) : found;
      const { list, notes } = cut(merged, asked.limit);
      return sendPieces(reply, 'application/json', inPieces(jsonList(list, labelsJson, notes.warnings)));
    },
  });

  app.get(
    '/api/v1/metadata',
    {
      config: { permission: 'query' },
      schema: documented('Type, unit and help of metrics', {
        metric: 'One metric',
        limit: 'The most metrics',
        limit_per_metric: 'The most entries of a metric',
      }),
    },
    async (request, reply) => {
      const queries = context.groupOf(request, 'queries');
      const params = paramsOf(request);
      const limit = metadataLimit(params, 'limit');
      const perMetric = metadataLimit(params, 'limit_per_metric');
      return success(reply, byMetric(await queries.metadata(params.get('metric') ?? ''), limit, perMetric));
    },
  );
}

function requestOf(params: URLSearchParams, language: QueryLanguage, named: boolean): SeriesRequest {
  const limit = limitParam(params);
  const start = timeParam(params, 'start', MIN_TIME);
  const end = timeParam(params, 'end', MAX_TIME);
  if (!params.has('match[]')) return { matcherSets: [], start, end, limit };
  return { matcherSets: matcherSets(params, language, { named }), start, end, limit };
}

/** One more than asked for tells whether the limit cut anything. */
function withOneMore(request: SeriesRequest): SeriesRequest {
  return request.limit === 0 ? request : { ...request, limit: request.limit + 1 };
}

function sendNames(reply: FastifyReply, names: readonly string[], limit: number): FastifyReply {
  const { list, notes } = cut(names, limit);
  const quoted = (name: string) => JSON.stringify(name);
  return sendPieces(reply, 'application/json', inPieces(jsonList(list, quoted, notes.warnings)));
}

function* jsonList<T>(
  items: readonly T[],
  write: (item: T) => string,
  warnings: readonly string[] = [],
): Generator<string> {
  yield '{"status":"success","data":[';
  for (const [i, item] of items.entries()) yield `${i === 0 ? '' : ','}${write(item)}`;
  yield warnings.includes(TRUNCATED) ? `],"warnings":${JSON.stringify(warnings)}}` : ']}';
}

/** -1 = no limit, as in Prometheus. */
export function metadataLimit(params: URLSearchParams, name: string): number {
  const text = params.get(name) ?? '';
  if (text === '') return -1;
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new ApiError('bad_data', `${name} must be a number`);
  return Number(text);
}

function byMetric(all: readonly MetricMetadata[], limit: number, perMetric: number) {
  const found = new Map<string, Omit<MetricMetadata, 'metric'>[]>();
  for (const { metric, type, unit, help } of all) {
    const entries = found.get(metric);
    if (entries === undefined) {
      if (limit >= 0 && found.size >= limit) continue;
      found.set(metric, [{ type, unit, help }]);
    } else if (
      (perMetric <= 0 || entries.length < perMetric) &&
      !entries.some((entry) => entry.type === type && entry.unit === unit && entry.help === help)
    ) {
      entries.push({ type, unit, help });
    }
  }
  return Object.fromEntries(found);
}
