import type { FastifyInstance } from 'fastify';
import { success } from '../answers/answer.ts';
import { ApiError, need } from '../answers/errors.ts';
import { documented } from '../openapi.ts';
import { countParam, paramsOf, timeParam } from '../requests/params.ts';
import type { ApiOptions } from '../types.ts';

const DAY = 86_400_000;
const MOST = 1000;

/** What goes on here: health of the walks, alerts with their pages, notifications, playbooks. */
export function activityRoutes(app: FastifyInstance, options: ApiOptions): void {
  const now = options.now ?? Date.now;

  app.get('/api/crowsnest/v1/status', { schema: documented('Health of each pipeline') }, (_, reply) =>
    success(reply, need(options.status, 'status to show')()),
  );

  app.get(
    '/api/crowsnest/v1/alerts',
    { schema: documented('Alerts with owner, playbook and the rest of the page') },
    (_, reply) => success(reply, need(options.alerts, 'alerting')()),
  );

  app.get(
    '/api/crowsnest/v1/notifications',
    { schema: documented('Notifications made, newest first', { limit: '100' }) },
    async (request, reply) => {
      const notifications = need(options.notifications, 'notifications');
      return success(reply, await notifications(countParam(paramsOf(request), 'limit', 100, MOST)));
    },
  );

  app.get(
    '/api/crowsnest/v1/deliveries',
    { schema: documented('What became of notifications, newest first', { limit: '100' }) },
    async (request, reply) => {
      const deliveries = need(options.deliveries, 'notifications');
      return success(reply, await deliveries(countParam(paramsOf(request), 'limit', 100, MOST)));
    },
  );

  app.get(
    '/api/crowsnest/v1/alerts/events',
    {
      schema: documented('Changes in the lives of alerts, newest first', {
        start: 'First time; a day ago',
        end: 'Last time; now',
        alertname: 'Of one rule',
        fingerprint: 'Of one alert',
        limit: '200',
      }),
    },
    async (request, reply) => {
      const events = need(options.alertEvents, 'alert history');
      const params = paramsOf(request);
      const end = timeParam(params, 'end', now());
      const found = await events({
        start: timeParam(params, 'start', end - DAY),
        end,
        alertname: params.get('alertname') ?? '',
        fingerprint: params.get('fingerprint') ?? '',
        limit: countParam(params, 'limit', 200, MOST),
      });
      return success(reply, found);
    },
  );

  app.get<{ Params: { name: string } }>(
    '/api/crowsnest/v1/playbooks/:name',
    { schema: documented('A playbook, rendered') },
    async (request, reply) => {
      const { name } = request.params;
      const playbook = await need(options.playbook, 'playbooks')(name);
      if (playbook === undefined) throw new ApiError('not_found', `no playbook ${JSON.stringify(name)}`);
      return success(reply, playbook);
    },
  );

  app.get('/api/crowsnest/v1/store', { schema: documented('The embedded store in figures') }, async (_, reply) =>
    success(reply, await need(options.storeStat, 'embedded store')(20)),
  );
}
