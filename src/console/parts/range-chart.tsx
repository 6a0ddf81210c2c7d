import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type RangeAnswer, api } from '../lib/api.ts';
import { usePoll } from '../lib/poll.ts';
import { type TimeRange, stepFor } from '../lib/range.ts';
import { now } from '../lib/time.tsx';
import { type ChartData, Chart } from './chart.tsx';
import { Legend } from './legend.tsx';
import { Failure } from './state.tsx';

/** More lines than these tell nothing apart. */
const MOST_DRAWN = 40;

interface RangeChartProps {
  readonly query: string;
  readonly range: TimeRange;
  readonly height?: number;
  readonly legend?: boolean;
  /** A line across at this value. */
  readonly limit?: number;
  /** Milliseconds between questions; 0 = ask once. */
  readonly refresh: number;
  readonly onZoom?: (start: number, end: number) => void;
  /** Where a click on a label of the legend leads. */
  readonly labelLink?: (name: string, value: string) => string;
}

/** A range query, drawn, with its numbers below. */
export function RangeChart({
  query,
  range,
  height = 260,
  legend = true,
  limit,
  refresh,
  onZoom,
  labelLink,
}: RangeChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [chosen, setChosen] = useState<number | undefined>();
  const [cursor, setCursor] = useState<number | undefined>();
  useEffect(() => setChosen(undefined), [query]);

  const { data, error } = usePoll(
    async (signal) => {
      if (width === 0) return undefined;
      const step = stepFor(range.length, width);
      const end = Math.floor((range.end ?? now.peek()) / step) * step;
      const start = end - Math.floor(range.length / step) * step;
      return { ...(await api.range(query, start, end, step, signal)), start, end, step };
    },
    range.end === undefined ? refresh : 0,
    [query, range.length, range.end, width],
  );
  const chart = useMemo(() => (data === undefined ? undefined : columnsOf(data, data)), [data]);

  return (
    <div ref={box} class="range-chart">
      {error === '' ? null : <QueryFailure query={query} error={error} />}
      {data?.notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      {chart !== undefined && chart.series.length > 0 && (
        <Chart
          data={chart}
          width={width}
          height={height}
          limit={limit}
          chosen={chosen}
          onCursor={setCursor}
          onZoom={onZoom}
        />
      )}
      {error === '' && chart !== undefined && chart.series.length === 0 && (
        <p class="empty">No series has a sample for this in the time that is looked at.</p>
      )}
      {data !== undefined && data.series.length > MOST_DRAWN && (
        <p class="note">
          The first {MOST_DRAWN} of {data.series.length} series are drawn. Aggregate, or narrow the selector.
        </p>
      )}
      {legend && chart !== undefined && chart.series.length > 0 && (
        <Legend data={chart} cursor={cursor} chosen={chosen} onChoose={setChosen} labelLink={labelLink} />
      )}
    </div>
  );
}

function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Values on the grid of steps; a gap is null. */
function columnsOf(answer: RangeAnswer, { start, end, step }: { start: number; end: number; step: number }): ChartData {
  const count = Math.round((end - start) / step) + 1;
  const times = Array.from({ length: count }, (_, i) => (start + i * step) / 1000);
  const series = answer.series.slice(0, MOST_DRAWN).map(({ metric, values = [] }) => {
    const column = Array.from<number | null>({ length: count }).fill(null);
    for (const [time, text] of values) {
      const value = Number(text.replace('Inf', 'Infinity'));
      const at = Math.round((time * 1000 - start) / step);
      if (at >= 0 && at < count && Number.isFinite(value)) column[at] = value;
    }
    return { labels: metric, values: column };
  });
  return { times, series };
}

/** The server's words, with a mark under the place that they name. */
function QueryFailure({ query, error }: { query: string; error: string }) {
  const words = error.replace(/^invalid parameter "query": /, '');
  const place = /^(\d+):(\d+): /.exec(words);
  if (place === null) return <Failure error={words} />;
  const line = query.split('\n')[Number(place[1]) - 1] ?? '';
  return (
    <div class="failure" role="alert">
      <pre>
        {line}
        {'\n'}
        {' '.repeat(Math.max(0, Number(place[2]) - 1))}^
      </pre>
      {words}
    </div>
  );
}
