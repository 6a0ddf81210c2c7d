import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../lib/api.ts';
import { ApiFailure } from '../lib/ask.ts';
import { placeOfCode } from '../lib/correlate.ts';
import { type PlaybookLink, headingId, linkInPlaybook } from '../lib/playbook-link.ts';
import { usePoll } from '../lib/poll.ts';
import { clipped } from '../lib/text.ts';
import { exploreLogs, exploreMetrics } from '../lib/url.ts';
import { Failure, Loading } from './state.tsx';

/** The playbook of an alert, fetched when it is opened. */
export function PlaybookDetails({ link, open: first = false }: { link: PlaybookLink; open?: boolean }) {
  const [open, setOpen] = useState(first);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Playbook {clipped(link.names[0], 120)}</summary>
      {open && <Playbook link={link} />}
    </details>
  );
}

/** A playbook: a page of ours, rendered by the server from Markdown without HTML in it, or the way to one elsewhere. */
export function Playbook({ link: { names, elsewhere } }: { link: PlaybookLink }) {
  const { data, error } = usePoll((signal) => firstPage(names, signal), 0, [names.join('\n')]);
  return (
    <>
      {elsewhere !== '' && (
        <p>
          <a href={elsewhere} rel="noreferrer">
            {clipped(elsewhere, 300)}
          </a>
        </p>
      )}
      <Failure error={error} />
      {data === undefined && error === '' && <Loading />}
      {data !== undefined && data.html !== '' && <PlaybookText html={data.html} />}
      {data?.html === '' && elsewhere === '' && (
        <p class="empty">
          There is no playbook {clipped(names[0], 200)}: write <code>{clipped(names.at(-1) ?? '', 200)}.md</code> in the
          folder <code>alerting.playbooks</code>, or set the rule's annotation <code>runbook_url</code>.
        </p>
      )}
    </>
  );
}

/** The first page that there is; one with no text where there is none. */
async function firstPage(names: readonly string[], signal: AbortSignal): Promise<{ readonly html: string }> {
  for (const name of names) {
    try {
      return await api.playbook(name, signal);
    } catch (error) {
      // A process without playbooks, or one that does not show them, has none.
      if (!(error instanceof ApiFailure) || ![400, 403, 404, 501].includes(error.status)) throw error;
    }
  }
  return { html: '' };
}

function PlaybookText({ html }: { html: string }) {
  const article = useRef<HTMLElement>(null);
  useEffect(() => {
    if (article.current !== null) prepare(article.current);
  }, [html]);
  return <article ref={article} class="prose" dangerouslySetInnerHTML={{ __html: html }} />;
}

/** Links lead to headings and other playbooks; queries are links to their answers. */
function prepare(article: HTMLElement): void {
  for (const heading of article.querySelectorAll('h1, h2, h3, h4, h5, h6')) heading.id = headingId(heading.textContent);
  for (const link of article.querySelectorAll('a[href]')) {
    const href = linkInPlaybook(link.getAttribute('href') ?? '');
    link.setAttribute('href', href);
    if (/^https?:/i.test(href)) link.setAttribute('rel', 'noreferrer');
  }
  for (const block of article.querySelectorAll<HTMLElement>('pre')) block.tabIndex = 0;
  for (const code of article.querySelectorAll(':not(pre, a) > code')) linkQuery(code);
  const wanted = location.hash.startsWith('#h-') ? document.getElementById(location.hash.slice(1)) : null;
  wanted?.scrollIntoView();
}

function linkQuery(code: Element): void {
  const place = placeOfCode(code.textContent);
  if (place === undefined) return;
  const link = document.createElement('a');
  link.href = place.view === 'logs' ? exploreLogs(place.query) : exploreMetrics(place.query);
  link.title = place.view === 'logs' ? 'Search the logs for this' : 'Run this query';
  code.replaceWith(link);
  link.append(code);
}
