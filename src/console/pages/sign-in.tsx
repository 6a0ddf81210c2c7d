import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../lib/poll.ts';
import { signIn } from '../lib/session.ts';
import { useTitle } from '../lib/title.ts';
import { Mark } from '../parts/mark.tsx';
import { Failure } from '../parts/state.tsx';

/** Asks once for a user and password, or for a token; the address stays, and is what one sees afterwards. */
export function SignInPage() {
  useTitle('Sign in');
  const [byToken, setByToken] = useState(false);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), [byToken]);
  const submit = async (event: Event) => {
    event.preventDefault();
    const fields = new FormData(form.current ?? undefined);
    const field = (name: string) => {
      const value = fields.get(name);
      return typeof value === 'string' ? value : '';
    };
    setBusy(true);
    setError('');
    try {
      await signIn(byToken ? { token: field('token') } : { username: field('username'), password: field('password') });
    } catch (failure) {
      setError(messageOf(failure));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <h1>
        <Mark /> Sign in to crowsnest
      </h1>
      <form ref={form} onSubmit={(event) => void submit(event)}>
        {byToken ? (
          <label>
            Token
            <input name="token" type="password" autocomplete="off" required />
          </label>
        ) : (
          <>
            <label>
              User
              <input name="username" autocomplete="username" autocapitalize="off" required />
            </label>
            <label>
              Password
              <input name="password" type="password" autocomplete="current-password" required />
            </label>
          </>
        )}
        <Failure error={error} />
        <button type="submit" class="primary" disabled={busy}>
          Sign in
        </button>
        <button type="button" class="more" onClick={() => setByToken(!byToken)}>
          {byToken ? 'with user and password' : 'with a token'}
        </button>
      </form>
    </main>
  );
}
