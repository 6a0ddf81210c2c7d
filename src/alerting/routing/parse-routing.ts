import { dirname, isAbsolute, join } from 'node:path';
import { validate } from '../../lib/schema.ts';
import { type Complaint, InputError, type Path, type YamlSource, parseYaml } from '../../lib/yaml.ts';
import type { Matcher } from '../../model/matcher.ts';
import { checkTemplate } from '../receivers/templates.ts';
import { isText } from '../rules/texts.ts';
import { type LabelTest, compileMatchers, parseMatchers, printMatchers } from './matchers.ts';
import {
  type EmailNode,
  type GlobalNode,
  type InhibitNode,
  type RouteNode,
  type WebhookNode,
  routingFileSchema,
} from './schema.ts';
import {
  DEFAULTS,
  type EmailIntegration,
  type InhibitRule,
  type Integration,
  type Receiver,
  type Routing,
  type WebhookIntegration,
} from './routing.ts';
import type { Route } from './tree.ts';

/**
 * Reads an `alertmanager.yml`.
 * @throws {InputError} with every fault, in Alertmanager's words where it has some.
 */
export function parseRouting(text: string, file: string): Routing {
  const source = parseYaml(text, file).withTexts(isText);
  return new RoutingBuilder(source).build();
}

class RoutingBuilder {
  readonly #source: YamlSource;
  readonly #complaints: Complaint[] = [];

  constructor(source: YamlSource) {
    this.#source = source;
  }

  build(): Routing {
    const content = validate(this.#source, routingFileSchema);
    const receivers = new Map<string, Receiver>();
    content.receivers.forEach((node, i) => {
      if (receivers.has(node.name))
        this.#complain(['receivers', i, 'name'], `notification config name ${JSON.stringify(node.name)} is not unique`);
      receivers.set(node.name, { name: node.name, integrations: [
        ...node.email_configs.map((email, j) => this.#email(email, content.global, ['receivers', i, 'email_configs', j])),
        ...node.webhook_configs.map((webhook, j) => this.#webhook(webhook, content.global, ['receivers', i, 'webhook_configs', j])),
        ...node.console_configs.map((console): Integration => ({ kind: 'console', sendResolved: console.send_resolved })),
      ] }); // prettier-ignore
    });
    const { global } = content;
    if (global.smtp_auth_password !== undefined && global.smtp_auth_password_file !== undefined)
      this.#complain(['global'], 'at most one of smtp_auth_password & smtp_auth_password_file must be configured');
    const root = this.#root(content.route, receivers);
    const inhibitRules = content.inhibit_rules.map((node, i) => this.#inhibit(node, ['inhibit_rules', i]));
    if (this.#complaints.length > 0) throw new InputError(this.#complaints);
    return { route: root as Route, receivers, inhibitRules, templates: content.templates ?? [] };
  }

  #complain(path: Path, message: string): void {
    this.#complaints.push(this.#source.complain(path, message));
  }

  #root(node: RouteNode | undefined, receivers: ReadonlyMap<string, Receiver>): Route | undefined {
    if (node === undefined) {
      this.#complain([], 'no routes provided');
      return undefined;
    }
    if (!node.receiver) this.#complain(['route'], 'root route must specify a default receiver');
    if (node.match || node.match_re || node.matchers)
      this.#complain(['route'], 'root route must not have any matchers');
    return this.#route(node, ['route'], { key: '', receiver: '', groupBy: [], ...DEFAULTS }, receivers);
  }

  #route(
    node: RouteNode,
    path: Path,
    parent: Pick<Route, 'key' | 'receiver' | 'groupBy' | 'groupWait' | 'groupInterval' | 'repeatInterval'>,
    receivers: ReadonlyMap<string, Receiver>,
  ): Route {
    const matchers = this.#matchers(node.match, node.match_re, node.matchers, path, '');
    if (node.receiver && !receivers.has(node.receiver))
      this.#complain([...path, 'receiver'], `undefined receiver ${JSON.stringify(node.receiver)} used in route`);
    for (const key of ['group_interval', 'repeat_interval'] as const)
      if (node[key] === 0) this.#complain([...path, key], `${key} cannot be zero`);
    const own = {
      key: parent.key === '' ? '{}' : `${parent.key}/${printMatchers(matchers.list)}`,
      receiver: node.receiver || parent.receiver,
      groupBy: this.#groupBy(node.group_by, [...path, 'group_by']) ?? parent.groupBy,
      groupWait: node.group_wait ?? parent.groupWait,
      groupInterval: node.group_interval ?? parent.groupInterval,
      repeatInterval: node.repeat_interval ?? parent.repeatInterval,
    };
    return {
      ...own,
      matchers: matchers.list,
      test: matchers.test,
      continue: node.continue,
      routes: (node.routes ?? []).map((child, i) => this.#route(child, [...path, 'routes', i], own, receivers)),
    };
  }

  #groupBy(names: readonly string[] | null | undefined, path: Path): Route['groupBy'] | undefined {
    if (!names || names.length === 0) return undefined;
    if (new Set(names).size < names.length) this.#complain(path, `duplicated label in group_by`);
    if (!names.includes('...')) return names;
    if (names.length > 1)
      this.#complain(path, 'cannot have wildcard group_by (`...`) and other other labels at the same time');
    return 'all';
  }

  #matchers(
    equal: Readonly<Record<string, string>> | null | undefined,
    regex: Readonly<Record<string, string>> | null | undefined,
    texts: readonly string[] | null | undefined,
    path: Path,
    prefix: 'source_' | 'target_' | '',
  ): { list: readonly Matcher[]; test: LabelTest } {
    const list: Matcher[] = [
      ...Object.entries(equal ?? {}).map(([name, value]): Matcher => ({ name, op: '=', value })),
      ...Object.entries(regex ?? {}).map(([name, value]): Matcher => ({ name, op: '=~', value })),
    ];
    for (const [i, text] of (texts ?? []).entries()) {
      try {
        list.push(...parseMatchers(text));
      } catch (error) {
        this.#complain([...path, `${prefix}matchers`, i], (error as Error).message);
      }
    }
    try {
      return { list, test: compileMatchers(list) };
    } catch (error) {
      this.#complain(path, `a matcher's regular expression: ${(error as Error).message}`);
      return { list, test: () => false };
    }
  }

  #inhibit(node: InhibitNode, path: Path): InhibitRule {
    return {
      source: this.#matchers(node.source_match, node.source_match_re, node.source_matchers, path, 'source_').test,
      target: this.#matchers(node.target_match, node.target_match_re, node.target_matchers, path, 'target_').test,
      equal: node.equal ?? [],
    };
  }

