import type { Secret } from '../http-kind.ts';

/** One entry of `opsgenie_configs`. */
export interface OpsgenieConfig {
  readonly key: Secret;
  readonly url: string;
  /** Templates. */
  readonly texts: Readonly<
    Record<'message' | 'description' | 'source' | 'entity' | 'actions' | 'tags' | 'note' | 'priority', string>
  >;
  readonly details: Readonly<Record<string, string>>;
  readonly responders: readonly Readonly<Record<'id' | 'name' | 'username' | 'type', string>>[];
  /** Whether message and description of an alert that is there already are brought up to date. */
  readonly updateAlerts: boolean;
}
