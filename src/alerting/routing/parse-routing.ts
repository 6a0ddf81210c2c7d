import { validate, type z } from '../../lib/schema/schema.ts';
import { type Complaint, InputError, type Path, type YamlSource } from '../../lib/schema/yaml.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { TimeInterval } from '../mute/time-interval.ts';
import { FALLBACKS, type GlobalSettings, type Integration, globalSchema, placeOf } from '../receivers/kind.ts';
import { RECEIVER_KINDS } from '../receivers/registry.ts';
import { type LabelTest, compileMatchers, parseMatchers, printMatchers } from './matchers.ts';
import { DEFAULTS, type InhibitRule, RESOLVE_TIMEOUT, type Receiver, type Routing } from './routing.ts';
import {
  type InhibitNode, type RouteNode, fileSchema, inhibitSchema, namedIntervalsSchema, receiverSchema, routeSchema,
} from './schema.ts'; // prettier-ignore
import type { Route } from './tree.ts';
import { routingSource, sourceAt } from './yaml-source.ts';

/**
 * Reads an `alertmanager.yml`.
 * @throws {InputError} with every fault, in Alertmanager's words where it has some.
 */
export function parseRouting(text: string, file: string): Routing {
  return new RoutingBuilder(routingSource(text, file)).build();
}

/** Where the section has a fault, receivers are not blamed for what it may have set. */
const FAULTY_GLOBAL = globalSchema.parse({
  smtp_smarthost: 'localhost:25',
  smtp_from: 'nobody@localhost',
  ...Object.fromEntries(FALLBACKS.filter((key) => !key.endsWith('_file')).map((key) => [key, 'http://localhost'])),
});

class RoutingBuilder {
  readonly #source: YamlSource;
  readonly #complaints: Complaint[] = [];

  constructor(source: YamlSource) {
    this.#source = source;
  }

