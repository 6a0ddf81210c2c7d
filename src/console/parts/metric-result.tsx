import { firstQuery } from '../lib/names.ts';
import { narrowed } from '../lib/narrow.ts';
import type { TimeRange } from '../lib/range.ts';
import { Explanation } from './explanation.tsx';
import { InstantResult } from './instant-result.tsx';
import { RangeChart } from './range-chart.tsx';
import { ValueTable } from './value-table.tsx';

export type View = 'chart' | 'table' | 'instant';

interface MetricResultProps {
  readonly query: string;
  readonly range: TimeRange;
  readonly view: View;
  readonly stack: boolean;
  readonly exact: boolean;
  readonly onZoom: (start: number, end: number) => void;
  /** The address with another query in place of this. */
  readonly linkTo: (query: string) => string;
  readonly instantLink: string;
}

const REFRESH = 15_000;

/** The result of one expression, as a chart, as values by time, or as values at one time. */
export function MetricResult(props: MetricResultProps) {
  const { query, range, view, stack, exact, onZoom, linkTo, instantLink } = props;
  const labelLink = (name: string, value: string) =>
    linkTo(name === '__name__' ? firstQuery(value, '') : narrowed(query, name, value));
  return (
    <>
      <Explanation query={query} />
      {view === 'instant' && <InstantResult query={query} range={range} refresh={REFRESH} labelLink={labelLink} />}
      {view === 'table' && <ValueTable query={query} range={range} refresh={REFRESH} instantLink={instantLink} />}
      {view === 'chart' && (
        <RangeChart
          query={query}
          range={range}
          refresh={REFRESH}
          stack={stack}
          exact={exact}
          onZoom={onZoom}
          labelLink={labelLink}
          instantLink={instantLink}
        />
      )}
    </>
  );
}
