import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { compareUtf8 } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { ActiveAlert, Rule, RuleGroupStatus, RuleStatus } from '../../model/rule.ts';
import { compileMatch } from '../../lib/text/match.ts';
import { success } from '../answers/answer.ts';
import { badParameter } from '../answers/errors.ts';
import { formatExponent, formatTime } from '../answers/format.ts';
import { documented } from '../openapi.ts';
import { matcherSets, paramsOf, parseBool } from '../requests/params.ts';
import type { ApiContext } from '../context.ts';
import type { QueryLanguage } from '../types.ts';

/** `rules`, `alerts` and `alertmanagers`. */
export function ruleRoutes(app: FastifyInstance, context: ApiContext): void {
  const parameters = {
    type: '`alert` or `record`',
    'rule_name[]': 'Rules of this name',
    'rule_group[]': 'Groups of this name',
    'file[]': 'Groups of this file',
    'match[]': 'Rules whose labels satisfy this selector',
    exclude_alerts: '`true` leaves the active alerts out',
    group_limit: 'The most groups',
    group_next_token: 'Where the last answer ended',
  };
  const print = printer(context.options.language);
  app.get(
    '/api/v1/rules',
    { config: { permission: 'query' }, schema: documented('Rule groups and what they found', parameters) },
    (request, reply) => {
      const groups = context.groupOf(request, 'alerts').ruleGroups().toSorted(byFileThenName);
      const params = paramsOf(request);
      const keep = ruleFilter(params, () => context.groupOf(request, 'language'));
      const withAlerts = !excludeAlerts(params);
      const page = pageOf(params);

      const files = new Set(params.getAll('file[]'));
      const names = new Set(params.getAll('rule_group[]'));
      const wanted = groups.filter(
        ({ group }) => (files.size === 0 || files.has(group.file)) && (names.size === 0 || names.has(group.name)),
      );
      const from = page.token === '' ? 0 : wanted.findIndex((group) => tokenOf(group) === page.token);
      if (from < 0)
        throw badParameter('group_next_token', `invalid group_next_token '${page.token}'. were rule groups changed?`);

      const shown: unknown[] = [];
      for (const group of wanted.slice(from)) {
        const rules = group.rules.filter(keep);
        if (rules.length === 0) continue;
        if (shown.length === page.limit) return success(reply, { groups: shown, groupNextToken: tokenOf(group) });
        shown.push(groupJson(group, rules, { print, withAlerts }));
      }
      return success(reply, { groups: shown });
    },
  );

  app.get(
    '/api/v1/alerts',
    { config: { permission: 'query' }, schema: documented('Alerts that are pending or firing') },
    (request, reply) => {
      const groups = context.groupOf(request, 'alerts').ruleGroups();
      return success(reply, {
        alerts: groups.flatMap(({ rules }) => rules.flatMap(({ alerts }) => alerts.map(alertJson))),
      });
    },
  );

  app.get(
    '/api/v1/alertmanagers',
    { config: { permission: 'query' }, schema: documented('Where alerts are sent') },
    (_, reply) =>
      success(reply, {
        activeAlertmanagers: [],
        droppedAlertmanagers: [],
      }),
  );
}

function byFileThenName({ group: a }: RuleGroupStatus, { group: b }: RuleGroupStatus): number {
  return compareUtf8(a.file, b.file) || compareUtf8(a.name, b.name);
}

function ruleFilter(params: URLSearchParams, language: () => QueryLanguage): (rule: RuleStatus) => boolean {
  const names = new Set(params.getAll('rule_name[]'));
  const sets = params.has('match[]') ? matcherSets(params, language(), { named: false }) : [];
  const type = (params.get('type') ?? '').toLowerCase();
  if (!['', 'alert', 'record'].includes(type))
    throw badParameter('type', `not supported value ${JSON.stringify(type)}`);
  const labelTests = sets.map(labelTest);
  return ({ rule }) =>
    (type === '' || (type === 'alert') === (rule.kind === 'alerting')) &&
    (names.size === 0 || names.has(nameOf(rule))) &&
    (labelTests.length === 0 || labelTests.some((test) => test(rule.labels)));
}

