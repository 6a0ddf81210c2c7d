import { completePromql } from '../lib/complete.ts';
import { pastMetrics, remember } from '../lib/past-queries.ts';
import { type TimeRange, rangeBetween } from '../lib/range.ts';
import { address, useAddress } from '../lib/url.ts';
import { Boundary } from './boundary.tsx';
import { MetricList } from './metric-list.tsx';
import { MetricResult, type View } from './metric-result.tsx';
import { PastQueries } from './past-queries.tsx';
import { PromqlTokens } from './promql.tsx';
import { QueryBox } from './query-box.tsx';

/** The parameters that hold queries; the first is the one that links lead to. */
const PARAMS = ['q', 'q2', 'q3', 'q4'] as const;

const VIEWS = [
  { id: 'chart', name: 'Chart' },
  { id: 'table', name: 'Table' },
  { id: 'instant', name: 'Instant' },
] as const satisfies { id: View; name: string }[];

/** PromQL expressions, each with its chart or table for the same time; without one, the metrics that there are. */
export function MetricExplorer({ range, onRange }: { range: TimeRange; onRange: (range: TimeRange) => void }) {
  const { path, params, change } = useAddress();
  const shown = PARAMS.filter((param, i) => i === 0 || params[param] !== undefined);
  const free = PARAMS.find((param) => !shown.includes(param));
  const view = VIEWS.find(({ id }) => id === params.show)?.id ?? 'chart';
  const any = shown.some((param) => (params[param] ?? '') !== '');
  const flag = (name: string) => params[name] === '1';
  const toggle = (name: string) => () => change({ [name]: flag(name) ? undefined : '1' }, true);
  return (
    <>
      {any && (
        <div class="bar views">
          <nav class="tabs" aria-label="Chart, table or instant values">
            {VIEWS.map(({ id, name }, i) => (
              <a
                key={id}
                href={address(path, { ...params, show: i === 0 ? undefined : id })}
                aria-current={view === id ? 'true' : undefined}
              >
                {name}
              </a>
            ))}
          </nav>
          {view === 'chart' && (
            <>
              <button type="button" aria-pressed={flag('stack')} onClick={toggle('stack')}>
                Stacked
              </button>
              <button type="button" aria-pressed={flag('exact')} onClick={toggle('exact')}>
                Exact values
              </button>
            </>
          )}
        </div>
      )}
      {shown.map((param) => {
        const query = params[param] ?? '';
        const run = (next: string) => {
          remember(pastMetrics, next);
          change({ [param]: next });
        };
        return (
          <section key={param} class="query" aria-label={param === 'q' ? 'Query' : `Query ${param.slice(1)}`}>
            <QueryBox
              value={query.trim()}
              label={param === 'q' ? 'PromQL expression' : `PromQL expression ${param.slice(1)}`}
              placeholder="rate(http_requests_total[5m])"
              colours={(text) => <PromqlTokens text={text} />}
              complete={completePromql}
              onRun={run}
            >
              {param === 'q' ? (
                <PastQueries past={pastMetrics} onTake={run} />
              ) : (
                <button type="button" onClick={() => change({ [param]: undefined })}>
                  Remove
                </button>
              )}
            </QueryBox>
            {query.trim() !== '' && (
              <Boundary name="The result" reset={query + view}>
                <MetricResult
                  query={query.trim()}
                  range={range}
                  view={view}
                  stack={flag('stack')}
                  exact={flag('exact')}
                  onZoom={(start, end) => onRange(rangeBetween(start, end))}
                  linkTo={(next) => address(path, { ...params, [param]: next })}
                  instantLink={address(path, { ...params, show: 'instant' })}
                />
              </Boundary>
            )}
          </section>
        );
      })}
      {any && free !== undefined && (
        // A space holds the place of a query that is not written yet.
        <button type="button" onClick={() => change({ [free]: ' ' })}>
          + Query
        </button>
      )}
      {!any && <MetricList />}
    </>
  );
}
