import { signal } from '@preact/signals';

export const OWN = '/api/crowsnest/v1';

/** An answer that is no success, with the server's own message. */
export class ApiFailure extends Error {
  readonly status: number;
  /** Seconds after which another try may help; 0 where the server names none. */
  readonly retryAfter: number;

  constructor(status: number, message: string, retryAfter = 0) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

interface Envelope<T> {
  readonly status: 'success' | 'error';
  readonly data: T;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

export type Params = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** A longer query is sent as a form: proxies and servers bound the length of an address. */
const LONGEST_ADDRESS = 6000;

/** True while the server asks for credentials that this page does not have. */
export const signedOut = signal(false);

/** What the caller may not see, by path, with the server's message. It is asked for once in the life of a page. */
export const closed = signal<ReadonlyMap<string, string>>(new Map());

/** Paths of what this process does not have (501). They are asked again: another process may take over the address. */
export const absent = signal<ReadonlySet<string>>(new Set());

/** @throws {ApiFailure} for an answer that is no success. */
export async function ask<T>(path: string, params: Params, signal?: AbortSignal): Promise<Envelope<T>> {
  const text = encoded(params);
  const asForm = text.length > LONGEST_ADDRESS;
  const response = await fetch(text === '' || asForm ? path : `${path}?${text}`, {
    ...(asForm ? { method: 'POST', body: new URLSearchParams(text) } : {}),
    signal,
    headers: { accept: 'application/json' },
  });
  const body = (await response.json().catch(() => ({ status: 'error' }))) as Envelope<T>;
  if (body.status !== 'success') throw failureOf(response, body.error);
  signedOut.value = false;
  return body;
}

/** Returns the failure that an answer means, and notes where the server asks for credentials. */
export function failureOf(response: Response, message?: string): ApiFailure {
  if (response.status === 401) signedOut.value = true;
  const retryAfter = Number(response.headers.get('retry-after') ?? 0);
  return new ApiFailure(
    response.status,
    message ?? `${response.status} ${response.statusText}`,
    Number.isFinite(retryAfter) ? retryAfter : 0,
  );
}

function encoded(params: Params): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (Array.isArray(value)) for (const one of value as readonly string[]) query.append(name, one);
    else if (value !== undefined) query.set(name, String(value));
  }
  return query.toString();
}

export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return (await ask<T>(path, params, signal)).data;
}

/**
 * Like `get`, but returns `fallback` for what the process does not have (501) and for what the caller may not see (403).
 * They are remembered in `absent` and in `closed`; what is closed is not asked for again.
 */
export async function getOr<T>(fallback: T, path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  if (closed.peek().has(path)) return fallback;
  try {
    const data = await get<T>(path, params, signal);
    noteAbsent(path, false);
    return data;
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    noteAbsent(path, error.status === 501);
    if (error.status === 403) closed.value = new Map([...closed.peek(), [path, error.message]]);
    if (error.status === 403 || error.status === 501) return fallback;
    throw error;
  }
}

function noteAbsent(path: string, isAbsent: boolean): void {
  const known = absent.peek();
  if (known.has(path) === isAbsent) return;
  absent.value = new Set(isAbsent ? [...known, path] : [...known].filter((one) => one !== path));
}
