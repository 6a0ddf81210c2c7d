import { useState } from 'preact/hooks';
import { api } from '../lib/api.ts';
import { plural, wholeNumber } from '../lib/format.ts';
import { firstQuery } from '../lib/names.ts';
import { usePoll } from '../lib/poll.ts';
import { clipped } from '../lib/text.ts';
import { address, useAddress } from '../lib/url.ts';
import { Failure, Loading } from './state.tsx';
import { Table } from './table.tsx';
import { Text } from './text.tsx';

const MOST_LISTED = 300;

/** Metrics of the store with type and help, to be searched. */
export function MetricList() {
  const { path, params } = useAddress();
  const [filter, setFilter] = useState('');
  const { data, error } = usePoll(async (signal) => {
    const [names, metadata] = await Promise.all([api.metricNames(20_000, undefined, signal), api.metadata(signal)]);
    return listed(names, metadata);
  }, 60_000);
  if (data === undefined) return error === '' ? <Loading /> : <Failure error={error} />;
  if (data.length === 0)
    return <p class="empty">The store holds no metric yet. The first ones come with the next scrape.</p>;
  const wanted = filter.toLowerCase();
  const found = data.filter(({ text }) => text.includes(wanted));
  return (
    <>
      <div class="bar">
        <input
          type="search"
          class="filter"
          placeholder="Filter by name or help"
          aria-label="Filter metrics"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <span class="quiet">
          {found.length === data.length
            ? plural(data.length, 'metric')
            : `${wholeNumber(found.length)} of ${plural(data.length, 'metric')}`}
        </span>
      </div>
      <Table class="metrics" titles={['metric', 'type', 'help']}>
        {found.slice(0, MOST_LISTED).map(({ name, type, help }) => (
          <tr key={name}>
            <td>
              <a class="mono" href={address(path, { ...params, q: firstQuery(name, type) })}>
                {clipped(name, 200)}
              </a>
            </td>
            <td class="quiet">{type}</td>
            <td class="wide">
              <Text of={help} most={400} />
            </td>
          </tr>
        ))}
      </Table>
      {found.length > MOST_LISTED && <p class="note">The first {MOST_LISTED} are listed.</p>}
    </>
  );
}

interface Listed {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** What the filter looks at. */
  readonly text: string;
}

/** One line a metric: the series of a histogram or summary stand under its own name. */
function listed(
  names: readonly string[],
  metadata: Readonly<Record<string, readonly { type: string; help: string }[]>>,
): Listed[] {
  const bases = new Set<string>();
  for (const name of names) {
    const base = name.replace(/_(bucket|count|sum)$/, '');
    const type = metadata[base]?.[0].type;
    bases.add(type === 'histogram' || type === 'summary' ? base : name);
  }
  return [...bases].map((name) => {
    const { type, help } = metadata[name]?.[0] ?? { type: '', help: '' };
    return { name, type, help, text: `${name} ${help}`.toLowerCase() };
  });
}
