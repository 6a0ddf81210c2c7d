import type { LogRecord } from '../lib/api.ts';
import type { Filter } from '../lib/log-text.ts';
import { LogDetails } from './log-details.tsx';
import { LogLines } from './log-lines.tsx';

/** What a search or a tail found; a record that is opened narrows the search by its fields. */
export function LogRecords({ records, onFilter }: { records: readonly LogRecord[]; onFilter: Filter }) {
  return <LogLines records={records} details={(record) => <LogDetails record={record} onFilter={onFilter} />} />;
}
