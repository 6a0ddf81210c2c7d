import { useState } from 'preact/hooks';
import { api } from '../lib/api.ts';
import { promqlWords } from '../lib/complete.ts';
import { plural, wholeNumber } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { firstQuery, quoted } from '../lib/promql-text.ts';
import type { TimeRange } from '../lib/range.ts';
import { address, useAddress } from '../lib/url.ts';
import { Explanation } from './explanation.tsx';
import { PromqlTokens } from './promql.tsx';
import { QueryBox } from './query-box.tsx';
import { RangeChart } from './range-chart.tsx';
import { Failure, Loading } from './state.tsx';
import { Table } from './table.tsx';

const MOST_LISTED = 300;

/** One PromQL expression as a chart and a table; without one, the metrics that there are. */
export function MetricExplorer({ range, onRange }: { range: TimeRange; onRange: (range: TimeRange) => void }) {
  const { path, params, change } = useAddress();
  const query = params.q ?? '';
  return (
    <>
      <QueryBox
        value={query}
        label="PromQL expression"
        placeholder="rate(http_requests_total[5m])"
        colours={(text) => <PromqlTokens text={text} />}
        words={promqlWords}
        onRun={(q) => change({ q })}
      />
      {query === '' ? (
        <MetricList />
      ) : (
        <>
          <Explanation query={query} />
          <RangeChart
            query={query}
            range={range}
            refresh={15_000}
            onZoom={(start, end) =>
              onRange({ length: Math.max(10_000, Math.round((end - start) / 1000) * 1000), end: Math.round(end) })
            }
            labelLink={(name, value) =>
              name === '__name__'
                ? address(path, { ...params, q: value })
                : address(path, { ...params, q: narrowed(query, name, value) })
            }
          />
        </>
      )}
    </>
  );
}

/** The query with one more matcher, where it is a lone selector; else the label alone. */
function narrowed(query: string, name: string, value: string): string {
  const matcher = `${name}=${quoted(value)}`;
  const selector = /^([a-zA-Z_:][\w:]*)?(?:\{([^{}]*)\})?$/.exec(query.trim());
  if (selector === null) return `{${matcher}}`;
  const [, metric = '', inner = ''] = selector;
  if (inner.includes(matcher)) return query;
  return `${metric}{${inner.trim() === '' ? '' : `${inner.trim().replace(/,$/, '')}, `}${matcher}}`;
}

function MetricList() {
  const { path, params } = useAddress();
  const [filter, setFilter] = useState('');
  const { data, error } = usePoll(async (signal) => {
    const [names, metadata] = await Promise.all([api.metricNames(signal), api.metadata(signal)]);
    return listed(names, metadata);
  }, 60_000);
  if (data === undefined) return error === '' ? <Loading /> : <Failure error={error} />;
  if (data.length === 0)
    return <p class="empty">The store holds no metric yet. The first ones come with the next scrape.</p>;
  const wanted = filter.toLowerCase();
  const found = data.filter(({ name, help }) => `${name} ${help}`.toLowerCase().includes(wanted));
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
                {name}
              </a>
            </td>
            <td class="quiet">{type}</td>
            <td class="wide">{help}</td>
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
  return [...bases].map((name) => ({
    name,
    type: metadata[name]?.[0].type ?? '',
    help: metadata[name]?.[0].help ?? '',
  }));
}
