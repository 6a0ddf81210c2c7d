import { useEffect } from 'preact/hooks';
import { clipped } from './text.ts';

/** Names the page in the browser's tab and history. */
export function useTitle(name: string): void {
  useEffect(() => {
    document.title = name === '' ? 'crowsnest' : `${clipped(name, 120)} · crowsnest`;
  }, [name]);
}