  build(): Routing {
    const content = this.#read([], fileSchema) ?? sectionsOf(this.#source.value);
    const global = this.#read(['global'], globalSchema) ?? FAULTY_GLOBAL;
    if (global !== FAULTY_GLOBAL) this.#checkGlobal(global);
    const receivers = new Map<string, Receiver>();
    content.receivers.forEach((_node, i) => this.#receiver(['receivers', i], global, receivers));
    const timeIntervals = this.#timeIntervals(content);
    const root = this.#root(content.route, { receivers, timeIntervals });
    const inhibitRules = content.inhibit_rules.map((_node, i) => this.#inhibit(['inhibit_rules', i]));
    if (this.#complaints.length > 0) throw new InputError(this.#complaints);
    return {
      route: root as Route,
      receivers,
      inhibitRules: inhibitRules.filter((rule) => rule !== undefined),
      timeIntervals,
      resolveTimeout: global.resolve_timeout ?? RESOLVE_TIMEOUT,
      templates: content.templates ?? [],
    };
  }

  #checkGlobal(global: GlobalSettings): void {
    const settings: Readonly<Record<string, unknown>> = global;
    for (const key of Object.keys(settings).filter((name) => settings[name] && settings[`${name}_file`]))
      this.#complain(['global'], `at most one of ${key} & ${key}_file must be configured`);
    const { slack_app_token, slack_app_token_file, slack_api_url, slack_api_url_file } = global;
    if ((slack_app_token || slack_app_token_file) && (slack_api_url || slack_api_url_file))
      this.#complain(
        ['global'],
        'at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured',
      );
  }

  /** The part at `path`; undefined where it does not fit its schema, which is complained about. */
  #read<T>(path: Path, schema: z.ZodType<T>): T | undefined {
    try {
      return validate(sourceAt(this.#source, path), schema);
    } catch (error) {
      this.#keep(error);
      return undefined;
    }
  }

  #keep(error: unknown): void {
    if (!(error instanceof InputError)) throw error;
    this.#complaints.push(...error.complaints);
  }

  #receiver(path: Path, global: GlobalSettings, receivers: Map<string, Receiver>): void {
    const node = this.#read(path, receiverSchema);
    const name = node?.name ?? nameOf(sourceAt(this.#source, path).value);
    if (name === undefined) return;
    if (receivers.has(name))
      this.#complain([...path, 'name'], `notification config name ${JSON.stringify(name)} is not unique`);
    // A receiver with a fault is known all the same: routes to it are not at fault.
    receivers.set(name, { name, labels: node?.labels ?? {}, integrations: this.#integrations(path, global) });
  }

  #integrations(path: Path, global: GlobalSettings): Integration[] {
    const found: Integration[] = [];
    for (const kind of RECEIVER_KINDS) {
      const entries = sourceAt(this.#source, [...path, kind.key]).value;
      for (let i = 0; i < (Array.isArray(entries) ? entries.length : 0); i++) {
        const source = sourceAt(this.#source, [...path, kind.key, i]);
        try {
          found.push(kind.read(source, placeOf(source, global, this.#complaints)));
        } catch (error) {
          this.#keep(error);
        }
      }
    }
    return found;
  }

  #complain(path: Path, message: string): void {
    this.#complaints.push(this.#source.complain(path, message));
  }

  #timeIntervals(content: z.infer<typeof fileSchema>): Map<string, readonly TimeInterval[]> {
    const found = new Map<string, readonly TimeInterval[]>();
    for (const key of ['mute_time_intervals', 'time_intervals'] as const) {
      for (let i = 0; i < content[key].length; i++) {
        const node = this.#read([key, i], namedIntervalsSchema);
        const name = node?.name ?? nameOf(sourceAt(this.#source, [key, i]).value);
        if (name === undefined) continue;
        if (found.has(name)) this.#complain([key, i, 'name'], `time interval ${JSON.stringify(name)} is not unique`);
        // One with a fault is known all the same: routes that name it are not at fault.
        found.set(name, node?.time_intervals ?? []);
      }
    }
    return found;
  }

  #root(present: unknown, known: Known): Route | undefined {
    if (present === undefined || present === null) {
      this.#complain([], 'no routes provided');
      return undefined;
    }
    const node = this.#read(['route'], routeSchema);
    if (node === undefined) return undefined;
    if (!node.receiver) this.#complain(['route'], 'root route must specify a default receiver');
    if (node.match || node.match_re || node.matchers)
      this.#complain(['route'], 'root route must not have any matchers');
    for (const key of ['mute_time_intervals', 'active_time_intervals'] as const)
      if (node[key]?.length) this.#complain(['route', key], `root route must not have any ${words(key)}`);
    return this.#route(node, ['route'], { key: '', receiver: '', groupBy: [], labels: {}, ...DEFAULTS }, known);
  }

  #route(node: RouteNode, path: Path, parent: Inherited, known: Known): Route {
    const matchers = this.#matchers(node.match, node.match_re, node.matchers, path, '');
    if (node.receiver && !known.receivers.has(node.receiver))
      this.#complain([...path, 'receiver'], `undefined receiver ${JSON.stringify(node.receiver)} used in route`);
    for (const key of ['group_interval', 'repeat_interval'] as const)
      if (node[key] === 0) this.#complain([...path, key], `${key} cannot be zero`);
    const own: Inherited = {
      key: parent.key === '' ? '{}' : `${parent.key}/${printMatchers(matchers.list)}`,
      receiver: node.receiver || parent.receiver,
      groupBy: this.#groupBy(node.group_by, [...path, 'group_by']) ?? parent.groupBy,
      groupWait: node.group_wait ?? parent.groupWait,
      groupInterval: node.group_interval ?? parent.groupInterval,
      repeatInterval: node.repeat_interval ?? parent.repeatInterval,
      labels: { ...parent.labels, ...node.labels },
    };
    return {
      ...own,
      matchers: matchers.list,
      test: matchers.test,
      continue: node.continue,
      muteTimeIntervals: this.#intervalNames(node, 'mute_time_intervals', path, known),
      activeTimeIntervals: this.#intervalNames(node, 'active_time_intervals', path, known),
      routes: (node.routes ?? []).map((child, i) => this.#route(child, [...path, 'routes', i], own, known)),
    };
  }

  #intervalNames(
    node: RouteNode,
    key: 'mute_time_intervals' | 'active_time_intervals',
    path: Path,
    { timeIntervals }: Known,
  ): readonly string[] {
    for (const [i, name] of (node[key] ?? []).entries())
      if (!timeIntervals.has(name))
        this.#complain([...path, key, i], `undefined time interval ${JSON.stringify(name)} used in route`);
    return node[key] ?? [];
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

  #inhibit(path: Path): InhibitRule | undefined {
    const node: InhibitNode | undefined = this.#read(path, inhibitSchema);
    if (node === undefined) return undefined;
    return {
      source: this.#matchers(node.source_match, node.source_match_re, node.source_matchers, path, 'source_').test,
      target: this.#matchers(node.target_match, node.target_match_re, node.target_matchers, path, 'target_').test,
      equal: node.equal ?? [],
    };
  }
}

/** What a route takes over from the one above where it says nothing itself. */
type Inherited = Pick<
  Route,
  'key' | 'receiver' | 'groupBy' | 'groupWait' | 'groupInterval' | 'repeatInterval' | 'labels'
>;

/** What routes may name. */
interface Known {
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly timeIntervals: ReadonlyMap<string, unknown>;
}

function words(key: string): string {
  return key.replaceAll('_', ' ');
}

/** The sections of a file that has a fault at the top, so that the faults within are reported as well. */
function sectionsOf(value: unknown): z.infer<typeof fileSchema> {
  const file = (value ?? {}) as Record<string, unknown>;
  const list = (section: unknown): unknown[] => (Array.isArray(section) ? section : []);
  return {
    route: file.route,
    receivers: list(file.receivers),
    inhibit_rules: list(file.inhibit_rules),
    time_intervals: list(file.time_intervals),
    mute_time_intervals: list(file.mute_time_intervals),
  };
}

function nameOf(node: unknown): string | undefined {
  const name = (node as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
