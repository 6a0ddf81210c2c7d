import { type TimeRange, formatLength, rangeBetween, rangeOf } from '../lib/range.ts';
import { useTitle } from '../lib/title.ts';
import { address, useAddress } from '../lib/url.ts';
import { LogSearch } from '../parts/log-search.tsx';
import { MetricExplorer } from '../parts/metric-explorer.tsx';
import { RangePicker } from '../parts/range-picker.tsx';

/** What do the numbers and the logs say? Both for the same time. */
export function ExplorePage() {
  const { path, params, change } = useAddress();
  const logs = params.view === 'logs';
  const range = rangeOf(params);
  const query = ((logs ? params.logs : params.q) ?? '').trim();
  useTitle([query, logs ? 'Logs' : '', 'Explore'].filter((part) => part !== '').join(' · '));
  const onRange = ({ length, end }: TimeRange) =>
    change({ range: formatLength(length), end: end === undefined ? undefined : String(end), live: undefined });
  return (
    <section class="page explore">
      <header class="page-head">
        <h1 class="unseen">Explore</h1>
        <nav class="tabs" aria-label="Metrics or logs">
          <a
            href={address(path, { ...params, view: undefined, live: undefined })}
            aria-current={logs ? undefined : 'true'}
          >
            Metrics
          </a>
          <a href={address(path, { ...params, view: 'logs' })} aria-current={logs ? 'true' : undefined}>
            Logs
          </a>
        </nav>
        <RangePicker range={range} onChange={onRange} />
      </header>
      {range.faults.map((fault) => (
        <p key={fault} class="failure" role="alert">
          {fault}
        </p>
      ))}
      {logs ? (
        <LogSearch range={range} onRange={(start, end) => onRange(rangeBetween(start, end))} />
      ) : (
        <MetricExplorer range={range} onRange={onRange} />
      )}
    </section>
  );
}
