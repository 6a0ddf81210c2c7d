import type { Secret } from '../http-kind.ts';

/** One entry of `victorops_configs`. */
export interface VictoropsConfig {
  readonly key: Secret;
  readonly url: string;
  /** Templates. */
  readonly texts: Readonly<
    Record<'routing_key' | 'message_type' | 'state_message' | 'entity_display_name' | 'monitoring_tool', string>
  >;
  readonly fields: Readonly<Record<string, string>>;
}
