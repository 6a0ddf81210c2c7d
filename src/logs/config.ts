import { compilePath } from '../lib/glob/pattern.ts';
import { byteSize, duration, z } from '../lib/schema/schema.ts';

const format = z
  .enum(['auto', 'cri', 'docker-json', 'plain'])
  .default('auto')
  .describe('How lines are built; `auto` tells it by each line.');

/** Names that records have of their own. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  '@timestamp',
  'message',
  'stream',
  'log',
  'log.offset',
  'log.flags',
  'log.file.path',
]);

const fieldName = z
  .string()
  .min(1)
  .refine(
    (name) => !OWN_FIELDS.has(name),
    'a record has this field of its own; expected another name, such as labels.NAME',
  )
  .refine((name) => !name.split('.').includes(''), 'expected a name without empty parts between its dots');

const timezone = z
  .string()
  .refine(isTimezone, 'expected the name of a time zone, such as Europe/Berlin')
  .optional()
  .describe('Zone of times that name none, such as `Europe/Berlin`; the machine’s own where it is not given.');

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format();
    return true;
  } catch {
    return false;
  }
}

const pattern = z.string().superRefine((value, context) => {
  try {
    compilePath(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

const fileEntry = z.union([
  pattern,
  z.strictObject({
    path: pattern.describe('A path or glob: `*`, `?`, `[a-z]`, `{a,b}` within a folder name, `**` for folders.'),
    format,
    fields: z
      .record(fieldName, z.string())
      .default({})
      .describe('Fields that every record of these files carries, such as `service.name`.'),
    timezone,
  }),
]);

/** Section `logs`: which files are followed, and within which bounds. */
export const logsSchema = z.strictObject({
  containers: z
    .enum(['auto', 'true', 'false'])
    .or(z.boolean())
    .transform((value) => (typeof value === 'boolean' ? value : value === 'auto' ? 'auto' : value === 'true'))
    .prefault('auto')
    .describe('Container logs below `containers_path`; `auto` follows them where the folder is present.'),
  containers_path: z
    .string()
    .default('/var/log/pods')
    .describe('Folder in which the kubelet keeps container logs: `<namespace>_<pod>_<uid>/<container>/<restart>.log`.'),
  pods: z
    .strictObject({
      labels: z
        .array(z.string().min(1))
        .default(['app', 'app.kubernetes.io/name', 'app.kubernetes.io/component', 'app.kubernetes.io/version'])
        .describe('Labels of pods that their records carry, as `kubernetes.labels.NAME`, dots of the name being `_`.'),
      annotations: z
        .array(z.string().min(1))
        .default([])
        .describe('Annotations of pods that their records carry, as `kubernetes.annotations.NAME`.'),
    })
    .prefault({})
    .describe('What records of container logs carry of their pod, where this is a node of Kubernetes.'),
  files: z
    .array(fileEntry)
    .default(['/var/log/*.log', '/var/log/messages', '/var/log/syslog'])
    .describe('Paths or globs of other files, each a string or `{path, format, fields}`.'),
  exclude: z.array(pattern).default([]).describe('Globs of files that are never followed.'),
  read_from: z
    .enum(['auto', 'beginning', 'end'])
    .default('auto')
    .describe(
      'Where reading starts in a file that was there before its glob was first used. `auto`: container logs at their ' +
        'beginning, other files 1 MiB before their end. Files that appear later are always read from their beginning.',
    ),
  poll_interval: duration('250ms').describe(
    'How often open files are asked for new bytes; every fourth time only where a file has been quiet for 10 s.',
  ),
  scan_interval: duration('1s').describe('How often folders are asked for new, renamed and removed files.'),
  rotate_wait: duration('5s').describe(
    'How long a renamed or removed file is followed after its last byte; then a last line without line end is taken as it is.',
  ),
  partial_wait: duration('5s').describe(
    'How long a line without line end, or a record without its last part, waits for the rest in a quiet file; then it is taken as it is and marked `partial`.',
  ),
  max_files: z
    .int()
    .min(1)
    .default(4096)
    .describe(
      'Files held open at once; others are skipped, with that reason. 64 of the descriptors that the process may have are kept for other uses.',
    ),
  max_line_bytes: byteSize('1MiB').describe('Longer records are cut here and marked `truncated`.'),
  read_bytes: byteSize('512KiB').describe('Bytes read from one file before it is the next file’s turn.'),
  max_in_flight_bytes: byteSize('4MiB').describe(
    'Read and not yet accepted by the other side, over all files; reading pauses there.',
  ),
  checkpoint_interval: duration('1s').describe('How often places reached are written to disk.'),
  retry_min: duration('100ms').describe('Pause before a refused batch is offered again; doubles from there.'),
  retry_max: duration('30s').describe('Longest pause before a refused batch is offered again.'),
  stop_timeout: duration('5s').describe('How long a stop waits for batches under way.'),
});

export type LogsConfig = z.infer<typeof logsSchema>;
export type LineFormat = z.infer<typeof format>;
