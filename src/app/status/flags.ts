import { formatDuration } from '../../lib/time/duration.ts';
import type { Config } from '../config.ts';

/** The settings that Prometheus has flags for, under its names: what `/api/v1/status/flags` shows. */
export function flagsOf({ server, store, alerting, log_level }: Config): Readonly<Record<string, string>> {
  return {
    'log.level': log_level,
    'query.timeout': formatDuration(server.query_timeout),
    'rules.alert.for-grace-period': formatDuration(alerting.for_grace_period),
    'rules.alert.for-outage-tolerance': formatDuration(alerting.outage_tolerance),
    'web.enable-admin-api': String(server.admin_api),
    'web.external-url': server.external_url,
    'web.listen-address': server.listen,
    ...(server.upstream === undefined
      ? {
          'storage.tsdb.path': store.path,
          'storage.tsdb.retention.size': `${store.max_size}B`,
          'storage.tsdb.retention.time': formatDuration(store.retention),
          'web.enable-otlp-receiver': 'true',
          'web.enable-remote-write-receiver': 'true',
        }
      : {}),
  };
}
