import { useEffect, useState } from 'preact/hooks';
import { type LogPage, type LogRecord, tailUrl } from './api.ts';

/** Older records are let go: a page that stays open must not grow. */
const KEPT = 1000;

export interface Tail {
  /** Newest first. */
  readonly records: readonly LogRecord[];
  readonly state: 'connecting' | 'open';
  readonly error: string;
  readonly skipped: number;
}

const START: Tail = { records: [], state: 'connecting', error: '', skipped: 0 };

/** Follows a log query. The browser connects again by itself when the line is cut. */
export function useTail(query: string): Tail {
  const [tail, setTail] = useState(START);
  useEffect(() => {
    setTail(START);
    const events = new EventSource(tailUrl(query));
    events.addEventListener('open', () => setTail((old) => ({ ...old, state: 'open', error: '' })));
    events.addEventListener('error', () => setTail((old) => ({ ...old, state: 'connecting' })));
    events.addEventListener('failure', (event) => {
      events.close();
      const { error } = JSON.parse(String(event.data)) as { error: string };
      setTail((old) => ({ ...old, error }));
    });
    events.addEventListener('message', (event) => {
      const { records } = JSON.parse(String(event.data)) as LogPage;
      setTail((old) => withNew(old, records));
    });
    return () => events.close();
  }, [query]);
  return tail;
}

/** The first answer after a new connection tells again what is known. */
function withNew(old: Tail, fresh: readonly LogRecord[]): Tail {
  const known = new Set(old.records.slice(0, KEPT).map(identity));
  const added = fresh.filter((record) => !known.has(identity(record))).toReversed();
  const records = [...added, ...old.records];
  return { ...old, records: records.slice(0, KEPT), skipped: old.skipped + Math.max(0, records.length - KEPT) };
}

export function identity({ source, offset }: LogRecord): string {
  return `${source}@${offset}`;
}
