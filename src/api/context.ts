import type { FastifyRequest } from 'fastify';
import type { PreparedChange } from '../lib/lifecycle/reload.ts';
import { InputError } from '../lib/schema/yaml.ts';
import { ApiError } from './answers/errors.ts';
import { type Caller, callersOf, checkSecretFiles } from './auth/callers.ts';
import type { Principal, Scope } from './auth/principal.ts';
import { Sessions } from './auth/sessions.ts';
import type { ServerConfig } from './config.ts';
import { scoped } from './scope/scope.ts';
import type { ApiOptions, Groups } from './types.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls. Set before any handler runs. */
    principal: Principal;
  }
}

/** Words of the 501 for each group that may be absent. */
const LACKS: Readonly<Record<keyof Groups, string>> = {
  language: 'PromQL parser',
  queries: 'store of series',
  alerts: 'alerting',
  alertmanager: 'alert manager',
  targets: 'scraping',
  logs: 'store of logs',
  status: 'status to show',
  admin: 'store of series',
  lifecycle: 'configuration to reload',
  probe: 'black-box probes',
};

/** What all routes share: the groups, narrowed to the caller, and the configuration as it stands now. */
export class ApiContext {
  readonly options: ApiOptions;
  readonly now: () => number;
  readonly sessions: Sessions;
  #config: ServerConfig;
  #callers: readonly Caller[];
  /** By scope: callers with the same one share the functions. */
  readonly #scoped = new Map<string, Groups>();

  constructor(options: ApiOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.sessions = new Sessions(this.now);
    this.#config = options.config;
    this.#callers = callersOf(options.config, options.logger);
  }

  get config(): ServerConfig {
    return this.#config;
  }

  /** Empty: everybody may do everything. */
  get callers(): readonly Caller[] {
    return this.#callers;
  }

  /** A group of functions, narrowed to what the caller may see. @throws {ApiError} 501 where the process lacks it. */
  groupOf<K extends keyof Groups>(request: Pick<FastifyRequest, 'principal'>, name: K): NonNullable<Groups[K]> {
    const given = this.groups(request.principal.scope)[name];
    if (given === undefined) throw new ApiError('unavailable', `this crowsnest has no ${LACKS[name]}`);
    return given;
  }

  groups(scope: Scope | undefined): Groups {
    if (scope === undefined) return this.options;
    const key = JSON.stringify(scope);
    const known = this.#scoped.get(key);
    if (known !== undefined) return known;
    const made = scoped(this.options, scope);
    this.#scoped.set(key, made);
    return made;
  }

  /**
   * Tokens, users, tenants and limits of another configuration; sessions whose secret is still the same go on.
   * @throws {InputError} for what cannot change while the server runs.
   */
  prepare(config: ServerConfig): PreparedChange {
    refuseRestart(this.#config, config);
    checkSecretFiles(config);
    const callers = callersOf(config, this.options.logger);
    return {
      commit: () => {
        this.#config = config;
        this.#callers = callers;
        this.#scoped.clear();
      },
    };
  }
}

/** Keys that are read once, when the server starts. */
const FIXED = ['listen', 'upstream', 'use_start_timestamps', 'max_connections', 'max_body_bytes'] as const;

function refuseRestart(old: ServerConfig, next: ServerConfig): void {
  const complaints = FIXED.filter((key) => JSON.stringify(old[key]) !== JSON.stringify(next[key])).map((key) => ({
    file: '', line: 0, column: 0, path: `server.${key}`, message: 'a change needs a restart',
  })); // prettier-ignore
  if (complaints.length > 0) throw new InputError(complaints);
}
