import { useEffect, useRef } from 'preact/hooks';
import { api } from '../lib/api.ts';
import { placeOfCode } from '../lib/correlate.ts';
import { usePoll } from '../lib/poll.ts';
import { exploreLogs, exploreMetrics } from '../lib/url.ts';

/** The last part of a playbook link: `https://…/playbooks/Name` and `Name.md` are both `Name`. */
export function playbookName(link: string): string {
  const [path] = link.split(/[?#]/, 1);
  const last = path.split('/').findLast((part) => part !== '') ?? '';
  return decodeURIComponent(last.replace(/\.md$/, ''));
}

/** A playbook, rendered by the server from Markdown without HTML in it; queries in it are links to their answers. */
export function PlaybookText({ name }: { name: string }) {
  const { data, error } = usePoll((signal) => api.playbook(name, signal), 0, [name]);
  const article = useRef<HTMLElement>(null);
  useEffect(() => {
    for (const code of article.current?.querySelectorAll(':not(pre, a) > code') ?? []) linkQuery(code);
  }, [data]);
  if (error !== '') return <p class="quiet">{error}</p>;
  if (data === undefined) return null;
  return <article ref={article} class="prose" dangerouslySetInnerHTML={{ __html: data.html }} />;
}

function linkQuery(code: Element): void {
  const place = placeOfCode(code.textContent ?? '');
  if (place === undefined) return;
  const link = document.createElement('a');
  link.href = place.view === 'logs' ? exploreLogs(place.query) : exploreMetrics(place.query);
  link.title = place.view === 'logs' ? 'Search the logs for this' : 'Run this query';
  code.replaceWith(link);
  link.append(code);
}
