import { compareUtf8 } from '../../model/labels.ts';
import type { WebhookBody } from '../receivers/webhook-body.ts';
import { ZERO_TIME } from './methods.ts';
import { GoFunc, GoList, GoMap, GoStruct, GoTime, type Methods } from './values.ts';

/** What a notification's template is given: the same as a webhook, in Go's types (source: docs/notifications.md). */
export function notificationData(body: WebhookBody): GoStruct {
  return new GoStruct('*template.Data', {
    Receiver: body.receiver.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&'),
    Status: body.status,
    Alerts: alerts('template.Alerts', body.alerts.map(alert)),
    NotificationReason: body.notification_reason,
    GroupLabels: kv(body.groupLabels),
    CommonLabels: kv(body.commonLabels),
    CommonAnnotations: kv(body.commonAnnotations),
    RouteLabels: kv(body.routeLabels),
    ExternalURL: body.externalURL,
  });
}

function alert(one: WebhookBody['alerts'][number]): GoStruct {
  return new GoStruct('template.Alert', {
    Status: one.status,
    Labels: kv(one.labels),
    Annotations: kv(one.annotations),
    StartsAt: time(one.startsAt),
    EndsAt: time(one.endsAt),
    GeneratorURL: one.generatorURL,
    Fingerprint: one.fingerprint,
  });
}

function time(text: string): GoTime {
  return new GoTime(text.startsWith('0001-') ? ZERO_TIME : Date.parse(text));
}

function alerts(type: string, items: readonly GoStruct[]): GoList {
  const ofStatus = (status: string) =>
    new GoFunc([], () =>
      alerts(
        '[]template.Alert',
        items.filter((item) => item.fields.Status === status),
      ),
    );
  const methods: Methods =
    type === 'template.Alerts' ? { Firing: ofStatus('firing'), Resolved: ofStatus('resolved') } : {};
  return new GoList(type, items, methods);
}

function kv(record: Readonly<Record<string, string>>): GoMap {
  const sorted = () => sortedPairs(record);
  const methods: Methods = {
    SortedPairs: new GoFunc([], () => pairs(sorted())),
    Names: new GoFunc([], () => strings(sorted().map(([name]) => name))),
    Values: new GoFunc([], () => strings(sorted().map(([, value]) => value))),
    Remove: new GoFunc(['[]string'], (names: GoList | undefined) =>
      kv(Object.fromEntries(sorted().filter(([name]) => !names?.items.includes(name)))),
    ),
    String: new GoFunc([], () => printPairs(sorted())),
  };
  return new GoMap('template.KV', new Map(Object.entries(record)), methods);
}

/** By name, `alertname` before all. */
function sortedPairs(record: Readonly<Record<string, string>>): [string, string][] {
  const first = (name: string) => (name === 'alertname' ? 0 : 1);
  return Object.entries(record).sort(([a], [b]) => first(a) - first(b) || compareUtf8(a, b));
}

function pairs(list: readonly [string, string][]): GoList {
  const items = list.map(([name, value]) => new GoStruct('template.Pair', { Name: name, Value: value }));
  return new GoList('template.Pairs', items, {
    Names: new GoFunc([], () => strings(list.map(([name]) => name))),
    Values: new GoFunc([], () => strings(list.map(([, value]) => value))),
    String: new GoFunc([], () => printPairs(list)),
  });
}

function printPairs(list: readonly [string, string][]): string {
  return list.map(([name, value]) => `${name}=${value}`).join(', ');
}

function strings(items: readonly string[]): GoList {
  return new GoList('template.Strings', items, {
    Join: new GoFunc(['string'], (separator: string) => items.join(separator)),
  });
}
