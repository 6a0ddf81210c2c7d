import type { FastifyInstance } from 'fastify';
import type { RoutedAlert } from '../../model/alertmanager.ts';
import { success } from '../answers/answer.ts';
import { ApiError } from '../answers/errors.ts';
import { formatValue } from '../answers/format.ts';
import { documented } from '../openapi.ts';
import { countParam, paramsOf, timeParam } from '../requests/params.ts';
import type { ApiContext } from '../context.ts';

const DAY = 86_400_000;
const MOST = 1000;

/** Routes of the console: health of each pipeline, alerts, notifications, deliveries, history, playbooks. */
export function activityRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get(
    '/api/crowsnest/v1/status',
    { config: { permission: 'query' }, schema: documented('Health of each pipeline') },
    (request, reply) => success(reply, context.groupOf(request, 'status').status()),
  );

  app.get(
    '/api/crowsnest/v1/alerts',
    { config: { permission: 'query' }, schema: documented('Alerts with owner, playbook and the rest of the page') },
    (request, reply) => {
      const alerts = context.groupOf(request, 'alerts').alerts();
      const muted = mutedAlerts(alerts.length === 0 ? [] : (context.options.alertmanager?.alerts() ?? []));
      return success(
        reply,
        alerts.map((alert) => ({ ...withValue(alert), muted: muted.get(alert.fingerprint) })),
      );
    },
  );

  app.get(
    '/api/crowsnest/v1/notifications',
    { config: { permission: 'query' }, schema: documented('Notifications made, newest first', { limit: '100' }) },
    async (request, reply) => {
      const alerts = context.groupOf(request, 'alerts');
      const found = await alerts.notifications(countParam(paramsOf(request), 'limit', 100, MOST));
      return success(
        reply,
        found.map((one) => ({ ...one, alerts: one.alerts.map(withValue) })),
      );
    },
  );

  app.get(
    '/api/crowsnest/v1/deliveries',
    {
      config: { permission: 'query' },
      schema: documented('What became of notifications, newest first', { limit: '100' }),
    },
    async (request, reply) => {
      const alerts = context.groupOf(request, 'alerts');
      return success(reply, await alerts.deliveries(countParam(paramsOf(request), 'limit', 100, MOST)));
    },
  );

  app.get(
    '/api/crowsnest/v1/alerts/events',
    {
      config: { permission: 'query' },
      schema: documented('Changes in the lives of alerts, newest first', {
        start: 'First time; a day ago',
        end: 'Last time; now',
        alertname: 'Of one rule',
        fingerprint: 'Of one alert',
        limit: '200',
      }),
    },
    async (request, reply) => {
      const alerts = context.groupOf(request, 'alerts');
      const params = paramsOf(request);
      const end = timeParam(params, 'end', context.now());
      const found = await alerts.alertEvents({
        start: timeParam(params, 'start', end - DAY),
        end,
        alertname: params.get('alertname') ?? '',
        fingerprint: params.get('fingerprint') ?? '',
        limit: countParam(params, 'limit', 200, MOST),
      });
      return success(reply, found.map(withValue));
    },
  );

  app.get<{ Params: { name: string } }>(
    '/api/crowsnest/v1/playbooks/:name',
    { config: { permission: 'query' }, schema: documented('A playbook, rendered') },
    async (request, reply) => {
      const { name } = request.params;
      const playbook = await context.groupOf(request, 'alerts').playbook(name);
      if (playbook === undefined) throw new ApiError('not_found', `no playbook ${JSON.stringify(name)}`);
      return success(reply, playbook);
    },
  );

  app.get(
    '/api/crowsnest/v1/store',
    { config: { permission: 'system' }, schema: documented('The embedded store in figures') },
    async (request, reply) => success(reply, await context.groupOf(request, 'queries').storeStat(20)),
  );
}

/** JSON has no number for an infinity or NaN: such a value is written as Prometheus does, `+Inf`. */
/** By fingerprint, why an alert notifies no one. Ids of silences and other alerts are left out: a tenant may not see them. */
function mutedAlerts(alerts: readonly RoutedAlert[]): Map<string, 'silenced' | 'inhibited'> {
  const found = new Map<string, 'silenced' | 'inhibited'>();
  for (const { alert, muted } of alerts) {
    if (muted.silencedBy.length > 0) found.set(alert.fingerprint, 'silenced');
    else if (muted.inhibitedBy.length > 0) found.set(alert.fingerprint, 'inhibited');
  }
  return found;
}

function withValue<T extends { readonly value: number }>(shown: T): Omit<T, 'value'> & { value: number | string } {
  const { value } = shown;
  return { ...shown, value: Number.isFinite(value) ? value : formatValue(value) };
}