function labelTest(matchers: readonly Matcher[]): (labels: Rule['labels']) => boolean {
  const tests = matchers.map(({ name, op, value }) => ({ name, test: compileMatch(op, value) }));
  return (labels) => tests.every(({ name, test }) => test(labels[name] ?? ''));
}

function excludeAlerts(params: URLSearchParams): boolean {
  const text = (params.get('exclude_alerts') ?? '').toLowerCase();
  if (text === '') return false;
  const exclude = parseBool(text);
  if (exclude === undefined) {
    const cause = `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw badParameter('exclude_alerts', `error converting exclude_alerts: ${cause}`);
  }
  return exclude;
}

function pageOf(params: URLSearchParams): { readonly limit: number; readonly token: string } {
  const text = params.get('group_limit') ?? '';
  const token = params.get('group_next_token') ?? '';
  if (text === '') {
    if (token === '') return { limit: Infinity, token };
    throw badParameter('group_next_token', 'group_limit needs to be present in order to paginate over the groups');
  }
  if (!/^[+-]?\d+$/.test(text)) {
    const cause = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw badParameter('group_limit', `group_limit needs to be a valid number: ${cause}`);
  }
  if (Math.abs(Number(text)) >= 2 ** 31) {
    const cause = `strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`;
    throw badParameter('group_limit', `group_limit needs to be a valid number: ${cause}`);
  }
  if (Number(text) <= 0) throw badParameter('group_limit', 'group_limit needs to be greater than 0');
  return { limit: Number(text), token };
}

/** Names the group that the next page starts with. */
function tokenOf({ group }: RuleGroupStatus): string {
  return createHash('sha256').update(`${group.file};${group.name}`).digest('hex');
}

function nameOf(rule: Rule): string {
  return rule.kind === 'alerting' ? rule.alert : rule.record;
}

/** Prints each rule's expression once. */
function printer(language: QueryLanguage | undefined): (rule: Rule) => string {
  const printed = new WeakMap<Rule, string>();
  return (rule) => {
    if (language === undefined) return rule.expr;
    const text = printed.get(rule) ?? language.print(rule.expr);
    printed.set(rule, text);
    return text;
  };
}

interface Shown {
  readonly print: (rule: Rule) => string;
  readonly withAlerts: boolean;
}

function groupJson(status: RuleGroupStatus, rules: readonly RuleStatus[], shown: Shown) {
  const { group, lastEvaluation, evaluationTime } = status;
  return {
    name: group.name,
    file: group.file,
    rules: rules.map((rule) => ruleJson(rule, shown)),
    interval: group.interval / 1000,
    limit: group.limit,
    evaluationTime,
    lastEvaluation: formatTime(lastEvaluation),
  };
}

function ruleJson({ rule, ...status }: RuleStatus, { print, withAlerts }: Shown) {
  const common = {
    name: nameOf(rule),
    query: print(rule),
    labels: rule.labels,
    health: status.health,
    ...(status.lastError === '' ? {} : { lastError: status.lastError }),
    evaluationTime: status.evaluationTime,
    lastEvaluation: formatTime(status.lastEvaluation),
  };
  if (rule.kind === 'recording') return { ...common, type: 'recording' };
  return {
    ...common,
    state: status.lastEvaluation === 0 ? 'unknown' : status.state,
    duration: rule.for / 1000,
    keepFiringFor: rule.keepFiringFor / 1000,
    annotations: rule.annotations,
    alerts: withAlerts ? status.alerts.map(alertJson) : null,
    type: 'alerting',
  };
}

function alertJson({ labels, annotations, state, activeAt, value }: ActiveAlert) {
  return { labels, annotations, state, activeAt: formatTime(activeAt), value: formatExponent(value) };
}
