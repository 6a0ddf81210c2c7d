import { useState } from 'preact/hooks';
import { type LogRecord, api } from '../lib/api.ts';
import { selectorsOf } from '../lib/correlate.ts';
import { type Filter, fieldsOfMessage } from '../lib/log-text.ts';
import { usePoll } from '../lib/poll.ts';
import { clipped } from '../lib/text.ts';
import { exploreMetrics } from '../lib/url.ts';
import { LogContext } from './log-context.tsx';
import { Text } from './text.tsx';

/** Fields that are listed; a record with more of them has the rest in its message. */
const MOST_FIELDS = 200;

/** One record as it is: its message, what it is about, and its fields, each of which narrows the search. */
export function LogDetails({ record, onFilter }: { record: LogRecord; onFilter: Filter }) {
  const [context, setContext] = useState(false);
  const own = Object.entries(fieldsOfMessage(record.message)).slice(0, MOST_FIELDS);
  const known = { ...(record.level === '' ? {} : { 'log.level': record.level }), ...record.fields };
  return (
    <div class="log-details">
      <pre>
        <Text of={record.message} most={4000} />
      </pre>
      <p class="facts">
        <MetricsLink record={record} />
        <button type="button" aria-expanded={context} onClick={() => setContext(!context)}>
          {context ? 'Hide the lines around it' : 'Lines around it'}
        </button>
      </p>
      {context && <LogContext record={record} />}
      {own.length > 0 && <Fields title="Fields of the message" fields={own} onFilter={onFilter} />}
      <Fields title="Where it comes from" fields={Object.entries(known)} onFilter={onFilter} />
    </div>
  );
}

interface FieldsProps {
  readonly title: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly onFilter: Filter;
}

function Fields({ title, fields, onFilter }: FieldsProps) {
  return (
    <dl aria-label={title}>
      {fields.map(([name, value]) => (
        <div key={name}>
          <dt>{clipped(name, 200)}</dt>
          <dd>
            <Text of={value} most={500} />
            <button
              type="button"
              aria-label={`Only ${clipped(name, 100)} ${clipped(value, 100)}`}
              title="Only these"
              onClick={() => onFilter(name, value, false)}
            >
              +
            </button>
            <button
              type="button"
              aria-label={`Without ${clipped(name, 100)} ${clipped(value, 100)}`}
              title="Without these"
              onClick={() => onFilter(name, value, true)}
            >
              −
            </button>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const HOUR = 3_600_000;

/** The narrowest selector for what wrote the record that has series near its time; nothing where none has. */
function MetricsLink({ record }: { record: LogRecord }) {
  const { data } = usePoll(
    async (signal) => {
      for (const selector of selectorsOf(record.fields)) {
        if (await api.hasSeries(selector, record.timestamp - HOUR, record.timestamp + HOUR, signal)) return selector;
      }
      return undefined;
    },
    0,
    [record],
  );
  if (data === undefined) return null;
  return <a href={exploreMetrics(data)}>metrics of {clipped(data, 200)}</a>;
}
