import { decoded, playbookPage } from './url.ts';

/** What an alert names as its playbook. */
export interface PlaybookLink {
  /** Names of pages of our own that it may be, the likeliest first. */
  readonly names: readonly string[];
  /** A page elsewhere on the web; '' where there is none. */
  readonly elsewhere: string;
}

/** `https://…/playbooks/Name`, `playbooks/Name.md` and `Name` are our page `Name`; any other web address is a page elsewhere. */
export function readPlaybookLink(link: string, alertname: string): PlaybookLink {
  const isWeb = /^https?:\/\//i.test(link);
  const own = !isWeb || /\/playbooks\/[^/]+$/.test(pathOf(link));
  const names = [...(own ? [lastPart(link)] : []), alertname].filter((name) => name !== '');
  return { names: [...new Set(names)], elsewhere: isWeb && !own ? link : '' };
}

/** The last part of a path or address, without `.md`. */
function lastPart(link: string): string {
  const last = pathOf(link)
    .split('/')
    .findLast((part) => part !== '');
  return decoded((last ?? '').replace(/\.md$/, ''));
}

function pathOf(link: string): string {
  return link.split(/[?#]/, 1)[0];
}

/** The id of a heading, as GitHub names it, apart from the ids of the console itself. */
export function headingId(text: string): string {
  const words = text.trim().toLowerCase();
  return `h-${words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')}`;
}

/** Where a link within a playbook leads: to a heading, to another playbook, or out. */
export function linkInPlaybook(href: string): string {
  if (/^[a-z][a-z\d+.-]*:|^\//i.test(href)) return href;
  const [path, heading] = href.split('#', 2);
  const hash = heading === undefined ? '' : `#${headingId(decoded(heading))}`;
  return path === '' ? hash : `${playbookPage(lastPart(path))}${hash}`;
}
