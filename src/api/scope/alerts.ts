import { compileMatch } from '../../lib/text/match.ts';
import type { Delivery, Notification } from '../../model/alert.ts';
import type { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { RuleGroupStatus } from '../../model/rule.ts';
import type { Alerts } from '../types.ts';

/** Notifications and events that are looked through for those within the scope. */
const LOOKED_THROUGH = 1000;

/** An error may name series, an address or a person outside the scope. */
const HIDDEN = 'not shown: it may name what is outside your scope';

/** Rules, alerts, their history and notifications whose labels satisfy all matchers. */
export function scopedAlerts(all: Alerts, matchers: readonly Matcher[]): Alerts {
  const test = labelTest(matchers);
  const belongs = ({ labels }: { readonly labels: Labels }): boolean => test((name) => labels.get(name));
  const ruleGroups = () => all.ruleGroups().flatMap((group) => scopedGroup(group, test));
  const alerts = () => all.alerts().filter(belongs);
  const notifications = async () =>
    (await all.notifications(LOOKED_THROUGH)).flatMap((one) => scopedNotification(one, belongs));
  return {
    ruleGroups,
    alerts,
    notifications: async (limit) => (await notifications()).slice(0, limit),
    async deliveries(limit) {
      const own = new Set((await notifications()).map(({ id }) => id));
      const found = (await all.deliveries(LOOKED_THROUGH)).filter(({ notification }) => own.has(notification));
      return found.slice(0, limit).map(scopedDelivery);
    },
    alertEvents: async (query) =>
      (await all.alertEvents({ ...query, limit: LOOKED_THROUGH })).filter(belongs).slice(0, query.limit),
    playbook: async (name) => (playbooksOf(ruleGroups()).has(name) ? all.playbook(name) : undefined),
  };
}

/** Whether labels, asked for by name, satisfy all matchers. */
export function labelTest(matchers: readonly Matcher[]): (label: (name: string) => string) => boolean {
  const tests = matchers.map(({ name, op, value }) => ({ name, test: compileMatch(op, value) }));
  return (label) => tests.every(({ name, test }) => test(label(name)));
}

/** Rules and alerts that carry the scope's labels; a rule with such an alert is shown with none but those. */
function scopedGroup(status: RuleGroupStatus, test: ReturnType<typeof labelTest>): RuleGroupStatus[] {
  const rules = status.rules.flatMap((rule) => {
    const alerts = rule.alerts.filter(({ labels }) => test((name) => labels.get(name)));
    const own = alerts.length > 0 || test((name) => rule.rule.labels[name] ?? '');
    return own ? [{ ...rule, alerts, lastError: rule.lastError === '' ? '' : HIDDEN }] : [];
  });
  return rules.length === 0 ? [] : [{ ...status, rules }];
}

function scopedNotification(
  notification: Notification,
  belongs: (alert: Notification['alerts'][number]) => boolean,
): Notification[] {
  const alerts = notification.alerts.filter(belongs);
  // The key holds the matchers of routes, which name others.
  return alerts.length === 0 ? [] : [{ ...notification, alerts, groupKey: '' }];
}

function scopedDelivery(delivery: Delivery): Delivery {
  const { lastError } = delivery;
  return { ...delivery, lastError: lastError === '' ? '' : HIDDEN, receipt: '' };
}

/** Playbooks that a visible rule leads to. */
function playbooksOf(groups: readonly RuleGroupStatus[]): Set<string> {
  const rules = groups.flatMap((group) => group.rules.map(({ rule }) => rule));
  return new Set(rules.flatMap((rule) => (rule.kind === 'alerting' ? [rule.alert, rule.annotations.playbook] : [])));
}
