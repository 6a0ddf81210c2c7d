import { useEffect, useRef, useState } from 'preact/hooks';

export interface Polled<T> {
  /** The newest answer, kept while a later question fails. */
  readonly data: T | undefined;
  readonly error: string;
  /** When `data` came; 0 = not yet. */
  readonly at: number;
}

/** Asks at once, whenever `keys` change, and then every `interval` ms while the page is looked at. */
export function usePoll<T>(
  load: (signal: AbortSignal) => Promise<T>,
  interval: number,
  keys: readonly unknown[] = [],
): Polled<T> {
  const [state, setState] = useState<Polled<T>>({ data: undefined, error: '', at: 0 });
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const turn = async () => {
      clearTimeout(timer);
      try {
        const data = await latest.current(stop.signal);
        if (!stop.signal.aborted) setState({ data, error: '', at: Date.now() });
      } catch (error) {
        if (!stop.signal.aborted) setState((old) => ({ ...old, error: wordsOf(error) }));
      }
      if (!stop.signal.aborted && !document.hidden && interval > 0) timer = setTimeout(() => void turn(), interval);
    };
    const onVisible = () => {
      if (!document.hidden && interval > 0) void turn();
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

export function wordsOf(error: unknown): string {
  if (error instanceof TypeError) return 'The server does not answer. Is crowsnest running?';
  return error instanceof Error ? error.message : String(error);
}
