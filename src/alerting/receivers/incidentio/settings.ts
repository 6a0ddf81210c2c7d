import type { Secret } from '../http-kind.ts';

/** One entry of `incidentio_configs`. */
export interface IncidentioConfig {
  readonly url: Secret;
  /** Empty: the `authorization` of `http_config` is used. */
  readonly token: Secret;
  /** 0 = all. */
  readonly maxAlerts: number;
}
