import { api } from '../lib/api.ts';
import { usePoll } from '../lib/poll.ts';

/** The last part of a playbook link: `https://…/playbooks/Name` and `Name.md` are both `Name`. */
export function playbookName(link: string): string {
  const [path] = link.split(/[?#]/, 1);
  const last = path.split('/').findLast((part) => part !== '') ?? '';
  return decodeURIComponent(last.replace(/\.md$/, ''));
}

/** A playbook, rendered by the server from Markdown without HTML in it. */
export function PlaybookText({ name }: { name: string }) {
  const { data, error } = usePoll((signal) => api.playbook(name, signal), 0, [name]);
  if (error !== '') return <p class="quiet">{error}</p>;
  if (data === undefined) return null;
  return <article class="prose" dangerouslySetInnerHTML={{ __html: data.html }} />;
}
