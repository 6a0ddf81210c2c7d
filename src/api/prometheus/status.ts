import { availableParallelism, hostname } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { FastifyInstance } from 'fastify';
import { success } from '../answers/answer.ts';
import { ApiError } from '../answers/errors.ts';
import { formatTime } from '../answers/format.ts';
import { documented } from '../openapi.ts';
import { paramsOf } from '../requests/params.ts';
import type { ApiContext } from '../context.ts';

/** The Prometheus whose API is served: Grafana picks its behaviour by this. */
const SPOKEN_VERSION = '3.15.0';

/** `status/*`, `features` and `notifications`. */
export function statusRoutes(app: FastifyInstance, context: ApiContext): void {
  const { options, now } = context;
  const startedAt = now();

  // No `features` here: with any, Grafana takes the server for Mimir and asks for its ruler API.
  app.get(
    '/api/v1/status/buildinfo',
    { config: { permission: 'query' }, schema: documented('Which Prometheus is spoken') },
    (_, reply) =>
      success(reply, {
        version: SPOKEN_VERSION,
        revision: '',
        branch: '',
        buildUser: '',
        buildDate: '',
        goVersion: '',
      }),
  );

  app.get(
    '/api/v1/status/runtimeinfo',
    { config: { permission: 'system' }, schema: documented('The process') },
    async (_, reply) => {
      const stat = await options.queries?.storeStat(1);
      const reload = options.lifecycle?.status() ?? { successful: true, loadedAt: startedAt };
      return success(reply, {
        startTime: formatTime(options.status?.status().startedAt ?? startedAt),
        CWD: process.cwd(),
        hostname: hostname(),
        serverTime: formatTime(now()),
        reloadConfigSuccess: reload.successful,
        lastConfigTime: formatTime(reload.loadedAt),
        corruptionCount: 0,
        // What comes nearest to Go's: handles and requests that are open, cores, the bound of the heap.
        goroutineCount: process.getActiveResourcesInfo().length,
        GOMAXPROCS: availableParallelism(),
        GOMEMLIMIT: getHeapStatistics().heap_size_limit,
        GOGC: '',
        GODEBUG: '',
        storageRetention: stat?.retention ?? '',
      });
    },
  );

  app.get(
    '/api/v1/status/config',
    { config: { permission: 'system' }, schema: documented('The configuration as running, without secrets') },
    (request, reply) => success(reply, { yaml: context.groupOf(request, 'status').configYaml() }),
  );

  app.get(
    '/api/v1/status/flags',
    { config: { permission: 'system' }, schema: documented('Command-line flags') },
    (_, reply) => success(reply, options.status?.flags() ?? {}),
  );

  app.get(
    '/api/v1/status/tsdb',
    { config: { permission: 'system' }, schema: documented('Cardinality', { limit: 'Entries a list; 10' }) },
    async (request, reply) => {
      const text = paramsOf(request).get('limit') ?? '';
      const limit = text === '' ? 10 : Number(text);
      if (!/^(\+?\d+)?$/.test(text) || !Number.isSafeInteger(limit) || limit < 1)
        throw new ApiError('bad_data', 'limit must be a positive number');
      if (limit > 10_000) throw new ApiError('bad_data', 'limit must not exceed 10000');
      const stat = await context.groupOf(request, 'queries').storeStat(limit);
      return success(reply, {
        headStats: {
          numSeries: stat.series,
          numLabelPairs: stat.labelPairs,
          chunkCount: stat.chunks,
          minTime: stat.minTime,
          maxTime: stat.maxTime,
        },
        seriesCountByMetricName: stat.seriesByMetric,
        labelValueCountByLabelName: stat.valuesByLabel,
        memoryInBytesByLabelName: stat.bytesByLabel,
        seriesCountByLabelValuePair: stat.seriesByLabelPair,
      });
    },
  );

  app.get(
    '/api/v1/status/walreplay',
    {
      config: { permission: 'system' },
      schema: documented('Always done: the server answers only when its data is loaded'),
    },
    (_, reply) => success(reply, { min: 0, max: 0, current: 0 }),
  );

  app.get(
    '/api/v1/features',
    { config: { permission: 'system' }, schema: documented('What this server can do, by area') },
    (_, reply) =>
      success(reply, {
        api: {
          admin: context.config.admin_api && options.admin !== undefined,
          exclude_alerts: true,
          label_values_match: true,
          lifecycle: options.lifecycle !== undefined,
          'openapi_3.1': true,
          'openapi_3.2': false,
          query_stats: true,
          query_warnings: true,
          remote_write_receiver: (options.ingest ?? []).some(({ path }) => path === '/api/v1/write'),
          otlp_write_receiver: (options.ingest ?? []).some(({ path }) => path === '/api/v1/otlp/v1/metrics'),
          search: false,
          time_range_labels: true,
          time_range_series: true,
        },
        prometheus: { agent_mode: false, server_mode: true },
        ...options.status?.features,
      }),
  );

  app.get(
    '/api/v1/notifications',
    { config: { permission: 'system' }, schema: documented('Notes to the people at the web interface: none') },
    (_, reply) => success(reply, []),
  );
}
