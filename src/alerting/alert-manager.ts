import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Service } from '../lib/run-group.ts';
import { type Complaint, InputError, formatComplaint } from '../lib/yaml.ts';
import type { Alert, Delivery, Notification, RecordAlertEvents } from '../model/alert.ts';
import type { Query } from '../model/query.ts';
import type { RuleGroup, RuleGroupStatus } from '../model/rule.ts';
import type { WriteSeries } from '../model/sample.ts';
import { parse } from '../promql/index.ts';
import { alertsOf } from './evaluate/alerts-of.ts';
import type { AlertingConfig } from './config.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { FieldDefaults } from './evaluate/enrich.ts';
import type { Change } from './evaluate/alert-state.ts';
import type { Readable } from './evaluate/group.ts';
import type { AlertEvaluator } from './evaluate/rule.ts';
import { fingerprintOf } from './fingerprint.ts';
import { History } from './history.ts';
import { alertsDropped, ruleFilesRefused, templateFailures } from './metrics.ts';
import { Notifier } from './receivers/notifier.ts';
import { BUILT_IN_TEMPLATES } from './receivers/templates.ts';
import { renderText } from './page/text.ts';
import { Outbox } from './outbox/outbox.ts';
import { type Playbook, type Playbooks, loadPlaybooks } from './playbooks.ts';
import { RuleManager } from './evaluate/rule-manager.ts';
import { loadRouting } from './routing/load.ts';
import { type Routing, consoleRouting } from './routing/routing.ts';
import { type LoadedRules, loadRules } from './rules/load.ts';

export interface AlertingOptions {
  readonly config: AlertingConfig;
  /** Folder of the configuration file: what relative paths start at. */
  readonly configDir: string;
  readonly query: Query;
  readonly write: WriteSeries;
  readonly readable: Readable;
  readonly recordEvents: RecordAlertEvents;
  /** Folder that keeps state and outbox. */
  readonly dataDir: string;
  /** Where people reach the console, for links: `https://crowsnest.example.org`. */
  readonly externalUrl: string;
  /** `$externalLabels` of templates; `region` and `datacenter` fill pages that nothing closer does. */
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly logger: Logger;
  /** Prints a page for the receiver `console`; without it the page is one line of the log. */
  readonly print?: (text: string) => void;
}

export interface Alerting extends Service {
  groups(): RuleGroupStatus[];
  /** Firing, and resolved not long ago: enriched. */
  alerts(): Alert[];
  /** Waiting first, then ended from new to old. */
  deliveries(): Delivery[];
  notifications(): Notification[];
  playbook(name: string): Playbook | undefined;
  /** The routing file as it is in use, secrets masked. */
  routing(): unknown;
  /**
   * Reads rules, routing and playbooks again. What has a fault stays as it was, file by file.
   * @throws {InputError} with every complaint, after the good files were taken.
   */
  reload(): Promise<void>;
}

/** rule → evaluate → enrich → route → outbox on disk → notify. */
export function createAlerting(options: AlertingOptions): Alerting {
  return new AlertManager(options);
}

class AlertManager implements Alerting {
  readonly name = 'alerting';
  readonly #options: AlertingOptions;
  readonly #clock: Clock;
  readonly #history: History;
  readonly #outbox: Outbox;
  readonly #rules: RuleManager;
  #playbooks: Playbooks = new Map();
  #routing: Routing = consoleRouting();
  #routingShown: unknown;
  #templates = BUILT_IN_TEMPLATES;
  #notifier: Notifier;
  #dispatch: Dispatcher;
  #groups: readonly RuleGroup[] = [];

