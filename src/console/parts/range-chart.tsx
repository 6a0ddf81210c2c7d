import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { api } from '../lib/api.ts';
import { usePoll } from '../lib/poll.ts';
import { type TimeRange, stepFor } from '../lib/range.ts';
import { columnsOf, highest } from '../lib/series.ts';
import { now } from '../lib/time.tsx';
import { Chart } from './chart.tsx';
import { InstantHint } from './instant-hint.tsx';
import { Legend } from './legend.tsx';
import { QueryFailure } from './query-failure.tsx';
import { useWidth } from './use-width.ts';

/** More lines than these tell nothing apart; all are drawn where somebody asks for them. */
const DRAWN_FIRST = 40;

/** The most that a browser draws without a pause that is felt. */
const MOST_DRAWN = 1000;

interface RangeChartProps {
  readonly query: string;
  readonly range: TimeRange;
  readonly height?: number;
  readonly legend?: boolean;
  /** A line across at this value. */
  readonly limit?: number;
  readonly stack?: boolean;
  readonly exact?: boolean;
  /** Milliseconds between questions; 0 = ask once. */
  readonly refresh: number;
  readonly onZoom?: (start: number, end: number) => void;
  /** Where a click on a label of the legend leads. */
  readonly labelLink?: (name: string, value: string) => string;
  /** Where the values at one time are shown. */
  readonly instantLink?: string;
}

/** A range query, drawn, with its numbers below. */
export function RangeChart(props: RangeChartProps) {
  const { query, range, height = 260, legend = true, limit, stack = false, exact = false, refresh } = props;
  const { onZoom, labelLink, instantLink } = props;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [chosen, setChosen] = useState<number | undefined>();
  const [cursor, setCursor] = useState<number | undefined>();
  const [all, setAll] = useState(false);
  useEffect(() => {
    setChosen(undefined);
    setAll(false);
  }, [query]);

  const { data, error } = usePoll(
    async (signal) => {
      if (width === 0) return undefined;
      const step = stepFor(range.length, width);
      const end = Math.floor((range.end ?? now.peek()) / step) * step;
      const start = end - Math.floor(range.length / step) * step;
      const answer = await api.range(query, start, end, step, signal);
      return { ...answer, whole: columnsOf(answer.series, { start, end, step }) };
    },
    range.end === undefined ? refresh : 0,
    [query, range.length, range.end, width],
  );
  const count = data?.series.length ?? 0;
  const chart = useMemo(() => data && highest(data.whole, all ? MOST_DRAWN : DRAWN_FIRST), [data, all]);
  useEffect(() => setChosen(undefined), [all, count]);
  const histograms = data?.series.some(({ histograms }) => histograms !== undefined) ?? false;

  return (
    <div ref={box} class="range-chart">
      <QueryFailure query={query} error={error} />
      <InstantHint error={error} link={instantLink} />
      {data?.notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      {histograms && (
        <p class="note">
          Native histograms are not drawn; take <code>histogram_quantile</code> or <code>histogram_avg</code> of them.
        </p>
      )}
      {chart !== undefined && chart.series.length > 0 && (
        <Chart
          data={chart}
          width={width}
          height={height}
          limit={limit}
          stack={stack}
          chosen={chosen}
          label={`Chart of ${query.slice(0, 200)}: ${chart.series.length} series over time`}
          onCursor={setCursor}
          onZoom={onZoom}
        />
      )}
      {error === '' && count === 0 && data !== undefined && (
        <p class="empty">No series has a sample for this in the time that is shown.</p>
      )}
      {count > DRAWN_FIRST && chart !== undefined && (
        <p class="note">
          {chart.series.length === count
            ? `All ${count} series are drawn. `
            : `Drawn are the ${chart.series.length} with the highest values of ${count} series. `}
          <button type="button" class="more" onClick={() => setAll(!all)}>
            {all ? `Draw the highest ${DRAWN_FIRST}` : count > MOST_DRAWN ? `Draw ${MOST_DRAWN}` : `Draw all ${count}`}
          </button>
        </p>
      )}
      {legend && chart !== undefined && chart.series.length > 0 && (
        <Legend data={chart} cursor={cursor} chosen={chosen} exact={exact} onChoose={setChosen} labelLink={labelLink} />
      )}
    </div>
  );
}
