import { useEffect, useRef } from 'preact/hooks';

/** After a change of place the heading has the focus, so that a screen reader reads where one is; not at the first page. */
export function useFocusOnHeading(main: { readonly current: HTMLElement | null }, path: string): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    const heading = main.current?.querySelector<HTMLElement>('h1');
    if (heading !== null && heading !== undefined) heading.tabIndex = -1;
    // A key may have led to a box of the new page already.
    if (document.activeElement?.matches('input, textarea, select') !== true)
      (heading ?? main.current)?.focus({ preventScroll: true });
    if (location.hash === '') scrollTo(0, 0);
  }, [path]);
}
