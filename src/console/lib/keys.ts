import { useLocation } from 'preact-iso';
import { useEffect } from 'preact/hooks';

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
  const { route, path } = useLocation();
  useEffect(() => {
    let afterG = -CHORD;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return;
      if (event.target.matches('input, textarea, select') || event.target.isContentEditable) {
        if (event.key === 'Escape') event.target.blur();
        return;
      }
      if (document.querySelector('dialog[open]') !== null) return;
      const place = PLACES.find(({ key }) => key === event.key);
      if (place !== undefined && event.timeStamp - afterG < CHORD) {
        event.preventDefault();
        afterG = -CHORD;
        return route(place.path);
      }
      if (event.key === 'g') afterG = event.timeStamp;
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
  }, [route, path]);
}