  constructor(options: AlertingOptions) {
    const { config, logger, dataDir } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#history = new History(options.recordEvents, logger);
    this.#notifier = this.#createNotifier();
    this.#outbox = new Outbox({
      path: join(dataDir, 'outbox.jsonl'),
      deliver: (...args) => this.#notifier.deliver(...args),
      logger,
      clock: this.#clock,
      maxWaiting: config.outbox.max_waiting,
      giveUpAfter: config.outbox.give_up_after,
      history: config.outbox.history,
      dedupRetention: 120 * 3_600_000,
      onEnd: (notification, delivery) => this.#onEnd(notification, delivery),
    });
    this.#dispatch = this.#createDispatch();
    this.#rules = new RuleManager({
      context: {
        query: options.query,
        externalLabels: options.externalLabels,
        externalUrl: options.externalUrl,
        onTemplateError: (error) => {
          templateFailures.inc();
          logger.warn({ error }, 'template not expanded');
        },
      },
      write: options.write,
      readable: options.readable,
      logger,
      clock: this.#clock,
      stateFile: join(dataDir, 'alerts.json'),
      restore: { outageTolerance: config.outage_tolerance, gracePeriod: config.for_grace_period },
      onAlerts: (group, evaluator, changes, at) => this.#onAlerts(group, evaluator, changes, at),
    });
  }

  /** @throws {InputError} for a routing file that cannot be used; rule files with faults are left out and named in the log. */
  async start(): Promise<void> {
    const { config, configDir } = this.#options;
    this.#playbooks = await loadPlaybooks(resolve(configDir, config.playbooks));
    await this.#loadRouting();
    this.#dispatch = this.#createDispatch();
    const loaded = await this.#loadRules();
    this.#complain(loaded.complaints);
    this.#groups = loaded.groups;
    await this.#outbox.start();
    await this.#rules.start(this.#groups);
  }

  async stop(): Promise<void> {
    await this.#rules.stop();
    await this.#dispatch.stop();
    await this.#outbox.stop();
    this.#notifier.close();
    await this.#history.drained();
  }

  async reload(): Promise<void> {
    const { config, configDir } = this.#options;
    const complaints: Complaint[] = [];
    this.#playbooks = await loadPlaybooks(resolve(configDir, config.playbooks));
    try {
      await this.#loadRouting();
      this.#dispatch.reroute(this.#routing);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(...error.complaints);
    }
    const loaded = await this.#loadRules();
    const faulty = new Set(loaded.complaints.map((complaint) => complaint.file));
    const kept = this.#groups.filter((group) => faulty.has(group.file));
    this.#groups = [...loaded.groups, ...kept];
    await this.#rules.apply(this.#groups);
    complaints.push(...loaded.complaints);
    this.#complain(complaints);
    if (complaints.length > 0) throw new InputError(complaints);
  }

  groups(): RuleGroupStatus[] {
    return this.#rules.status();
  }

  alerts(): Alert[] {
    const now = this.#clock.now();
    return this.#rules
      .runners()
      .flatMap((runner) => runner.evaluators().flatMap((evaluator) => this.#alertsOf(runner.group, evaluator, now)));
  }

  deliveries(): Delivery[] {
    return this.#outbox.deliveries();
  }

  notifications(): Notification[] {
    return this.#outbox.notifications();
  }

  playbook(name: string): Playbook | undefined {
    return this.#playbooks.get(name);
  }

  routing(): unknown {
    return this.#routingShown;
  }

  #onAlerts(group: RuleGroup, evaluator: AlertEvaluator, changes: readonly Change[], at: number): void {
    for (const { kind, instance } of changes)
      this.#history.add(
        kind,
        [{ ...instance, fingerprint: fingerprintOf(instance.labels) }],
        at,
        `${group.file}:${evaluator.rule.line}`,
      );
    this.#dispatch.update(this.#alertsOf(group, evaluator, at));
  }

  #onEnd(notification: Notification, delivery: Delivery): void {
    const { state, integration, receipt, lastError } = delivery;
    this.#history.add(
      state === 'sent' ? 'sent' : 'failed',
      notification.alerts,
      this.#clock.now(),
      `${integration}: ${state === 'sent' ? receipt : lastError}`,
    );
    if (state === 'failed')
      this.#options.logger.error(
        { integration, notification: notification.id, error: lastError },
        'notification failed for good',
      );
  }

  #alertsOf(group: RuleGroup, evaluator: AlertEvaluator, at: number): Alert[] {
    return alertsOf(group, evaluator, at, (name) => this.#playbooks.has(name), this.#fieldDefaults());
  }

  #fieldDefaults(): FieldDefaults {
    const { config, externalLabels, externalUrl } = this.#options;
    const { owner, affected, region, datacenter } = config.fields;
    return {
      owner,
      affected,
      externalUrl,
      region: region || (externalLabels.region ?? ''),
      datacenter: datacenter || (externalLabels.datacenter ?? ''),
    };
  }

  #createDispatch(): Dispatcher {
    const { logger, config } = this.#options;
    return new Dispatcher(this.#routing, {
      outbox: this.#outbox,
      clock: this.#clock,
      maxAlerts: config.max_alerts,
      onDrop: (alert) => {
        alertsDropped.inc({ reason: 'too_many' });
        this.#history.add('dropped', [alert], this.#clock.now(), `more than ${config.max_alerts} alerts`);
      },
      onQueued: ({ alerts, reason, createdAt }, integration) =>
        this.#history.add('routed', alerts, createdAt, `${integration}: ${reason}`),
      onError: (error) => logger.error({ error: (error as Error).message }, 'routing failed'),
    });
  }

  #createNotifier(): Notifier {
    const { logger, externalUrl, print } = this.#options;
    return new Notifier({
      routing: this.#routing,
      page: () => ({
        externalUrl,
        now: this.#clock.now(),
        playbook: (name) => this.#playbooks.get(name),
        templates: this.#templates,
      }),
      print: (page, notification) => {
        logger.info(
          { receiver: notification.receiver, reason: notification.reason, playbook: page.fields.playbook },
          page.subject,
        );
        print?.(`${page.subject}\n${renderText(page)}`);
      },
    });
  }

  /** @throws {InputError}; nothing has changed then. */
  async #loadRouting(): Promise<void> {
    const { config, configDir } = this.#options;
    if (config.routing === undefined) return;
    const { routing, templates, shown } = await loadRouting(resolve(configDir, config.routing));
    this.#routing = routing;
    this.#templates = templates;
    this.#routingShown = shown;
    this.#notifier.close();
    this.#notifier = this.#createNotifier();
  }

  #loadRules(): Promise<LoadedRules> {
    const { config, configDir } = this.#options;
    return loadRules(config.rule_files, configDir, { parseExpr: parse, interval: config.evaluation_interval });
  }

  #complain(complaints: readonly Complaint[]): void {
    ruleFilesRefused.set(new Set(complaints.map((complaint) => complaint.file)).size);
    for (const complaint of complaints) this.#options.logger.error(formatComplaint(complaint));
  }
}
