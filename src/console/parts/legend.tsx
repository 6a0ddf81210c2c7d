import { useState } from 'preact/hooks';
import { logQueryOf } from '../lib/correlate.ts';
import { colourOf, dashOf } from '../lib/colours.ts';
import { exactNumber, shortNumber } from '../lib/format.ts';
import { seriesText } from '../lib/names.ts';
import { type ChartData, type ChartSeries, type SeriesStats, sharedLabels } from '../lib/series.ts';
import { localTime } from '../lib/time.tsx';
import { exploreLogs } from '../lib/url.ts';
import { Labels } from './labels.tsx';
import { LongList } from './long-list.tsx';

interface LegendProps {
  readonly data: ChartData;
  /** Place of the cursor on the time axis. */
  readonly cursor: number | undefined;
  readonly chosen: number | undefined;
  readonly exact: boolean;
  readonly onChoose: (index: number | undefined) => void;
  readonly labelLink: ((name: string, value: string) => string) | undefined;
}

type Column = keyof SeriesStats;

const COLUMNS = ['min', 'mean', 'max', 'last'] as const satisfies readonly Column[];

/** The series with their numbers, in the order of a column where one was chosen; what all of them share is said once. */
export function Legend({ data, cursor, chosen, exact, onChoose, labelLink }: LegendProps) {
  const [order, setOrder] = useState<Column | undefined>();
  const { series, times } = data;
  const shared = sharedLabels(series);
  const sharedNames = Object.keys(shared);
  // The chart may have shrunk under the mouse: a place behind its end is none.
  const time = cursor === undefined ? undefined : times[cursor];
  const rows = series.map((one, place) => ({ one, place }));
  if (order !== undefined) rows.sort((a, b) => compare(b.one.stats[order], a.one.stats[order]));
  const shown = exact ? exactNumber : shortNumber;
  const number = (value: number | null | undefined) => (value === null || value === undefined ? '–' : shown(value));
  return (
    <>
      {sharedNames.length > 0 && (
        <p class="shared">
          <span class="quiet">all</span> <Labels labels={shared} link={labelLink} />
        </p>
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label="Series and their values">
        <table class="legend">
          <thead>
            <tr>
              <th scope="col">series</th>
              {COLUMNS.map((column) => (
                <th
                  key={column}
                  scope="col"
                  class={`number ${column}`}
                  aria-sort={order === column ? 'descending' : undefined}
                >
                  <button
                    type="button"
                    class="sort"
                    title={`Highest ${column} first`}
                    onClick={() => setOrder(order === column ? undefined : column)}
                  >
                    {column === 'last' && time !== undefined ? localTime(time * 1000) : column}
                    {order === column && ' ↓'}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <LongList as="tbody" items={rows} height={26} keyOf={({ place }) => String(place)}>
            {({ one, place }) => (
              <tr class={chosen !== undefined && chosen !== place ? 'dim' : ''}>
                <td>
                  <Swatch
                    one={one}
                    chosen={chosen === place}
                    onChoose={() => onChoose(chosen === place ? undefined : place)}
                  />
                  <Labels labels={one.labels} without={sharedNames} link={labelLink} />
                  {Object.keys(one.labels).length === sharedNames.length && <span class="quiet">value</span>}
                  <LogsLink labels={one.labels} />
                </td>
                <td class="number min">{number(one.stats.min)}</td>
                <td class="number mean">{number(one.stats.mean)}</td>
                <td class="number max">{number(one.stats.max)}</td>
                <td class="number last">
                  {number(cursor === undefined || time === undefined ? one.stats.last : one.values[cursor])}
                </td>
              </tr>
            )}
          </LongList>
        </table>
      </div>
    </>
  );
}

function Swatch({ one, chosen, onChoose }: { one: ChartSeries; chosen: boolean; onChoose: () => void }) {
  return (
    <button
      type="button"
      class="swatch"
      aria-pressed={chosen}
      aria-label={`Draw ${seriesText(one.labels).slice(0, 300)} alone`}
      title={chosen ? 'Draw all' : 'Draw this one alone'}
      onClick={onChoose}
    >
      <span class={dashOf(one.index).length > 0 ? 'dashed' : undefined} style={{ '--ink': colourOf(one.index) }} />
    </button>
  );
}

function LogsLink({ labels }: { labels: ChartSeries['labels'] }) {
  const query = logQueryOf(labels);
  if (query === '') return null;
  return (
    <a class="aside" href={exploreLogs(query)} title={query}>
      logs
    </a>
  );
}

/** Orders numbers; NaN comes last. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a === b ? 0 : a - b;
}
