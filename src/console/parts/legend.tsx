import { logQueryOf } from '../lib/correlate.ts';
import { shortNumber } from '../lib/format.ts';
import { localTime } from '../lib/time.tsx';
import { exploreLogs } from '../lib/url.ts';
import { type ChartData, type ChartSeries, colourClass } from './chart.tsx';
import { Labels } from './labels.tsx';
import { Table } from './table.tsx';

interface LegendProps {
  readonly data: ChartData;
  /** Place of the cursor on the time axis. */
  readonly cursor: number | undefined;
  readonly chosen: number | undefined;
  readonly onChoose: (index: number | undefined) => void;
  readonly labelLink: ((name: string, value: string) => string) | undefined;
}

/** The series with their numbers; what all of them share is said once. */
export function Legend({ data, cursor, chosen, onChoose, labelLink }: LegendProps) {
  const { series, times } = data;
  const shared = series.length > 1 ? sharedLabels(series) : {};
  const sharedNames = Object.keys(shared);
  const at = cursor === undefined ? 'last' : localTime(times[cursor] * 1000);
  return (
    <>
      {sharedNames.length > 0 && (
        <p class="shared">
          <span class="quiet">all</span> <Labels labels={shared} link={labelLink} />
        </p>
      )}
      <Table
        class="legend"
        titles={['series', { number: 'min' }, { number: 'mean' }, { number: 'max' }, { number: at, class: 'last' }]}
      >
        {series.map((one, i) => {
          const numbers = one.values.filter((value) => value !== null);
          const value = cursor === undefined ? numbers.at(-1) : one.values[cursor];
          return (
            <tr key={JSON.stringify(one.labels)} class={chosen !== undefined && chosen !== i ? 'dim' : ''}>
              <td>
                <button
                  type="button"
                  class="swatch"
                  aria-pressed={chosen === i}
                  title={chosen === i ? 'Draw all' : 'Draw this one alone'}
                  onClick={() => onChoose(chosen === i ? undefined : i)}
                >
                  <span class={colourClass(i)} />
                </button>
                <Labels labels={one.labels} without={sharedNames} link={labelLink} />
                {Object.keys(one.labels).length === sharedNames.length && <span class="quiet">value</span>}
                <LogsLink labels={one.labels} />
              </td>
              <td class="number">{shown(Math.min(...numbers))}</td>
              <td class="number">{shown(numbers.reduce((sum, number) => sum + number, 0) / numbers.length)}</td>
              <td class="number">{shown(Math.max(...numbers))}</td>
              <td class="number last">{value === null || value === undefined ? '–' : shown(value)}</td>
            </tr>
          );
        })}
      </Table>
    </>
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

function shown(value: number): string {
  return Number.isFinite(value) ? shortNumber(value) : '–';
}

function sharedLabels(series: readonly ChartSeries[]): Record<string, string> {
  const [first, ...rest] = series;
  return Object.fromEntries(
    Object.entries(first.labels).filter(([name, value]) => rest.every(({ labels }) => labels[name] === value)),
  );
}
