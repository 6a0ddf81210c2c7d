import { type InstantAnswer, type InstantSeries, api } from '../lib/api.ts';
import { plural } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import type { TimeRange } from '../lib/range.ts';
import { Time, now } from '../lib/time.tsx';
import { Labels } from './labels.tsx';
import { LongList } from './long-list.tsx';
import { QueryFailure } from './query-failure.tsx';
import { Loading } from './state.tsx';
import { Text } from './text.tsx';

interface InstantResultProps {
  readonly query: string;
  readonly range: TimeRange;
  readonly refresh: number;
  readonly labelLink: (name: string, value: string) => string;
}

/** The result of an expression at the end of the range, each value with all its digits. */
export function InstantResult({ query, range, refresh, labelLink }: InstantResultProps) {
  const { data, error } = usePoll(
    async (signal) => {
      const at = range.end ?? now.peek();
      return { ...(await api.instant(query, at, signal)), at };
    },
    range.end === undefined ? refresh : 0,
    [query, range.end],
  );
  if (data === undefined) return error === '' ? <Loading /> : <QueryFailure query={query} error={error} />;
  return (
    <>
      <QueryFailure query={query} error={error} />
      {data.notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      <p class="note">
        at <Time at={data.at} milliseconds />
      </p>
      <Result answer={data.data} labelLink={labelLink} />
    </>
  );
}

function Result({ answer, labelLink }: { answer: InstantAnswer['data'] } & Pick<InstantResultProps, 'labelLink'>) {
  if (answer.resultType === 'scalar' || answer.resultType === 'string') {
    const [, value] = answer.result;
    return (
      <p class="single">
        <span class="quiet">{answer.resultType}</span>{' '}
        <span class="mono">
          <Text of={answer.resultType === 'string' ? JSON.stringify(value) : value} />
        </span>
      </p>
    );
  }
  if (answer.result.length === 0) return <p class="empty">No series has a sample for this at that time.</p>;
  return (
    <>
      <p class="note">{plural(answer.result.length, 'series', 'series')}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Series and their values">
        <table class="values">
          <thead>
            <tr>
              <th scope="col">series</th>
              <th scope="col" class="number">
                value
              </th>
            </tr>
          </thead>
          <LongList as="tbody" items={answer.result} height={28} keyOf={({ metric }) => JSON.stringify(metric)}>
            {(series) => (
              <tr>
                <td>
                  <Labels labels={series.metric} link={labelLink} />
                  {Object.keys(series.metric).length === 0 && <span class="quiet">no labels</span>}
                </td>
                <td class="number mono">
                  <Samples {...series} />
                </td>
              </tr>
            )}
          </LongList>
        </table>
      </div>
    </>
  );
}

/** The samples of a range that are listed; the newest say most. */
const MOST = 100;

function Samples({ value, values = [], histogram, histograms = [] }: InstantSeries) {
  if (value !== undefined) return <>{value[1]}</>;
  if (histogram !== undefined) return <>{histogramText(histogram)}</>;
  const list = [
    ...values.map(([time, text]) => ({ time, text })),
    ...histograms.map((one) => ({ time: one[0], text: histogramText(one) })),
  ].sort((a, b) => a.time - b.time);
  return (
    <>
      {list.length > MOST && (
        <div class="quiet">
          the newest {MOST} of {list.length}
        </div>
      )}
      {list.slice(-MOST).map(({ time, text }) => (
        <div key={time}>
          {text}{' '}
          <span class="quiet">
            @ <Time at={time * 1000} milliseconds />
          </span>
        </div>
      ))}
    </>
  );
}

function histogramText([, { count, sum }]: NonNullable<InstantSeries['histogram']>): string {
  return `histogram of ${count}, sum ${sum}`;
}
