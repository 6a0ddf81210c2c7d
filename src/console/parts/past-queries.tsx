import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { clipped } from '../lib/text.ts';

interface PastQueriesProps {
  readonly past: Signal<string[]>;
  readonly onTake: (query: string) => void;
}

/** Queries that were run in this browser; a click runs one again. */
export function PastQueries({ past, onTake }: PastQueriesProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  if (past.value.length === 0) return null;
  const take = (query: string) => {
    if (menu.current !== null) menu.current.open = false;
    onTake(query);
  };
  return (
    <details class="menu" ref={menu}>
      <summary>History</summary>
      <ul>
        {past.value.map((query) => (
          <li key={query}>
            <button type="button" class="mono" onClick={() => take(query)}>
              {clipped(query, 200)}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
