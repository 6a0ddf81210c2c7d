import { signal } from '@preact/signals';
import { remembered } from './remembered.ts';
import { closed, failureOf, signedOut } from './ask.ts';

const PATH = '/-/session';

/** Who is signed in with a session; undefined without a session, or where the server needs no credentials. */
export const signedInAs = signal<string | undefined>(undefined);

/** Whether this browser signed in here: only then there may be a session to ask for. */
const signedInHere = remembered('signed-in', false);

interface SessionAnswer {
  readonly data?: { readonly name?: string; readonly via?: string };
  readonly error?: string;
}

/** Asks who is signed in, where this browser signed in once. */
export async function loadSession(signal: AbortSignal): Promise<void> {
  if (!signedInHere.peek()) return;
  const response = await fetch(PATH, { signal, headers: { accept: 'application/json' } });
  const { data } = (await response.json().catch(() => ({}))) as SessionAnswer;
  signedInAs.value = response.ok && data?.via === 'session' ? (data.name ?? '') : undefined;
}

export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
}

/** Signs in by a cookie that no script can read. @throws {ApiFailure} where the credentials are refused. */
export async function signIn(credentials: Credentials): Promise<void> {
  const response = await fetch(PATH, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  const body = (await response.json().catch(() => ({}))) as SessionAnswer;
  if (!response.ok) throw failureOf(response, body.error);
  signedInHere.value = true;
  closed.value = new Map();
  signedOut.value = false;
}

/** Ends the session. What the page holds of the caller goes with the page. */
export async function signOut(): Promise<void> {
  await fetch(PATH, { method: 'DELETE', headers: { accept: 'application/json' } });
  signedInHere.value = false;
  location.assign('/');
}
