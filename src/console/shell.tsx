import { useLocation } from 'preact-iso';
import { useRef } from 'preact/hooks';
import { api } from './lib/api.ts';
import { signedOut } from './lib/ask.ts';
import { useFocusOnHeading } from './lib/focus.ts';
import { PLACES, useKeys } from './lib/keys.ts';
import { usePoll } from './lib/poll.ts';
import { clipped } from './lib/text.ts';
import { useTitle } from './lib/title.ts';
import { decoded } from './lib/url.ts';
import { AlertPage } from './pages/alert.tsx';
import { AlertsPage } from './pages/alerts.tsx';
import { ExplorePage } from './pages/explore.tsx';
import { NowPage } from './pages/now.tsx';
import { PlaybookPage } from './pages/playbook.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { SourcesPage } from './pages/sources.tsx';
import { Announcer } from './parts/announcer.tsx';
import { Boundary } from './parts/boundary.tsx';
import { KeysHelp } from './parts/keys-help.tsx';
import { Mark } from './parts/mark.tsx';
import { SignOut } from './parts/sign-out.tsx';

/** The rail, the place that is looked at, and the keys that lead between places; or the page that signs in. */
export function Shell() {
  const { path } = useLocation();
  // What is signed in again starts anew: nothing of the caller before is kept.
  return signedOut.value ? <SignInPage /> : <Places path={path} />;
}

function Places({ path }: { path: string }) {
  const help = useRef<HTMLDialogElement>(null);
  const main = useRef<HTMLElement>(null);
  useKeys(help);
  useFocusOnHeading(main, path);
  const rules = usePoll(api.rules, 15_000);
  const status = usePoll(api.status, 15_000);
  const firing = (rules.data ?? [])
    .flatMap((group) => group.rules)
    .flatMap((rule) => (rule.alerts ?? []).filter(({ state }) => state === 'firing'));
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
              {place.name === 'Alerts' && firing.length > 0 && (
                <span class="count" title={`${firing.length} firing`}>
                  {firing.length}
                </span>
              )}
              <kbd>g {place.key}</kbd>
            </a>
          ))}
        </nav>
        <div class="rail-foot">
          {where !== '' && <span title="cluster">{clipped(where, 60)}</span>}
          <span>{status.data === undefined ? '' : `v${status.data.version}`}</span>
          <button type="button" class="link keys" onClick={() => help.current?.showModal()}>
            Keys <kbd>?</kbd>
          </button>
          <SignOut />
        </div>
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        <Boundary name="This page" reset={path}>
          <Page path={path} />
        </Boundary>
      </main>
      <Announcer firing={firing} known={rules.data !== undefined} />
      <KeysHelp dialog={help} />
    </div>
  );
}

function Page({ path }: { path: string }) {
  const [place = '', name = '', ...rest] = path.split('/').slice(1).map(decoded);
  if (path === '/') return <NowPage />;
  if (rest.length > 0) return <NoPage />;
  if (place === 'alerts' && name !== '') return <AlertPage fingerprint={name} />;
  if (place === 'playbooks' && name !== '') return <PlaybookPage name={name} />;
  if (name !== '') return <NoPage />;
  if (place === 'explore') return <ExplorePage />;
  if (place === 'alerts') return <AlertsPage />;
  return place === 'sources' ? <SourcesPage /> : <NoPage />;
}

function isAt(path: string, place: string): boolean {
  if (place === '/') return path === '/';
  return path === place || path.startsWith(`${place}/`) || (place === '/alerts' && path.startsWith('/playbooks/'));
}

function NoPage() {
  useTitle('No such page');
  return (
    <section class="page">
      <h1>There is nothing here</h1>
      <p>
        <a href="/">To Now</a>
      </p>
    </section>
  );
}
