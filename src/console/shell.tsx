import { Route, Router, useLocation } from 'preact-iso';
import { useEffect, useRef } from 'preact/hooks';
import { api } from './lib/api.ts';
import { usePoll } from './lib/poll.ts';
import { AlertPage } from './pages/alert.tsx';
import { AlertsPage } from './pages/alerts.tsx';
import { ExplorePage } from './pages/explore.tsx';
import { NowPage } from './pages/now.tsx';
import { PlaybookPage } from './pages/playbook.tsx';
import { SourcesPage } from './pages/sources.tsx';

const PLACES = [
  { path: '/', name: 'Now', key: 'n' },
  { path: '/explore', name: 'Explore', key: 'e' },
  { path: '/alerts', name: 'Alerts', key: 'a' },
  { path: '/sources', name: 'Sources', key: 's' },
] as const;

/** The rail, the place that is looked at, and the keys that lead between places. */
export function Shell() {
  const { path } = useLocation();
  const help = useRef<HTMLDialogElement>(null);
  useKeys(help);
  const rules = usePoll(api.rules, 15_000);
  const status = usePoll(api.status, 15_000);
  const firing = (rules.data ?? [])
    .flatMap((group) => group.rules)
    .flatMap((rule) => (rule.alerts ?? []).filter(({ state }) => state === 'firing')).length;
  const where = status.data?.identity.cluster ?? '';

  return (
    <div class="shell">
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="rail">
        <a class="brand" href="/" aria-label="crowsnest, now">
          <Mark />
          <span>crowsnest</span>
        </a>
        <nav aria-label="Places">
          {PLACES.map((place) => (
            <a key={place.path} href={place.path} aria-current={isAt(path, place.path) ? 'page' : undefined}>
              {place.name}
              {place.name === 'Alerts' && firing > 0 && (
                <span class="count" title={`${firing} firing`}>
                  {firing}
                </span>
              )}
              <kbd>g {place.key}</kbd>
            </a>
          ))}
        </nav>
        <footer>
          {where !== '' && <span title="cluster">{where}</span>}
          <span>{status.data === undefined ? '' : `v${status.data.version}`}</span>
          <button type="button" class="link" onClick={() => help.current?.showModal()}>
            Keys <kbd>?</kbd>
          </button>
        </footer>
      </header>
      <main id="main" tabIndex={-1}>
        <Router>
          <Route path="/" component={NowPage} />
          <Route path="/explore" component={ExplorePage} />
          <Route path="/alerts" component={AlertsPage} />
          <Route path="/alerts/:fingerprint" component={AlertPage} />
          <Route path="/playbooks/:name" component={PlaybookPage} />
          <Route path="/sources" component={SourcesPage} />
          <Route default component={NoPage} />
        </Router>
      </main>
      <dialog ref={help} aria-label="Keys" class="help">
        <h2>Keys</h2>
        <dl>
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>to the search box</dd>
          {PLACES.map(({ name, key }) => (
            <>
              <dt>
                <kbd>g</kbd> <kbd>{key}</kbd>
              </dt>
              <dd>{name}</dd>
            </>
          ))}
          <dt>
            <kbd>Enter</kbd>
          </dt>
          <dd>run the query; with Shift a new line</dd>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>leave the box, close this</dd>
        </dl>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </div>
  );
}

function isAt(path: string, place: string): boolean {
  if (place === '/') return path === '/';
  return path === place || path.startsWith(`${place}/`) || (place === '/alerts' && path.startsWith('/playbooks/'));
}

function NoPage() {
  return (
    <section class="page">
      <h1>There is nothing here</h1>
      <p>
        <a href="/">To Now</a>
      </p>
    </section>
  );
}

/** `/` goes to the page's search box, `g` and a letter to a place. */
function useKeys(help: { readonly current: HTMLDialogElement | null }): void {
  const { route, path } = useLocation();
  useEffect(() => {
    let afterG = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as HTMLElement;
      const typing = target.matches('input, textarea, select') || target.isContentEditable;
      if (typing) {
        if (event.key === 'Escape') target.blur();
        return;
      }
      const place = PLACES.find(({ key }) => key === event.key);
      if (place !== undefined && event.timeStamp - afterG < 1500) {
        event.preventDefault();
        afterG = 0;
        return route(place.path);
      }
      if (event.key === 'g') afterG = event.timeStamp;
      if (event.key === '?') help.current?.showModal();
      if (event.key !== '/') return;
      event.preventDefault();
      const box = document.querySelector<HTMLElement>('[data-search]');
      if (box === null) route('/explore');
      else box.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [route, path]);
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true" class="mark">
      <path d="M16 3v26M8 15h16l-2 7H10zM16 4l7 3-7 3" />
    </svg>
  );
}
