import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientSignal } from '../requests/client-signal.ts';
import { success } from '../answers/answer.ts';
import { ApiError } from '../answers/errors.ts';
import { documented } from '../openapi.ts';
import { paramsOf } from '../requests/params.ts';
import { unescapeName } from '../prometheus/escaped-name.ts';
import { familiesOf, labelTest } from '../scope/scope.ts';
import type { ApiOptions } from '../types.ts';
import { narrowed, narrowedSelection } from './narrow.ts';
import { type AskUpstream, type UpstreamAnswer, bodyOf } from './upstream.ts';

/** Prometheus' API as another server answers it. A tenant's questions are narrowed before they leave. */
export function upstreamRoutes(app: FastifyInstance, options: ApiOptions, ask: AskUpstream): void {
  const summary = 'Answered by server.upstream';
  const maxAnswer = options.config.upstream?.max_answer ?? 0;
  app.post('/api/v1/read', { schema: documented('Not passed on: read from the server behind itself') }, () => {
    throw new ApiError('unavailable', 'remote read is not passed on to server.upstream');
  });

  const test = labelTest(options.tenant?.matchers ?? []);
  const belongs = ({ labels = {} }: Labelled): boolean => test((name) => labels[name] ?? '');
  const dataOf = (answer: UpstreamAnswer): Promise<unknown> => readData(answer, maxAnswer);
  const asked = (request: FastifyRequest, reply: FastifyReply, path: string): Promise<UpstreamAnswer> => {
    const params = options.tenant === undefined ? paramsOf(request) : new URLSearchParams();
    return ask('GET', path, params, clientSignal(reply));
  };

  for (const name of ['query', 'query_range', 'query_exemplars']) {
    app.route({
      method: ['GET', 'POST'],
      url: `/api/v1/${name}`,
      schema: documented(summary),
      handler: async (request, reply) =>
        pass(reply, await ask('POST', `/api/v1/${name}`, narrowed(paramsOf(request), options), clientSignal(reply))),
    });
  }
  for (const name of ['series', 'labels']) {
    app.route({
      method: ['GET', 'POST'],
      url: `/api/v1/${name}`,
      schema: documented(summary),
      handler: async (request, reply) => {
        const params = paramsOf(request);
        if (name === 'series' && !params.has('match[]'))
          throw new ApiError('bad_data', 'no match[] parameter provided');
        const asked = narrowedSelection(params, options);
        return pass(reply, await ask('POST', `/api/v1/${name}`, asked, clientSignal(reply)));
      },
    });
  }
  app.get<{ Params: { name: string } }>(
    '/api/v1/label/:name/values',
    { schema: documented(summary) },
    async (request, reply) => {
      const path = `/api/v1/label/${pathPart(request.params.name)}/values`;
      return pass(reply, await ask('GET', path, narrowedSelection(paramsOf(request), options), clientSignal(reply)));
    },
  );
  app.get('/federate', { schema: documented(summary) }, async (request, reply) => {
    const params = paramsOf(request);
    if (!params.has('match[]')) return reply.type('text/plain; version=0.0.4; charset=utf-8').send('');
    return pass(reply, await ask('GET', '/federate', narrowedSelection(params, options), clientSignal(reply)));
  });

  app.get('/api/v1/metadata', { schema: documented(summary) }, async (request, reply) => {
    const answer = await asked(request, reply, '/api/v1/metadata');
    if (options.tenant === undefined) return pass(reply, answer);
    const everything = narrowedSelection(new URLSearchParams(), options);
    const names = (await dataOf(
      await ask('GET', '/api/v1/label/__name__/values', everything, clientSignal(reply)),
    )) as string[];
    const known = familiesOf(names);
    const wanted = paramsOf(request).get('metric') ?? '';
    const all = Object.entries((await dataOf(answer)) as Record<string, unknown>);
    const shown = all.filter(([metric]) => known.has(metric) && (wanted === '' || metric === wanted));
    return success(reply, Object.fromEntries(shown));
  });

  app.get('/api/v1/alerts', { schema: documented(summary) }, async (request, reply) => {
    const answer = await asked(request, reply, '/api/v1/alerts');
    if (options.tenant === undefined) return pass(reply, answer);
    return success(reply, { alerts: ((await dataOf(answer)) as { alerts: Labelled[] }).alerts.filter(belongs) });
  });

  app.get('/api/v1/rules', { schema: documented(summary) }, async (request, reply) => {
    const answer = await asked(request, reply, '/api/v1/rules');
    if (options.tenant === undefined) return pass(reply, answer);
    const { groups } = (await dataOf(answer)) as { groups: { rules: (Labelled & { alerts?: Labelled[] })[] }[] };
    const shown = groups.map((group) => ({
      ...group,
      rules: group.rules.flatMap((rule) => {
        const alerts = rule.alerts?.filter(belongs);
        return belongs(rule) || (alerts?.length ?? 0) > 0 ? [{ ...rule, ...(alerts && { alerts }) }] : [];
      }),
    }));
    return success(reply, { groups: shown.filter(({ rules }) => rules.length > 0) });
  });

  app.get('/api/v1/alertmanagers', { schema: documented(summary) }, async (request, reply) =>
    pass(reply, await asked(request, reply, '/api/v1/alertmanagers')),
  );
}

interface Labelled {
  readonly labels?: Readonly<Record<string, string>>;
}

/** `.` and `..` would lead to another endpoint. */
function pathPart(name: string): string {
  const label = unescapeName(name);
  if (label === '' || label === '.' || label === '..')
    throw new ApiError('bad_data', `invalid label name: ${JSON.stringify(label)}`);
  return encodeURIComponent(name);
}

/** HTML of another server is not to run in the name of this one. */
function pass(reply: FastifyReply, { status, type, body }: UpstreamAnswer): FastifyReply {
  const known = /^(application\/json|text\/plain)\b/.test(type);
  return reply
    .code(status)
    .type(known ? type : 'text/plain; charset=utf-8')
    .send(body);
}

/** The data of an answer that is to be filtered. */
async function readData(answer: UpstreamAnswer, maxBytes: number): Promise<unknown> {
  const text = (await bodyOf(answer, maxBytes)).toString();
  let said: { data?: unknown; error?: string } = {};
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    said = {};
  }
  if (answer.status !== 200 || said.data === undefined)
    throw new ApiError('unavailable', said.error ?? `the server behind answered ${answer.status}`, 502);
  return said.data;
}