  #email(node: EmailNode, global: GlobalNode, path: Path): EmailIntegration {
    const smarthost = node.smarthost ?? global.smtp_smarthost ?? '';
    const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(smarthost);
    if (smarthost === '') this.#complain(path, 'no global SMTP smarthost set');
    else if (match === null)
      this.#complain([...path, 'smarthost'], `expected host:port, not ${JSON.stringify(smarthost)}`);
    const from = node.from ?? global.smtp_from ?? '';
    if (from === '') this.#complain(path, 'no global SMTP from set');
    if (node.to === '') this.#complain([...path, 'to'], 'missing to address in email config');
    if (node.auth_password !== undefined && node.auth_password_file !== undefined)
      this.#complain(path, 'at most one of auth_password & auth_password_file must be configured');
    for (const [name, text] of Object.entries({ ...node.headers, html: node.html, text: node.text }))
      this.#template(text ?? '', [...path, name in (node.headers ?? {}) ? 'headers' : name]);
    const own = node.auth_password !== undefined || node.auth_password_file !== undefined;
    return {
      kind: 'email',
      sendResolved: node.send_resolved,
      to: node.to,
      from,
      hello: node.hello ?? global.smtp_hello ?? 'localhost',
      host: match?.[1] ?? match?.[2] ?? '',
      port: Number(match?.[3] ?? 0),
      username: node.auth_username ?? global.smtp_auth_username ?? '',
      password: (own ? node.auth_password : global.smtp_auth_password) ?? '',
      passwordFile: this.#pathOf((own ? node.auth_password_file : global.smtp_auth_password_file) ?? ''),
      requireTls: node.require_tls ?? global.smtp_require_tls ?? true,
      tls: node.tls_config ?? global.smtp_tls_config,
      headers: node.headers ?? {},
      html: node.html ?? '',
      text: node.text ?? '',
    };
  }

  #template(text: string, path: Path): void {
    try {
      checkTemplate(text);
    } catch (error) {
      this.#complain(path, (error as Error).message);
    }
  }

  #webhook(node: WebhookNode, global: GlobalNode, path: Path): WebhookIntegration {
    if (!node.url && !node.url_file) this.#complain(path, 'one of url or url_file must be configured');
    if (node.url && node.url_file) this.#complain(path, 'at most one of url & url_file must be configured');
    if (node.url && !/^https?:\/\/[^/]/.test(node.url))
      this.#complain([...path, 'url'], 'expected an http or https URL');
    return {
      kind: 'webhook',
      sendResolved: node.send_resolved,
      url: node.url ?? '',
      urlFile: this.#pathOf(node.url_file ?? ''),
      maxAlerts: node.max_alerts,
      timeout: node.timeout ?? 30_000,
      http: node.http_config ?? global.http_config ?? {},
    };
  }

  /** A relative path starts at the folder of the routing file. */
  #pathOf(path: string): string {
    return path === '' || isAbsolute(path) ? path : join(dirname(this.#source.file), path);
  }
}
