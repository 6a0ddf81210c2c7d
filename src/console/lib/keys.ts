import { useLocation } from 'preact-iso';
import { useEffect, useRef } from 'preact/hooks';

export const PLACES = [
  { path: '/', name: 'Now', key: 'n' },
  { path: '/explore', name: 'Explore', key: 'e' },
  { path: '/alerts', name: 'Alerts', key: 'a' },
  { path: '/sources', name: 'Sources', key: 's' },
] as const;

/** Milliseconds between `g` and the letter of a place. */
const CHORD = 1500;

/** `/` goes to the page's search box, `g` and a letter to a place, `?` opens the list of keys. */
export function useKeys(help: { readonly current: HTMLDialogElement | null }): void {
  const { route } = useLocation();
  // Kept apart from the listener: a page that is still being drawn may put a new listener between the two keys.
  const afterG = useRef(-CHORD);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return;
      if (event.target.matches('input, textarea, select') || event.target.isContentEditable) {
        if (event.key === 'Escape') event.target.blur();
        return;
      }
      if (document.querySelector('dialog[open]') !== null) return;
      const place = PLACES.find(({ key }) => key === event.key);
      if (place !== undefined && event.timeStamp - afterG.current < CHORD) {
        event.preventDefault();
        afterG.current = -CHORD;
        return route(place.path);
      }
      if (event.key === 'g') afterG.current = event.timeStamp;
      if (event.key === '?') help.current?.showModal();
      if (event.key !== '/') return;
      event.preventDefault();
      const box = document.querySelector<HTMLElement>('[data-search]');
      if (box !== null) return box.focus();
      route('/explore');
      // The box is there with the next frame; the heading takes the focus in this one.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-search]')?.focus()),
      );
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [route]);
}
