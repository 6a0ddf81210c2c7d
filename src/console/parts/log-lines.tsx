import { useState } from 'preact/hooks';
import type { LogRecord } from '../lib/api.ts';
import { selectorOf } from '../lib/correlate.ts';
import { lineOf } from '../lib/log-text.ts';
import { identity } from '../lib/tail.ts';
import { Time } from '../lib/time.tsx';
import { exploreMetrics } from '../lib/url.ts';

type Filter = (name: string, value: string, not: boolean) => void;

/** Log records, one line each; a click opens the whole one with its fields. */
export function LogLines({ records, onFilter }: { records: readonly LogRecord[]; onFilter: Filter }) {
  const [open, setOpen] = useState('');
  if (records.length === 0) return null;
  return (
    <ol class="log-lines">
      {records.map((record) => {
        const id = identity(record);
        return (
          <LogLine
            key={id}
            record={record}
            open={open === id}
            onOpen={() => setOpen(open === id ? '' : id)}
            onFilter={onFilter}
          />
        );
      })}
    </ol>
  );
}

interface LogLineProps {
  readonly record: LogRecord;
  readonly open: boolean;
  readonly onOpen: () => void;
  readonly onFilter: Filter;
}

function LogLine({ record, open, onOpen, onFilter }: LogLineProps) {
  const { timestamp, level } = record;
  return (
    <li class={`log-line ${level === 'fatal' ? 'error' : level}`}>
      <button type="button" aria-expanded={open} onClick={onOpen}>
        <span class="at">
          <Time at={timestamp} milliseconds />
        </span>
        <span class="level">{level === '' ? '–' : level}</span>
        <span class="from">{origin(record)}</span>
        <span class="message">{lineOf(record)}</span>
      </button>
      {open && <Details record={record} onFilter={onFilter} />}
    </li>
  );
}

/** The shortest name that tells sources apart for a person. */
function origin({ fields }: LogRecord): string {
  const pod = fields['kubernetes.pod.name'];
  if (pod !== undefined) return pod;
  const path = fields['log.file.path'] ?? fields['service.name'] ?? '';
  return path.split('/').at(-1) ?? '';
}

function Details({ record, onFilter }: { record: LogRecord; onFilter: Filter }) {
  const selector = selectorOf(record.fields);
  const fields = { ...(record.level === '' ? {} : { 'log.level': record.level }), ...record.fields };
  return (
    <div class="log-details">
      <pre>{record.message}</pre>
      {selector !== '' && (
        <p>
          <a href={exploreMetrics(selector)}>metrics of {selector}</a>
        </p>
      )}
      <dl>
        {Object.entries(fields).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value}
              <button
                type="button"
                aria-label={`Only ${name} ${value}`}
                title="Only these"
                onClick={() => onFilter(name, value, false)}
              >
                +
              </button>
              <button
                type="button"
                aria-label={`Without ${name} ${value}`}
                title="Without these"
                onClick={() => onFilter(name, value, true)}
              >
                −
              </button>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
