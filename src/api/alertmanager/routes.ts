import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { compileAnchored } from '../../lib/text/match.ts';
import { Labels } from '../../model/labels.ts';
import type { RoutedAlert, SilenceFault } from '../../model/alertmanager.ts';
import { messageOf } from '../answers/errors.ts';
import type { ApiContext } from '../context.ts';
import { documented } from '../openapi.ts';
import { paramsOf } from '../requests/params.ts';
import { alertJson, groupJson, silenceJson, sortSilences } from './answers.ts';
import { BodyError, readAlerts, readSilence } from './bodies.ts';

/** The API that these routes speak; clients such as amtool compare it with their own version. */
const API_VERSION = '0.34.2';

/** Bytes of a batch of alerts. */
const MAX_BODY = 16 * 1024 * 1024;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** A parameter or body that is refused: Alertmanager answers with a JSON string, or with a code and a message. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Alertmanager's API v2 (source: api/v2/openapi.yaml), for amtool, Prometheus as a sender, Grafana and karma.
 *
 *     GET /api/v2/status  /receivers  /alerts  /alerts/groups  /silences  /silence/ID      right `query`
 *     POST /api/v2/alerts  /silences    DELETE /api/v2/silence/ID                          right `write`
 */
export function alertmanagerRoutes(app: FastifyInstance, context: ApiContext): void {
  const of = (request: FastifyRequest) => context.groupOf(request, 'alertmanager');
  const get = (url: string, summary: string, handler: (request: FastifyRequest) => unknown) =>
    app.get(url, { config: { permission: 'query' }, schema: documented(summary) }, answering(handler));

  get('/api/v2/status', 'Version, configuration and cluster of the alert manager', (request) => ({
    cluster: of(request).cluster ?? { peers: [], status: 'disabled' },
    config: { original: of(request).config() },
    uptime: new Date(context.options.status?.status().startedAt ?? 0).toISOString(),
    versionInfo: {
      branch: 'crowsnest',
      buildDate: '',
      buildUser: '',
      goVersion: '',
      revision: context.options.status?.status().version ?? '',
      version: API_VERSION,
    },
  }));

  get('/api/v2/receivers', 'Receivers of the routing file', (request) =>
    of(request)
      .receivers()
      .map(({ name, labels }) => ({ labels: { name, ...labels }, name })),
  );

  get('/api/v2/alerts', 'Firing alerts', (request) => {
    const shown = alertFilter(request, of(request).labelTest);
    const alerts = of(request).alerts();
    return alerts.filter((one) => one.receivers.some(shown.receiver) && shown.alert(one)).map(alertJson);
  });

  get('/api/v2/alerts/groups', 'Firing alerts as routes group them', (request) => {
    const shown = alertFilter(request, of(request).labelTest);
    const groups = of(request).groups();
    return groups
      .filter(({ receiver }) => shown.receiver(receiver))
      .map((group) => ({ ...group, alerts: group.alerts.filter(shown.alert) }))
      .filter(({ alerts }) => alerts.length > 0)
      .map(groupJson);
  });

  app.post(
    '/api/v2/alerts',
    {
      bodyLimit: MAX_BODY,
      config: { permission: 'write', audit: [], rateLimit: false, rawBody: true },
      schema: documented('Takes alerts of other programs'),
    },
    answering((request) => {
      const refused = of(request).post(readAlerts(request.body));
      if (refused.length > 0) throw new Refusal(400, refused.slice(0, 20).join('\n'));
    }),
  );

  get('/api/v2/silences', 'Silences, those that have expired lately included', (request) => {
    const params = paramsOf(request);
    const test = filterOf(params, of(request).labelTest);
    const creators = params.getAll('creator');
    const now = context.now();
    const found = of(request)
      .silences()
      .filter(({ matchers }) => test(Labels.of(matchers.map(({ name, value }) => [name, value] as const))))
      .filter(({ createdBy }) => creators.length === 0 || creators.includes(createdBy));
    return sortSilences(found, now).map((silence) => silenceJson(silence, now));
  });

  app.post(
    '/api/v2/silences',
    {
      config: { permission: 'write', audit: [], rawBody: true },
      schema: documented('Sets a silence, or changes one'),
    },
    answering(async (request) => ({ silenceID: await of(request).setSilence(readSilence(request.body)) })),
  );

  get('/api/v2/silence/:id', 'One silence', (request) => {
    const id = idOf(request);
    const found = of(request)
      .silences()
      .find((silence) => silence.id === id);
    if (found === undefined) throw new Refusal(404, '');
    return silenceJson(found, context.now());
  });

  app.delete(
    '/api/v2/silence/:id',
    { config: { permission: 'write', audit: [] }, schema: documented('Ends a silence') },
    answering((request) => of(request).expireSilence(idOf(request))),
  );
}

