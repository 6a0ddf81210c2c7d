import { readPlaybookLink } from '../lib/playbook-link.ts';
import { useTitle } from '../lib/title.ts';
import { Playbook } from '../parts/playbook.tsx';
import { Text } from '../parts/text.tsx';

export function PlaybookPage({ name }: { name: string }) {
  useTitle(`Playbook ${name}`);
  return (
    <section class="page">
      <h1 class="unseen">
        Playbook <Text of={name} most={200} />
      </h1>
      <Playbook link={readPlaybookLink(name, name)} />
    </section>
  );
}
