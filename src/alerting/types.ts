import type { Clock } from '../lib/time/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Reloadable } from '../lib/lifecycle/reload.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import type { Alert, Delivery, MutedBy, Notification, RecordAlertEvents } from '../model/alert.ts';
import type { Alertmanager } from '../model/alertmanager.ts';
import type { Query } from '../model/query.ts';
import type { RuleGroupStatus } from '../model/rule.ts';
import type { WriteSeries } from '../model/sample.ts';
import type { AlertingConfig } from './config.ts';
import type { Readable } from './evaluate/group.ts';
import type { Playbook } from './playbooks.ts';

export interface AlertingOptions {
  readonly config: AlertingConfig;
  /** Folder of the configuration file: what relative paths start at. */
  readonly configDir: string;
  readonly query: Query;
  /** Absent where nothing stores what rules return: recordings are then refused, and `ALERTS` is written nowhere. */
  readonly write?: WriteSeries;
  readonly readable: Readable;
  readonly recordEvents: RecordAlertEvents;
  /** Folder that keeps alert state, silences, notification log and outbox. */
  readonly dataDir: string;
  /** Where people reach the console, for links: `https://crowsnest.example.org`. */
  readonly externalUrl: string;
  /** On every alert that leaves, and `$externalLabels` of templates; `region` and `datacenter` fill pages that nothing closer does. */
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly logger: Logger;
  /** Prints a page for the receiver `console`; without it the page is one line of the log. */
  readonly print?: (text: string) => void;
}

export interface Alerting extends Service, Reloadable<AlertingConfig> {
  groups(): RuleGroupStatus[];
  /** Pending, firing, and resolved not long ago: with external labels and the fields of a page. */
  alerts(): Alert[];
  /** Who muted an alert when its group was last flushed. */
  mutedBy(fingerprint: string): MutedBy;
  /** Waiting first, then ended from new to old. */
  deliveries(): Delivery[];
  notifications(): Notification[];
  playbook(name: string): Playbook | undefined;
  /** The routing file as it is in use, secrets masked. */
  routing(): unknown;
  /** What Alertmanager's API shows and takes. */
  readonly alertmanager: Alertmanager;
}
