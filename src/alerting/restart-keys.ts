import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../lib/schema/yaml.ts';
import type { AlertingConfig } from './config.ts';

const RESTART_KEYS = ['outage_tolerance', 'for_grace_period', 'outbox', 'max_alerts'] as const;

/** @throws {InputError} naming the keys that changed and that a running process does not take over. */
export function refuseRestartKeys(from: AlertingConfig, to: AlertingConfig): void {
  const changed = RESTART_KEYS.filter((key) => !isDeepStrictEqual(from[key], to[key]));
  if (changed.length === 0) return;
  throw new InputError(
    changed.map((key) => ({
      file: 'configuration',
      line: 0,
      column: 0,
      path: `alerting.${key}`,
      message: 'changed; takes effect at the next start only',
    })),
  );
}
