import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, isSet, secretOf } from '../http-kind.ts';
import type { Render } from '../render.ts';
import type { IncidentioConfig } from './settings.ts';

/** Posts the webhook's body to an alert source of incident.io. */
export async function sendIncidentio(config: IncidentioConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const { data } = render;
  const alerts = config.maxAlerts > 0 ? data.alerts.slice(0, config.maxAlerts) : data.alerts;
  const body = { ...data, version: '1', alerts, truncatedAlerts: data.alerts.length - alerts.length };
  const headers = isSet(config.token) ? { authorization: `Bearer ${secretOf(config.token)}` } : undefined;
  return (await exchange({ url: secretOf(config.url), headers, body, refusal: () => '' })).attempt;
}
