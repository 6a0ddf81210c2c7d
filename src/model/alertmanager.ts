import type { Alert, MutedBy } from './alert.ts';
import type { Labels } from './labels.ts';
import type { Silence, SilenceDraft } from './silence.ts';

/** An alert as another program sends it. Times are milliseconds; 0 = not given. */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly generatorURL: string;
}

/** A firing alert with what routing makes of it. */
export interface RoutedAlert {
  readonly alert: Alert;
  /** When it was last put or sent, milliseconds. */
  readonly updatedAt: number;
  /** Names, in the order of the routes. */
  readonly receivers: readonly string[];
  readonly muted: MutedBy;
}

/** The alerts of one route with equal values of its `group_by` labels. */
export interface RoutedGroup {
  readonly labels: Labels;
  readonly receiver: string;
  readonly routeLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly RoutedAlert[];
}

/** The replicas that share silences and the notification log. */
export interface ClusterStatus {
  readonly name: string;
  readonly status: 'ready' | 'settling' | 'disabled';
  readonly peers: readonly { readonly name: string; readonly address: string }[];
}

/** What Alertmanager's API v2 shows and takes. */
export interface Alertmanager {
  /** Firing alerts by fingerprint. Their `mutedBy` is empty: time intervals belong to routes. */
  readonly alerts: () => RoutedAlert[];
  readonly groups: () => RoutedGroup[];
  /** Takes alerts; returns why each refused one was refused. The others are taken. */
  readonly post: (alerts: readonly PostedAlert[]) => string[];
  readonly silences: () => Silence[];
  /** @throws {SilenceFault}; {Error} where the disk refuses it. Returns the id. */
  readonly setSilence: (draft: SilenceDraft) => Promise<string>;
  /** Ends a silence. @throws {SilenceFault} where there is none of the id. */
  readonly expireSilence: (id: string) => Promise<void>;
  readonly receivers: () => { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  /** The routing file as YAML, secrets masked, without keys that Alertmanager lacks. */
  readonly config: () => string;
  /** Absent: it runs alone. */
  readonly cluster?: ClusterStatus;
  /** A test of labels against texts such as `severity=~"page|ticket"`. @throws {Error} for a text that is no matcher. */
  readonly labelTest: (matchers: readonly string[]) => (labels: Labels) => boolean;
}

/** Why a silence cannot be set. */
export interface SilenceFault extends Error {
  readonly reason: 'invalid' | 'unknown' | 'too_many';
}
