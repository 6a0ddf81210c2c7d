import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiFailure } from './ask.ts';

export interface Polled<T> {
  /** The newest answer, kept while a later question fails. */
  readonly data: T | undefined;
  readonly error: string;
  /** When `data` came; 0 = not yet. */
  readonly at: number;
}

const NOTHING = { data: undefined, error: '', at: 0 };

/**
 * Asks at once, whenever `keys` change, and then every `interval` ms while the page is looked at. One question at a
 * time is under way; after an answer that no repetition changes (401, 403) none follows until the page is looked at again.
 */
export function usePoll<T>(
  load: (signal: AbortSignal) => Promise<T>,
  interval: number,
  keys: readonly unknown[] = [],
): Polled<T> {
  const [state, setState] = useState<Polled<T>>(NOTHING);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asking = false;
    const turn = async () => {
      if (asking) return;
      asking = true;
      clearTimeout(timer);
      let wait = interval;
      try {
        const data = await latest.current(stop.signal);
        if (!stop.signal.aborted) setState({ data, error: '', at: Date.now() });
      } catch (error) {
        if (!stop.signal.aborted) setState((old) => ({ ...old, error: messageOf(error) }));
        wait = pauseAfter(error, interval);
      }
      asking = false;
      if (!stop.signal.aborted && !document.hidden && wait > 0) timer = setTimeout(() => void turn(), wait);
    };
    const onVisible = () => {
      if (document.hidden) clearTimeout(timer);
      else if (interval > 0) void turn();
    };
    document.addEventListener('visibilitychange', onVisible);
    void turn();
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [interval, ...keys]);

  return state;
}

/** Milliseconds until the next question after a failure; 0 = none follows. */
function pauseAfter(error: unknown, interval: number): number {
  if (!(error instanceof ApiFailure)) return interval;
  if (error.status === 401 || error.status === 403) return 0;
  return interval === 0 ? 0 : Math.max(interval, error.retryAfter * 1000);
}

export function messageOf(error: unknown): string {
  if (error instanceof TypeError) return 'The server does not answer. Is crowsnest running?';
  return error instanceof Error ? error.message : String(error);
}
