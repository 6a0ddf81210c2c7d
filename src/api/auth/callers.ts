import { accessSync, constants } from 'node:fs';
import { timingSafeEqual } from 'node:crypto';
import type { Logger } from '../../lib/logger.ts';
import { InputError } from '../../lib/schema/yaml.ts';
import type { ServerConfig } from '../config.ts';
import { type Principal, type Role, type Scope, principalOf } from './principal.ts';
import { SecretFile, digest } from './secret-file.ts';

/** What a request or a sign-in offers to say who it is. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string };

/** One way in: a token, or a user with a password, and whom it identifies. */
export interface Caller {
  /** Names the entry of the configuration; stays the same over a reload. */
  readonly key: string;
  readonly principal: Principal;
  /** Digest of what it takes now; undefined while its file has no secret. */
  expected(): Buffer | undefined;
}

/** All ways in that the configuration names. */
export function callersOf({ auth, tenants }: ServerConfig, logger?: Logger): Caller[] {
  const tokens = auth.tokens.map(({ file, access }) => tokenCaller(file, 'this token', access, undefined, logger));
  const users = auth.users.map(({ username, password_file: file, access }) =>
    userCaller({ username, file, name: username, roles: access, logger }),
  );
  const scoped = tenants.flatMap(({ name: tenant, token_file, username, password_file, matchers, log_matchers }) => {
    const name = `tenant ${tenant}`;
    const scope: Scope = { matchers, ...(log_matchers === undefined ? {} : { logMatchers: log_matchers }) };
    return [
      ...(token_file === undefined ? [] : [tokenCaller(token_file, name, ['tenant'], scope, logger)]),
      ...(username === undefined || password_file === undefined
        ? []
        : [userCaller({ username, file: password_file, name, roles: ['tenant'], scope, logger })]),
    ];
  });
  return [...tokens, ...users, ...scoped];
}

/** @throws {InputError} for a file of a secret that is not there: said at the start and by a reload, not first by a refusal. */
export function checkSecretFiles({ auth, tenants }: ServerConfig): void {
  const files = [
    ...auth.tokens.map(({ file }, i) => [`server.auth.tokens[${i}].file`, file] as const),
    ...auth.users.map(({ password_file }, i) => [`server.auth.users[${i}].password_file`, password_file] as const),
    ...tenants.flatMap(({ token_file, password_file }, i) => [
      [`server.tenants[${i}].token_file`, token_file] as const,
      [`server.tenants[${i}].password_file`, password_file] as const,
    ]),
  ];
  const complaints = files.flatMap(([path, file]) => {
    const message = file === undefined ? undefined : unreadable(file);
    return message === undefined ? [] : [{ file: file ?? '', line: 0, column: 0, path, message }];
  });
  if (complaints.length > 0) throw new InputError(complaints);
}

function unreadable(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'no such file' : 'cannot be read';
  }
}

function tokenCaller(file: string, name: string, roles: readonly Role[], scope?: Scope, logger?: Logger): Caller {
  const secret = new SecretFile(file, logger);
  return {
    key: `token ${file}`,
    principal: principalOf(name, 'token', roles, scope),
    expected: () => digestOf(secret, (token) => ({ kind: 'token', token })),
  };
}

interface User {
  readonly username: string;
  readonly file: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly scope?: Scope;
  readonly logger?: Logger;
}

function userCaller({ username, file, name, roles, scope, logger }: User): Caller {
  const secret = new SecretFile(file, logger);
  return {
    key: `user ${username} ${file}`,
    principal: principalOf(name, 'basic', roles, scope),
    expected: () => digestOf(secret, (password) => ({ kind: 'basic', username, password })),
  };
}

function digestOf(file: SecretFile, credentials: (secret: string) => Credentials): Buffer | undefined {
  const secret = file.read();
  return secret === undefined ? undefined : digestOfCredentials(credentials(secret));
}

export function digestOfCredentials(credentials: Credentials): Buffer {
  const { kind } = credentials;
  return digest(JSON.stringify(kind === 'token' ? [credentials.token] : [credentials.username, credentials.password]));
}

/** The caller with these credentials; undefined where there is none. */
export function callerWith(callers: readonly Caller[], credentials: Credentials): Caller | undefined {
  const given = digestOfCredentials(credentials);
  return callers.find((caller) => {
    const expected = caller.expected();
    return expected !== undefined && timingSafeEqual(given, expected);
  });
}

/** Reads an `Authorization` header; undefined for one that is neither a bearer token nor basic. */
export function credentialsIn(header: string): Credentials | undefined {
  const found = /^(bearer|basic) +(\S+) *$/i.exec(header);
  if (found === null) return undefined;
  const [, scheme, rest] = found;
  if (scheme.toLowerCase() === 'bearer') return { kind: 'token', token: rest };
  const text = Buffer.from(rest, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { kind: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
}
