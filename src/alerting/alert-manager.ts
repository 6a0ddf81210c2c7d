import { join } from 'node:path';
import { type Clock, systemClock } from '../lib/time/clock.ts';
import { LogOnce } from '../lib/logger.ts';
import type { PreparedChange } from '../lib/lifecycle/reload.ts';
import { type Complaint, InputError, formatComplaint } from '../lib/schema/yaml.ts';
import { type Alert, type Delivery, type MutedBy, type Notification, shownIntegration } from '../model/alert.ts';
import type { Alertmanager } from '../model/alertmanager.ts';
import type { Query } from '../model/query.ts';
import type { RuleGroup, RuleGroupStatus } from '../model/rule.ts';
import { createAlertmanager } from './alertmanager.ts';
import type { AlertingConfig } from './config.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { Change, Instance } from './evaluate/alert-state.ts';
import { AlertFactory } from './evaluate/alerts-of.ts';
import type { AlertEvaluator } from './evaluate/rule.ts';
import { RuleManager } from './evaluate/rule-manager.ts';
import { type AlertingFiles, loadFiles } from './files.ts';
import { fingerprintOf } from './fingerprint.ts';
import { History } from './history.ts';
import { alertsDropped, ruleFilesRefused } from './metrics.ts';
import { NOT_MUTED, describeMuted } from './mute/mute.ts';
import { Silences } from './mute/silences.ts';
import { NotificationLog } from './notification-log.ts';
import { Outbox } from './outbox/outbox.ts';
import { abortableQuery } from './page/abortable-query.ts';
import { askBurns } from './page/burn.ts';
import { type ObjectFields, createObjectFields } from './page/object-fields.ts';
import type { Page } from './page/page.ts';
import { renderForTerminal } from './page/text.ts';
import type { Playbook } from './playbooks.ts';
import { AlertProvider } from './provider.ts';
import { refuseRestartKeys } from './restart-keys.ts';
import type { Alerting, AlertingOptions } from './types.ts';
import { Notifier, type Outgoing } from './receivers/notifier.ts';
import { BUILT_IN_TEMPLATES } from './receivers/templates.ts';
import { consoleRouting } from './routing/routing.ts';
import { mailersOf } from './slo/report/due.ts';
import { ReportSchedule } from './slo/report/schedule.ts';

/** rule → evaluate → alert provider → dispatch → mute → notification log → outbox on disk → receivers. */
export function createAlerting(options: AlertingOptions): Alerting {
  return new AlertManager(options);
}

/** Milliseconds; an alert without a rule is settled within minutes and must not end by itself before that. */
const ORPHAN_INTERVAL = 10 * 60_000;

/** Files that nothing has been read of yet. */
const NO_FILES: AlertingFiles = {
  rules: { files: [], groups: [], complaints: [], unmatched: [] },
  routing: { routing: consoleRouting(), templates: BUILT_IN_TEMPLATES, shown: undefined, unmatched: [] },
  playbooks: new Map(),
};

class AlertManager implements Alerting {
  readonly name = 'alerting';
  readonly alertmanager: Alertmanager;
  readonly #options: AlertingOptions;
  readonly #clock: Clock;
  readonly #history: History;
  readonly #provider: AlertProvider;
  readonly #log: NotificationLog;
  readonly #outbox: Outbox;
  readonly #silences: Silences;
  readonly #rules: RuleManager;
  readonly #reports: ReportSchedule;
  readonly #pageQuery: Query;
  readonly #objects: ObjectFields;
  readonly #failedOnce = new LogOnce();
  #config: AlertingConfig;
  #files = NO_FILES;
  #factory: AlertFactory;
  #notifier: Notifier;
  #dispatcher: Dispatcher | undefined;

