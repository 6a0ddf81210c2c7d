import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { LogRecord } from '../lib/api.ts';
import { lineOf } from '../lib/log-text.ts';
import { identity } from '../lib/tail.ts';
import { clipped } from '../lib/text.ts';
import { Time } from '../lib/time.tsx';
import { Boundary } from './boundary.tsx';
import { LongList } from './long-list.tsx';

interface LogLinesProps {
  readonly records: readonly LogRecord[];
  /** What stands below a record that is opened. */
  readonly details: (record: LogRecord) => ComponentChildren;
  /** The record that is marked, where the lines are those around it. */
  readonly marked?: string;
}

/** Log records, one line each; a click opens the whole one with its fields. */
export function LogLines({ records, details, marked }: LogLinesProps) {
  const [open, setOpen] = useState('');
  if (records.length === 0) return null;
  return (
    <div class="log-lines">
      <LongList as="ol" items={records} height={23} keyOf={identity}>
        {(record) => {
          const id = identity(record);
          return (
            <LogLine
              record={record}
              open={open === id}
              marked={marked === id}
              onOpen={() => setOpen(open === id ? '' : id)}
              details={details}
            />
          );
        }}
      </LongList>
    </div>
  );
}

interface LogLineProps {
  readonly record: LogRecord;
  readonly open: boolean;
  readonly marked: boolean;
  readonly onOpen: () => void;
  readonly details: (record: LogRecord) => ComponentChildren;
}

function LogLine({ record, open, marked, onOpen, details }: LogLineProps) {
  const { timestamp, level } = record;
  const line = useMemo(() => clipped(lineOf(record), 600), [record]);
  return (
    <li class={`log-line ${level === 'fatal' ? 'error' : level}${marked ? ' marked' : ''}`}>
      <button type="button" aria-expanded={open} onClick={onOpen}>
        <span class="at">
          <Time at={timestamp} milliseconds />
        </span>
        <span class="level">{level === '' ? '–' : level}</span>
        <span class="from">{clipped(origin(record), 100)}</span>
        <span class="message">{line}</span>
      </button>
      {open && <Boundary name="The record">{details(record)}</Boundary>}
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
