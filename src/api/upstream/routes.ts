import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { success } from '../answers/answer.ts';
import { ApiError } from '../answers/errors.ts';
import type { ApiContext } from '../context.ts';
import { documented } from '../openapi.ts';
import { unescapeName } from '../prometheus/escaped-name.ts';
import { clientSignal } from '../requests/client-signal.ts';
import { paramsOf } from '../requests/params.ts';
import { familiesOf } from '../scope/scope.ts';
import {
  alertsSchema,
  filteredAlerts,
  filteredRules,
  metadataSchema,
  namesSchema,
  readData,
  rulesSchema,
} from './filter.ts';
import { narrowed, narrowedSelection } from './narrow.ts';
import type { AskUpstream, UpstreamAnswer } from './upstream.ts';

const config = { permission: 'query' } as const;

/** Prometheus' API served by another server. Requests of a caller with a scope are narrowed before they leave. */
export function upstreamRoutes(app: FastifyInstance, context: ApiContext, ask: AskUpstream): void {
  const schema = documented('Answered by server.upstream');
  const maxAnswer = () => context.config.upstream?.max_answer ?? 0;
  const narrowing = (request: FastifyRequest) => ({
    scope: request.principal.scope,
    language: context.groupOf(request, 'language'),
  });
  const read: typeof readData = (answer, shape) => readData(answer, shape, maxAnswer());
  const asked = (request: FastifyRequest, reply: FastifyReply, path: string): Promise<UpstreamAnswer> => {
    const params = request.principal.scope === undefined ? paramsOf(request) : new URLSearchParams();
    return ask('GET', path, params, clientSignal(reply));
  };

  app.post('/api/v1/read', { config, schema: documented('Not passed on: read from the server behind itself') }, () => {
    throw new ApiError('unavailable', 'remote read is not passed on to server.upstream');
  });

  for (const name of ['query', 'query_range', 'query_exemplars']) {
    app.route({
      method: ['GET', 'POST'],
      url: `/api/v1/${name}`,
      config,
      schema,
      async handler(request, reply) {
        const params = narrowed(paramsOf(request), narrowing(request));
        return pass(reply, await ask('POST', `/api/v1/${name}`, params, clientSignal(reply)));
      },
    });
  }
  for (const name of ['series', 'labels']) {
    app.route({
      method: ['GET', 'POST'],
      url: `/api/v1/${name}`,
      config,
      schema,
      async handler(request, reply) {
        const params = paramsOf(request);
        if (name === 'series' && !params.has('match[]'))
          throw new ApiError('bad_data', 'no match[] parameter provided');
        const asked = narrowedSelection(params, narrowing(request));
        return pass(reply, await ask('POST', `/api/v1/${name}`, asked, clientSignal(reply)));
      },
    });
  }
  app.get<{ Params: { name: string } }>('/api/v1/label/:name/values', { config, schema }, async (request, reply) => {
    const path = `/api/v1/label/${pathPart(request.params.name)}/values`;
    const params = narrowedSelection(paramsOf(request), narrowing(request));
    return pass(reply, await ask('GET', path, params, clientSignal(reply)));
  });
  app.get('/federate', { config, schema }, async (request, reply) => {
    const params = paramsOf(request);
    if (!params.has('match[]')) return reply.type('text/plain; version=0.0.4; charset=utf-8').send('');
    return pass(
      reply,
      await ask('GET', '/federate', narrowedSelection(params, narrowing(request)), clientSignal(reply)),
    );
  });

  app.get('/api/v1/metadata', { config, schema }, async (request, reply) => {
    const answer = await asked(request, reply, '/api/v1/metadata');
    if (request.principal.scope === undefined) return pass(reply, answer);
    const all = await read(answer, metadataSchema);
    const everything = narrowedSelection(new URLSearchParams(), narrowing(request));
    const names = await ask('GET', '/api/v1/label/__name__/values', everything, clientSignal(reply));
    const known = familiesOf((await read(names, namesSchema)) ?? []);
    const wanted = paramsOf(request).get('metric') ?? '';
    const shown = Object.entries(all ?? {}).filter(
      ([metric]) => known.has(metric) && (wanted === '' || metric === wanted),
    );
    return success(reply, Object.fromEntries(shown));
  });

  app.get('/api/v1/alerts', { config, schema }, async (request, reply) => {
    const answer = await asked(request, reply, '/api/v1/alerts');
    const { scope } = request.principal;
    if (scope === undefined) return pass(reply, answer);
    return success(reply, filteredAlerts(await read(answer, alertsSchema), scope));
  });

  app.get('/api/v1/rules', { config, schema }, async (request, reply) => {
    const answer = await asked(request, reply, '/api/v1/rules');
    const { scope } = request.principal;
    if (scope === undefined) return pass(reply, answer);
    return success(reply, filteredRules(await read(answer, rulesSchema), scope));
  });

  app.get('/api/v1/alertmanagers', { config: { permission: 'system' }, schema }, async (request, reply) =>
    pass(reply, await asked(request, reply, '/api/v1/alertmanagers')),
  );
}

/** `.` and `..` would lead to another endpoint. */
function pathPart(name: string): string {
  const label = unescapeName(name);
  if (label === '' || label === '.' || label === '..')
    throw new ApiError('bad_data', `invalid label name: ${JSON.stringify(label)}`);
  return encodeURIComponent(name);
}

/** HTML of another server is not to run in the name of this one. */
function pass(reply: FastifyReply, { status, type, retryAfter, body }: UpstreamAnswer): FastifyReply {
  const known = /^(application\/json|text\/plain)\b/.test(type);
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return reply
    .code(status)
    .type(known ? type : 'text/plain; charset=utf-8')
    .send(body);
}