/** What the handler returns as JSON, or an empty body; what it refuses in Alertmanager's form. */
function answering(handler: (request: FastifyRequest) => unknown): RouteHandlerMethod {
  return async (request, reply) => {
    try {
      const answer = await handler(request);
      reply.header('cache-control', 'no-store');
      return await (answer === undefined ? reply.send() : reply.type('application/json').send(JSON.stringify(answer)));
    } catch (error) {
      return refused(reply, error);
    }
  };
}

/** @throws the error itself where it is no refusal. */
function refused(reply: FastifyReply, error: unknown): FastifyReply {
  const status = statusOf(error);
  if (status === undefined) throw error;
  const message = messageOf(error);
  if (message === '') return reply.code(status).send();
  const body = status === 422 ? { code: status, message } : message;
  return reply.code(status).type('application/json').send(JSON.stringify(body));
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof Refusal || error instanceof BodyError) return error.status;
  if (!isSilenceFault(error)) return undefined;
  return error.reason === 'unknown' ? 404 : 400;
}

function isSilenceFault(error: unknown): error is SilenceFault {
  return error instanceof Error && error.name === 'SilenceError';
}

function idOf(request: FastifyRequest): string {
  const { id } = request.params as { readonly id: string };
  if (!UUID.test(id)) throw new Refusal(422, `silenceID in path must be of type uuid: ${JSON.stringify(id)}`);
  return id;
}

type MakeTest = (matchers: readonly string[]) => (labels: Labels) => boolean;

function filterOf(params: URLSearchParams, labelTest: MakeTest): (labels: Labels) => boolean {
  try {
    return labelTest(params.getAll('filter'));
  } catch (error) {
    throw new Refusal(400, messageOf(error));
  }
}

/** The parameters by which lists of alerts are narrowed. */
function alertFilter(request: FastifyRequest, labelTest: MakeTest) {
  const params = paramsOf(request);
  const labels = filterOf(params, labelTest);
  const wants = (name: string) => !['false', '0', 'no', 'off'].includes((params.get(name) ?? '').toLowerCase());
  const shows = {
    active: wants('active'),
    silenced: wants('silenced'),
    inhibited: wants('inhibited'),
    muted: wants('muted'),
  };
  return {
    receiver: receiverTest(params.get('receiver') ?? ''),
    alert: ({ alert, muted: { silencedBy, inhibitedBy, mutedBy } }: RoutedAlert): boolean => {
      const active = silencedBy.length + inhibitedBy.length + mutedBy.length === 0;
      if (active && !shows.active) return false;
      if (silencedBy.length > 0 && !shows.silenced) return false;
      if (inhibitedBy.length > 0 && !shows.inhibited) return false;
      if (mutedBy.length > 0 && !shows.muted) return false;
      return labels(alert.labels);
    },
  };
}

function receiverTest(pattern: string): (name: string) => boolean {
  if (pattern === '') return () => true;
  try {
    return compileAnchored(pattern);
  } catch (error) {
    throw new Refusal(400, `failed to parse receiver param: ${messageOf(error)}`);
  }
}
