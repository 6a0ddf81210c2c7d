import { useEffect } from 'preact/hooks';
import { loadSession, signOut, signedInAs } from '../lib/session.ts';
import { clipped } from '../lib/text.ts';

/** The button that signs out; absent without a session. */
export function SignOut() {
  useEffect(() => {
    const stop = new AbortController();
    // Without an answer there is no session to end.
    loadSession(stop.signal).catch(() => undefined);
    return () => stop.abort();
  }, []);
  if (signedInAs.value === undefined) return null;
  return (
    <button type="button" class="link sign-out" onClick={() => void signOut()}>
      Sign out {clipped(signedInAs.value, 40)}
    </button>
  );
}
