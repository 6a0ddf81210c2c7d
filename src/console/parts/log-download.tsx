import { useState } from 'preact/hooks';
import { type LogRecord, api } from '../lib/api.ts';
import { messageOf } from '../lib/poll.ts';
import { Failure } from './state.tsx';

/** The server's bound for one answer. */
const MOST = 5000;

interface LogDownloadProps {
  readonly query: string;
  readonly start: number;
  readonly end: number;
}

/** Saves what a search found, up to the newest 5000 records, as one JSON object a line. */
export function LogDownload({ query, start, end }: LogDownloadProps) {
  const [error, setError] = useState('');
  const save = async () => {
    try {
      const { records, more } = await api.logs({ query, start, end, limit: MOST });
      offer(records);
      setError(more ? `The file holds the newest ${MOST} records; there are more in this time.` : '');
    } catch (failure) {
      setError(messageOf(failure));
    }
  };
  return (
    <>
      <button type="button" onClick={() => void save()}>
        Download
      </button>
      <Failure error={error} />
    </>
  );
}

function offer(records: readonly LogRecord[]): void {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
  link.download = `logs-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.ndjson`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
