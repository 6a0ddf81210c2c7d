import { toYaml } from '../lib/schema/yaml-print.ts';
import type { Alert, MutedBy } from '../model/alert.ts';
import type { Alertmanager, PostedAlert, RoutedAlert, RoutedGroup } from '../model/alertmanager.ts';
import { Labels, compareUtf8 } from '../model/labels.ts';
import type { Flush } from './dispatch/aggregation-groups.ts';
import { isResolved } from './dispatch/dedup.ts';
import { compareLabelSets } from './dispatch/order.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type MuteStage, mutedBy } from './mute/mute.ts';
import type { Silences } from './mute/silences.ts';
import { inhibition, silencing, timeIntervals } from './mute/stages.ts';
import type { AlertProvider } from './provider.ts';
import { compileMatchers, parseMatchers } from './routing/matchers.ts';
import type { Routing } from './routing/routing.ts';
import { matchRoutes } from './routing/tree.ts';

export interface AlertmanagerOptions {
  readonly provider: AlertProvider;
  readonly silences: Silences;
  readonly routing: () => Routing;
  /** The routing file as it may be shown; undefined where there is none. */
  readonly shown: () => unknown;
  readonly groups: () => readonly Flush[];
  /** Page fields of an alert that another program sent. */
  readonly enrich: (alert: Pick<Alert, 'labels' | 'annotations'>) => Pick<Alert, 'fields' | 'provenance'>;
  /** Called with alerts that begin to fire and with those that end. */
  readonly onChange: (kind: 'firing' | 'resolved', alert: Alert, at: number) => void;
  readonly now: () => number;
}

/** Alertmanager's API v2 over the parts of this alert manager. */
export function createAlertmanager(options: AlertmanagerOptions): Alertmanager {
  const { provider, silences, routing, now } = options;
  const stages = (at: number): MuteStage[] => [
    inhibition(routing().inhibitRules, provider.firing(at)),
    silencing(silences, at),
  ];
  const routed = (alert: Alert, muted: MutedBy): RoutedAlert => ({
    alert,
    updatedAt: provider.updatedAt(alert.fingerprint),
    receivers: matchRoutes(routing().route, alert.labels).map(({ receiver }) => receiver),
    muted,
  });
  return {
    alerts() {
      const at = now();
      const all = stages(at);
      return provider
        .firing(at)
        .sort((a, b) => compareUtf8(a.fingerprint, b.fingerprint))
        .map((alert) => routed(alert, mutedBy(all, alert)));
    },
    groups() {
      const at = now();
      const all = stages(at);
      const groupOf = ({ route, groupLabels, alerts }: Flush): RoutedGroup => {
        const own = [...all, timeIntervals(routing(), route, at)];
        return {
          labels: groupLabels,
          receiver: route.receiver,
          routeLabels: route.labels,
          alerts: alerts.filter((alert) => !isResolved(alert, at)).map((alert) => routed(alert, mutedBy(own, alert))),
        };
      };
      return options
        .groups()
        .map(groupOf)
        .filter(({ alerts }) => alerts.length > 0)
        .sort((a, b) => compareLabelSets(a.labels, b.labels) || compareUtf8(a.receiver, b.receiver));
    },
    post(alerts) {
      const at = now();
      const taken: Alert[] = [];
      const refused: string[] = [];
      for (const posted of alerts) {
        const alert = toAlert(posted, at, options);
        if (typeof alert === 'string') refused.push(alert);
        else taken.push(alert);
      }
      for (const alert of taken) {
        const held = provider.get(alert.fingerprint);
        const fired = held !== undefined && !isResolved(held, at);
        if (fired === isResolved(alert, at)) options.onChange(fired ? 'resolved' : 'firing', alert, at);
      }
      provider.merge(taken, at);
      return refused;
    },
    silences: () => silences.all(),
    setSilence: (draft) => silences.set(draft),
    expireSilence: (id) => silences.expire(id),
    receivers: () => [...routing().receivers.values()].map(({ name, labels }) => ({ name, labels })),
    config: () => toYaml(options.shown() === undefined ? CONSOLE_ONLY : withoutConsole(options.shown())),
    labelTest: (texts) => compileMatchers(texts.flatMap(parseMatchers)),
  };
}

/** Why the alert is refused, in Alertmanager's words (source: api/v2/api.go, postAlertsHandler). */
function toAlert(posted: PostedAlert, now: number, options: AlertmanagerOptions): Alert | string {
  const { annotations, generatorURL } = posted;
  const labels = Labels.of(posted.labels);
  if (labels.size === 0) return 'at least one label pair required';
  if (labels.has('')) return 'invalid label set: invalid name ""';
  const startsAt = posted.startsAt || posted.endsAt || now;
  const endsAt = posted.endsAt || now + options.routing().resolveTimeout;
  if (endsAt < startsAt) return 'start time must be before end time';
  return {
    labels,
    annotations,
    startsAt,
    endsAt,
    generatorURL,
    fingerprint: fingerprintOf(labels),
    value: NaN,
    origin: 'api',
    assumedEnd: posted.endsAt === 0,
    ...options.enrich({ labels, annotations }),
  };
}

const CONSOLE_ONLY = { route: { receiver: 'console' }, receivers: [{ name: 'console' }] };

/** `console_configs` are this program's own; tools that read the file as Alertmanager's would refuse it. */
function withoutConsole(shown: unknown): unknown {
  const file = shown as { readonly receivers?: readonly Readonly<Record<string, unknown>>[] };
  const receivers = file.receivers?.map((receiver) =>
    Object.fromEntries(Object.entries(receiver).filter(([key]) => key !== 'console_configs')),
  );
  return { ...file, ...(receivers === undefined ? {} : { receivers }) };
}
