import { useEffect, useState } from 'preact/hooks';
import type { LogPage, LogRecord } from './api.ts';
import { ApiFailure, OWN, failureOf } from './ask.ts';
import { messageOf } from './poll.ts';
import { readEvents } from './server-events.ts';

/** Older records are dropped: a page that stays open must not grow. */
const KEPT = 1000;

export interface Tail {
  /** Newest first. */
  readonly records: readonly LogRecord[];
  readonly state: 'connecting' | 'open' | 'ended';
  readonly error: string;
  /** Milliseconds until the next try; 0 = there is none. */
  readonly retryIn: number;
  readonly skipped: number;
}

const START: Tail = { records: [], state: 'connecting', error: '', retryIn: 0, skipped: 0 };

/** Milliseconds before another try: after an error that may pass, and the most. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
/** A server that allows no more tails is asked again when one may have ended. */
const BUSY_PAUSE = 10_000;

/**
 * Follows a log query. A cut line is opened again, sooner at first; what another try cannot mend (401, 403, a faulty
 * query) ends it with the server's message.
 */
export function useTail(query: string): Tail {
  const [tail, setTail] = useState(START);
  useEffect(() => {
    setTail(START);
    const stop = new AbortController();
    const run = async () => {
      let failures = 0;
      while (!stop.signal.aborted) {
        let opened = false;
        const error = await follow(query, stop.signal, {
          onOpen: () => {
            opened = true;
            setTail((old) => ({ ...old, state: 'open', error: '', retryIn: 0 }));
          },
          onPage: ({ records }) => setTail((old) => withNew(old, records)),
        });
        if (stop.signal.aborted) return;
        failures = opened ? 0 : failures + 1;
        const retryIn = pauseAfter(error, failures);
        const state = retryIn === 0 ? 'ended' : 'connecting';
        setTail((old) => ({ ...old, state, retryIn, error: error === undefined ? '' : messageOf(error) }));
        if (retryIn === 0) return;
        await pause(retryIn, stop.signal);
      }
    };
    void run();
    return () => stop.abort();
  }, [query]);
  return tail;
}

interface Handlers {
  readonly onOpen: () => void;
  readonly onPage: (page: LogPage) => void;
}

/** Reads one connection to its end. Returns what ended it; undefined where the server closed it. */
async function follow(query: string, signal: AbortSignal, { onOpen, onPage }: Handlers): Promise<unknown> {
  try {
    const response = await fetch(`${OWN}/logs/tail?${new URLSearchParams({ query })}`, { signal });
    if (!response.ok || response.body === null) {
      const body = (await response.json().catch(() => ({}))) as { error?: string };
      return failureOf(response, body.error);
    }
    onOpen();
    for await (const { name, data } of readEvents(response.body)) {
      if (name === 'failure') return new ApiFailure(400, (JSON.parse(data) as { error: string }).error);
      if (name === 'message') onPage(JSON.parse(data) as LogPage);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

function pauseAfter(error: unknown, failures: number): number {
  if (error instanceof ApiFailure && error.status === 429) return Math.max(BUSY_PAUSE, error.retryAfter * 1000);
  if (error instanceof ApiFailure && error.status < 500) return 0;
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(10, failures));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** The first answer of a new connection repeats what is known. */
function withNew(old: Tail, fresh: readonly LogRecord[]): Tail {
  const known = new Set(old.records.map(identity));
  const added = fresh.filter((record) => !known.has(identity(record))).toReversed();
  const records = [...added, ...old.records];
  return { ...old, records: records.slice(0, KEPT), skipped: old.skipped + Math.max(0, records.length - KEPT) };
}

export function identity({ source, offset }: LogRecord): string {
  return `${source}@${offset}`;
}
