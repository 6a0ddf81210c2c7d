import { address, useAddress } from '../lib/url.ts';

interface Tab {
  readonly id: string;
  readonly name: string;
  readonly count?: number;
}

/** Links between the parts of a page; the URL says which one is open; the first needs no parameter. */
export function Tabs({ tabs, param, label }: { tabs: readonly Tab[]; param: string; label: string }) {
  const { path, params } = useAddress();
  const open = openTab(tabs, params[param]);
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ id, name, count }, i) => (
        <a
          key={id}
          href={address(path, { ...params, [param]: i === 0 ? undefined : id })}
          aria-current={id === open ? 'true' : undefined}
        >
          {name}
          {count !== undefined && <span class="tally">{count}</span>}
        </a>
      ))}
    </nav>
  );
}

export function openTab(tabs: readonly Tab[], wanted: string | undefined): string {
  return tabs.find(({ id }) => id === wanted)?.id ?? tabs[0].id;
}
