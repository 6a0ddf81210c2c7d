import type { PlaybookLink } from '../lib/playbook-link.ts';
import { playbookPage } from '../lib/url.ts';

/** A link to a playbook, here or elsewhere. */
export function PlaybookAnchor({ link: { names, elsewhere } }: { link: PlaybookLink }) {
  if (elsewhere !== '')
    return (
      <a href={elsewhere} rel="noreferrer">
        playbook
      </a>
    );
  return <a href={playbookPage(names[0])}>playbook</a>;
}