  constructor(options: AlertingOptions) {
    const { config, logger, dataDir } = options;
    this.#options = options;
    this.#config = config;
    this.#clock = options.clock ?? systemClock;
    this.#history = new History(options.recordEvents, logger);
    this.#pageQuery = abortableQuery(options.query);
    this.#objects = createObjectFields(this.#pageQuery);
    this.#factory = this.#createFactory();
    this.#notifier = this.#createNotifier();
    this.#provider = new AlertProvider({
      maxAlerts: config.max_alerts,
      onDrop: (alert) => {
        alertsDropped.inc({ reason: 'too_many' });
        this.#history.add('dropped', [alert], this.#clock.now(), `more than ${config.max_alerts} alerts`);
      },
    });
    this.#log = new NotificationLog({ path: join(dataDir, 'notification-log.jsonl'), logger, clock: this.#clock });
    this.#outbox = new Outbox({
      path: join(dataDir, 'outbox.jsonl'),
      deliver: (...args) => this.#notifier.deliver(...args),
      log: this.#log,
      logger,
      clock: this.#clock,
      maxWaiting: config.outbox.max_waiting,
      giveUpAfter: config.outbox.give_up_after,
      history: config.outbox.history,
      onEnd: (notification, delivery) => this.#onEnd(notification, delivery),
    });
    this.#silences = new Silences({ path: join(dataDir, 'silences.jsonl'), logger, clock: this.#clock });
    this.alertmanager = createAlertmanager({
      provider: this.#provider,
      silences: this.#silences,
      routing: () => this.#files.routing.routing,
      shown: () => this.#files.routing.shown,
      groups: () => this.#dispatcher?.groups() ?? [],
      enrich: (alert) => this.#factory.enrich(alert),
      onChange: (kind, alert, at) => this.#history.add(kind, [alert], at, 'sent to the API'),
      now: () => this.#clock.now(),
    });
    this.#rules = new RuleManager({
      context: { query: options.query, externalLabels: options.externalLabels, externalUrl: options.externalUrl },
      write: options.write ?? (async ({ values }) => ({ accepted: values.length, refused: {} })),
      readable: options.readable,
      logger,
      clock: this.#clock,
      stateFile: join(dataDir, 'alerts.json'),
      restore: { outageTolerance: config.outage_tolerance, gracePeriod: config.for_grace_period },
      onAlerts: (group, evaluator, changes, at) => this.#onAlerts(group, evaluator, changes, at),
      onOrphans: (instances, at) => this.#onOrphans(instances, at),
    });
    this.#reports = new ReportSchedule({
      query: options.query,
      mailers: (receiver) => mailersOf(this.#files.routing.routing, receiver),
      stateFile: join(dataDir, 'reports.json'),
      externalUrl: options.externalUrl,
      clock: this.#clock,
      logger,
    });
  }

  /** @throws {InputError} for a routing file that cannot be used; rule files with faults are left out and named in the log. */
  async start(): Promise<void> {
    const files = await this.#load(this.#config);
    this.#complain(files.rules.complaints);
    this.#use(files);
    await this.#silences.start();
    await this.#log.start();
    await this.#outbox.start();
    const dispatcher = this.#createDispatcher();
    this.#dispatcher = dispatcher;
    // Until it is known what fires, a page might go out for an alert that another one inhibits.
    dispatcher.hold();
    if (await this.#rules.start(files.rules.groups)) dispatcher.release();
    else this.#releaseWhenSettled(dispatcher);
    await this.#reports.start(this.#config.reports);
  }

  async stop(): Promise<void> {
    await this.#reports.stop();
    await this.#rules.stop();
    await this.#dispatcher?.stop();
    await this.#outbox.stop();
    await this.#log.stop();
    await this.#silences.stop();
    this.#notifier.close();
    await this.#history.drained();
  }

  /** Rules that did not change keep their state and schedule, groups of alerts their times. */
  async prepare(config: AlertingConfig): Promise<PreparedChange> {
    refuseRestartKeys(this.#config, config);
    const files = await this.#load(config);
    if (files.rules.complaints.length > 0) throw new InputError(files.rules.complaints);
    return {
      commit: () => {
        this.#config = config;
        this.#complain([]);
        this.#use(files);
        this.#dispatcher?.reroute(files.routing.routing);
        void this.#rules.apply(files.rules.groups);
        this.#reports.apply(config.reports);
      },
    };
  }

  groups(): RuleGroupStatus[] {
    return this.#rules.status();
  }

  alerts(): Alert[] {
    const now = this.#clock.now();
    return [
      ...this.#rules
        .runners()
        .flatMap((runner) => runner.evaluators().map((evaluator) => ({ group: runner.group, evaluator })))
        .flatMap(({ group, evaluator: { rule, instances } }) =>
          instances.all().map((instance) => this.#factory.alertOf({ instance, rule, interval: group.interval }, now)),
        ),
      ...this.#rules
        .orphans()
        .map((instance) => this.#factory.alertOf({ instance, rule: undefined, interval: ORPHAN_INTERVAL }, now)),
      ...this.#provider.all().filter(({ origin }) => origin === 'api'),
    ].map((alert) => this.#objects.known(alert));
  }

  mutedBy(fingerprint: string): MutedBy {
    return this.#dispatcher?.mutedBy(fingerprint) ?? NOT_MUTED;
  }

  deliveries(): Delivery[] {
    return this.#outbox.deliveries();
  }

  notifications(): Notification[] {
    return this.#outbox.notifications();
  }

  playbook(name: string): Playbook | undefined {
    return this.#files.playbooks.get(name);
  }

  routing(): unknown {
    return this.#files.routing.shown;
  }

  #load(config: AlertingConfig): Promise<AlertingFiles> {
    return loadFiles({ config, configDir: this.#options.configDir, writes: this.#options.write !== undefined });
  }

  #use(files: AlertingFiles): void {
    this.#files = files;
    this.#factory = this.#createFactory();
    this.#notifier.close();
    this.#notifier = this.#createNotifier();
  }

  #onAlerts(group: RuleGroup, evaluator: AlertEvaluator, changes: readonly Change[], at: number): void {
    for (const { kind, instance } of changes)
      this.#remember(kind, instance, at, `${group.file}:${evaluator.rule.line}`);
    const fired = evaluator.instances.all().filter(({ firedAt, state }) => firedAt > 0 && state !== 'pending');
    // What one rule no longer returns may be what another does.
    const own = fired.filter(
      ({ state, labels }) => state === 'firing' || this.#rules.stateOf(labels, evaluator) !== 'firing',
    );
    this.#provider.put(
      own.map((instance) => this.#factory.alertOf({ instance, rule: evaluator.rule, interval: group.interval }, at)),
      at,
    );
  }

  #onOrphans(instances: readonly Instance[], at: number): void {
    for (const instance of instances)
      if (instance.state === 'inactive') this.#remember('resolved', instance, at, 'its rule is gone');
    this.#provider.put(
      instances.map((instance) => this.#factory.alertOf({ instance, rule: undefined, interval: ORPHAN_INTERVAL }, at)),
      at,
    );
  }

  #remember(kind: Change['kind'], instance: Instance, at: number, detail: string): void {
    const labels = this.#factory.labelsOf(instance.labels);
    this.#history.add(kind, [{ labels, fingerprint: fingerprintOf(labels), value: instance.value }], at, detail);
  }

  #onEnd(notification: Notification, delivery: Delivery): void {
    const { state, integration, receipt, lastError } = delivery;
    if (state === 'waiting') return;
    const detail = `${shownIntegration(integration)}: ${state === 'sent' ? receipt : lastError}`;
    this.#history.add(state, notification.alerts, this.#clock.now(), detail);
    this.#dispatcher?.ended(notification.id, state === 'sent');
    if (state === 'sent') this.#failedOnce.clear(integration);
    if (state === 'failed' && this.#failedOnce.fresh(integration, lastError))
      this.#options.logger.error(
        { integration: shownIntegration(integration), notification: notification.id, error: lastError },
        'notification failed; tried again at the next group_interval',
      );
  }

  #releaseWhenSettled(dispatcher: Dispatcher): void {
    if (this.#rules.settled) return dispatcher.release();
    this.#clock.after(1000, () => this.#releaseWhenSettled(dispatcher));
  }

  #createFactory(): AlertFactory {
    const { externalLabels, externalUrl } = this.#options;
    const { owner, affected, region, datacenter } = this.#config.fields;
    return new AlertFactory({
      externalLabels,
      hasPlaybook: (name) => this.#files.playbooks.has(name),
      defaults: {
        owner,
        affected,
        externalUrl,
        region: region || (externalLabels.region ?? ''),
        datacenter: datacenter || (externalLabels.datacenter ?? ''),
      },
    });
  }

  #createDispatcher(): Dispatcher {
    const { logger } = this.#options;
    return new Dispatcher(this.#files.routing.routing, {
      provider: this.#provider,
      log: this.#log,
      outbox: this.#outbox,
      silences: this.#silences,
      clock: this.#clock,
      onQueued: ({ alerts, reason, createdAt }, integration) =>
        this.#history.add('routed', alerts, createdAt, `${shownIntegration(integration)}: ${reason}`),
      onMuted: (alert, by, at) => this.#history.add('muted', [alert], at, describeMuted(by)),
      onError: (error) => logger.error({ error: (error as Error).message }, 'dispatch failed'),
    });
  }

  #createNotifier(): Notifier {
    return new Notifier(this.#files.routing.routing, (notification, integration) =>
      this.#prepareToSend(notification, integration),
    );
  }

  async #prepareToSend(notification: Notification, integration: string): Promise<Outgoing> {
    const { logger, externalUrl, print } = this.#options;
    const now = this.#clock.now();
    const [alerts, burns] = await Promise.all([
      this.#objects.complete(notification.alerts, now),
      askBurns(notification.alerts, this.#pageQuery, now),
    ]);
    const context = {
      externalUrl,
      now,
      playbook: (name: string) => this.#files.playbooks.get(name),
      templates: this.#files.routing.templates,
      burns,
      heard: (fingerprint: string) =>
        this.#log.get(integration, notification.groupKey)?.firing.includes(fingerprint) ?? false,
      print: (page: Page, { receiver, reason }: Notification) => {
        logger.info({ receiver, reason, playbook: page.fields.playbook }, page.subject);
        print?.(renderForTerminal(page));
      },
    };
    return { notification: { ...notification, alerts }, context };
  }

  #complain(complaints: readonly Complaint[]): void {
    ruleFilesRefused.set(new Set(complaints.map((complaint) => complaint.file)).size);
    for (const complaint of complaints) this.#options.logger.error(formatComplaint(complaint));
  }
}
