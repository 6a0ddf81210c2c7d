import type { Matcher } from '../../model/matcher.ts';

/**
 * What a route asks of its caller; each route declares one in `config.permission`.
 *
 *   open    nothing: probes, sign-in, the console's files, which hold no data
 *   query   series, rules and alerts, as far as the caller's scope goes
 *   logs    log records, as far as the caller's scope goes
 *   system  what concerns the process as a whole: targets, configuration, files, metrics of its own
 *   write   ingest, reload
 *   admin   deletes and copies of stored data
 */
export type Permission = 'open' | 'query' | 'logs' | 'system' | 'write' | 'admin';

export type Role = 'read' | 'write' | 'admin' | 'tenant';

const EVERYTHING: readonly Permission[] = ['open', 'query', 'logs', 'system', 'write', 'admin'];

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  read: ['open', 'query', 'logs', 'system'],
  write: ['open', 'write'],
  admin: EVERYTHING,
  tenant: ['open', 'query'],
};

/** The part of the data that a caller may see. */
export interface Scope {
  /** On every series, rule and alert. */
  readonly matchers: readonly Matcher[];
  /** On the fields of every log source; absent: no logs at all. */
  readonly logMatchers?: readonly Matcher[];
}

/** Who calls: resolved once a request. */
export interface Principal {
  /** As answers and the audit log show it. */
  readonly name: string;
  readonly via: 'none' | 'token' | 'basic' | 'session';
  readonly roles: readonly Role[];
  readonly permissions: ReadonlySet<Permission>;
  /** Absent: everything. */
  readonly scope?: Scope;
}

export function principalOf(name: string, via: Principal['via'], roles: readonly Role[], scope?: Scope): Principal {
  const permissions = new Set(roles.flatMap((role) => PERMISSIONS[role]));
  if (scope?.logMatchers !== undefined) permissions.add('logs');
  return { name, via, roles, permissions, ...(scope === undefined ? {} : { scope }) };
}

/** Where nobody is configured, everybody may do everything. */
export const ANYBODY = principalOf('anybody', 'none', ['admin']);

/** A caller without valid credentials, who may use what is open. */
export const NOBODY: Principal = { name: 'nobody', via: 'none', roles: [], permissions: new Set(['open']) };
