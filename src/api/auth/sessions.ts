import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Caller } from './callers.ts';
import type { Principal } from './principal.ts';
import { digest } from './secret-file.ts';

/** Milliseconds after the last request with it that a session ends, and the longest that one may last. */
const IDLE = 12 * 3_600_000;
const LONGEST = 7 * 24 * 3_600_000;

/** Beyond it the session that was used longest ago ends: some 200 bytes each. */
const MOST = 10_000;

interface Session {
  readonly caller: string;
  /** Digest of the secret at sign-in: a changed password or token ends the session. */
  readonly secret: Buffer;
  readonly since: number;
  used: number;
}

/**
 * Signed-in browsers, in memory: a restart signs everybody out. Kept by the digest of the cookie, so that a dump of memory or
 * a timing of the look-up gives no cookie away. In the order of their last use.
 */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns the cookie's value; undefined where the caller's secret went away meanwhile. */
  open(caller: Caller): string | undefined {
    const secret = caller.expected();
    if (secret === undefined) return undefined;
    const cookie = randomBytes(32).toString('base64url');
    const at = this.#now();
    this.#sessions.set(keyOf(cookie), { caller: caller.key, secret, since: at, used: at });
    for (const [oldest] of this.#sessions) {
      if (this.#sessions.size <= MOST) break;
      this.#sessions.delete(oldest);
    }
    return cookie;
  }

  /** Whose session it is; undefined for one that ended. */
  principal(cookie: string, callers: readonly Caller[]): Principal | undefined {
    const key = keyOf(cookie);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    this.#sessions.delete(key);
    const at = this.#now();
    const caller = callers.find((one) => one.key === session.caller);
    const secret = caller?.expected();
    const holds = secret !== undefined && timingSafeEqual(secret, session.secret);
    if (caller === undefined || !holds || at - session.used > IDLE || at - session.since > LONGEST) return undefined;
    session.used = at;
    this.#sessions.set(key, session);
    return { ...caller.principal, via: 'session' };
  }

  close(cookie: string): void {
    this.#sessions.delete(keyOf(cookie));
  }
}

function keyOf(cookie: string): string {
  return digest(cookie).toString('base64');
}

const COOKIE = 'crowsnest_session';

/** The session's cookie among those of a request; '' without. */
export function cookieIn(header: string | undefined): string {
  for (const part of (header ?? '').split(';')) {
    const [name, value = ''] = part.trim().split('=', 2);
    if (name === COOKIE) return value;
  }
  return '';
}

/** `Set-Cookie`: no script reads it, no other site's request carries it. '' signs out. */
export function cookieHeader(value: string, secure: boolean): string {
  const age = value === '' ? '; Max-Age=0' : '';
  return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}${age}`;
}
